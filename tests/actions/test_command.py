from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.actions import all_actions, command
from seatrial.pipeline import pipeline
from seatrial.run.request import context_of
from tests.conftest import Repository
from tests.run.stages import Project, new, stage


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new(tmp_path)


def test_the_table_has_every_kind_and_loads() -> None:
    kinds = {pipeline.COMMAND, pipeline.EVALUATE, pipeline.PREDICT, pipeline.PACKAGE, pipeline.RELEASE}
    assert {*all_actions.Actions()} == {*kinds, pipeline.APPROVE}
    assert len(all_actions.Actions()) == 6
    for kind, module in all_actions.ALL_ACTIONS.items():
        found = importlib.import_module(module)
        assert kind == found.NAME
        assert callable(found.key)
        assert callable(found.perform)


@pytest.mark.parametrize(
    "fields", [{"cache": False}, {"effects": True}, {"secrets": ("T",)}, {"workspace": "w"}]
)
def test_no_key_for_what_is_never_kept(project: Project, fields: dict[str, object]) -> None:
    request = project.request(stage("one", "true", **fields))
    context = context_of(
        request, "r-1", 1, {}, lambda _stage, _output: None, lambda: False, lambda _event: None
    )
    assert command.key(request.stages[0], context) is None
    request.journal.close()


def test_key_names_what_it_is_made_of(project: Project) -> None:
    project.write("a", "1")
    one = stage("one", "true", inputs=("a",), env=(("LR", "0.1"),), outputs=("b",))
    request = project.request(one)
    context = context_of(
        request, "r-1", 1, {}, lambda _stage, _output: None, lambda: False, lambda _event: None
    )
    key = command.key(one, context)
    request.journal.close()
    assert key is not None
    names = [name for name, _ in key.ingredients]
    assert names[:4] == ["action", "commands", "variable LR", "outputs"]
    assert names[-1] == "inputs"
    assert "python" in names


@pytest.mark.needs_git
def test_clone_for_a_stage_that_asks_for_git(project: Project, repository: Callable[[], Repository]) -> None:
    from seatrial.commit import all_sources, export

    made = repository()
    commit = made.commit("first", a_txt="1")
    before = sorted(path.name for path in made.folder.iterdir())
    script = "git log --format=%H; git status --short; git checkout -q -b evil; rm -rf .git; ls -A"
    one = stage("one", script, git=True)
    request = project.request(one)
    change = all_sources.source("git").resolve(request.store, made.folder, "HEAD")
    tree = export.tree_of(request.store, change)
    from seatrial.run.runner import run

    result = run(request._replace(change=change, tree=tree), project.events.append)
    request.journal.close()
    assert result.status == "succeeded", project.log("one")
    assert project.log("one").splitlines() == [commit, "a.txt"]
    assert sorted(path.name for path in made.folder.iterdir()) == before
    assert made.git("branch", "--list") == "* main"
