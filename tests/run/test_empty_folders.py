"""Folders with nothing in them among the outputs: not kept, and said so in the log of the stage."""

from __future__ import annotations

import pytest

from tests.run.stages import Project, stage

_SIX = "'model/1', 'model/2', 'model/3', 'model/4', 'model/5', …"


@pytest.mark.parametrize(
    ("script", "output", "named"),
    [
        ("mkdir -p model/logs model/a/b; echo 1 > model/w", "model/", "'model/a/b', 'model/logs'"),
        ("mkdir model", "model/", "'model'"),
        ("mkdir -p model/1 model/2 model/3 model/4 model/5 model/6", "model", _SIX),
    ],
)
def test_empty_folders_are_told(project: Project, script: str, output: str, named: str) -> None:
    assert project.run(stage("one", script, outputs=(output,))).exit_code == 0
    assert f"empty folders are not kept ({named})" in project.log("one")


def test_outputs_without_them_say_nothing(project: Project) -> None:
    one = stage(
        "one", "mkdir -p out/in; echo 1 > out/in/a; echo 2 > b; ln -s in out/link", outputs=("out", "b")
    )
    assert project.run(one).exit_code == 0
    assert "empty" not in project.log("one")
