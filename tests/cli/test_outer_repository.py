"""A home inside a repository of the user's: no stage finds that repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository

PIPELINE = """\
project: reviews
stages:
  look: {run: 'git rev-parse --git-dir || echo none of $HOME'}
  leave: {run: 'cd .. && git checkout -q -b evil && git reset -q --hard', needs: [look]}
  rest: {run: 'cd "$HOME" && git add -A', needs: [look]}
"""


@pytest.mark.parametrize("place", [".", "dotfiles"])
def test_no_stage_finds_the_repository_around_the_home(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    source = repository("source")
    around = source if place == "." else repository(place)
    around.commit("what there is", profile="mine\n")
    source.write("seatrial.yaml", PIPELINE)
    source.commit("a pipeline")
    around.write("profile", "edited\n")
    monkeypatch.setenv("SEATRIAL_HOME", str(around.folder / "state"))
    before = around.git("status", "--porcelain", "--branch", "--untracked-files=no")
    ended = seatrial("run", "HEAD", folder=source.folder)
    assert "none of /" in ended.out
    assert ended.out.count("not a git repository") == 3
    assert ended.code == 1
    assert around.git("status", "--porcelain", "--branch", "--untracked-files=no") == before
    assert Path(around.folder, "profile").read_text() == "edited\n"
