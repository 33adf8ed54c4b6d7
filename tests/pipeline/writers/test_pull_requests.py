"""What is written deploys no pull request that the file it comes from does not deploy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.pipeline.writers.all_writers import ALL_WRITERS, writer
from seatrial.pipeline.writers.source import source
from tests.cli.terminal import seatrial
from tests.conftest import Repository
from tests.pipeline.writers.systems import github, gitlab
from tests.pipeline.writers.systems.ran import BIN

# The first is written as commands, the second runs whole: its condition is decided as it runs.
_COMMANDS = """\
language: minimal
script: echo "built $TRAVIS_EVENT_TYPE $TRAVIS_PULL_REQUEST"
deploy: {provider: script, script: "echo it is deployed", on: {all_branches: true}}
"""
_WHOLE = f"if: sender != nobody\n{_COMMANDS}"
_OF_MAIN = _COMMANDS.replace("all_branches: true", "branch: main")
# A pull request of a fork, whose branch is named like one of ours.
_AT_GITHUB = {
    "ref": "refs/pull/17/merge",
    "ref_name": "17/merge",
    "head_ref": "main",
    "base_ref": "main",
    "event_name": "pull_request",
    "event.number": "17",
}
_AT_GITLAB: dict[str, str] = {
    "CI_COMMIT_BRANCH": "",
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_IID": "17",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
}
_SYSTEMS = sorted(ALL_WRITERS.keys() - {"travis"})


@pytest.fixture
def said(
    repository: Callable[..., Repository], tmp_path: Path, home: object, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """What the jobs of a written file say, of a push to main or of a pull request to it."""
    monkeypatch.setenv("PATH", BIN, prepend=":")
    made = repository("shop")

    def run(text: str, to: str, *, is_request: bool) -> str:
        written = writer(to).write(source(text, ".travis.yml", "travis")).text
        made.write(".travis.yml", text)
        made.write(ALL_WRITERS[to].filename, written)
        made.commit()
        log: list[str] = []
        place = tmp_path / "there"
        place.mkdir()
        if to == "github-actions":
            github.run(written, made.folder, place, log, _AT_GITHUB if is_request else None)
        elif to == "gitlab":
            gitlab.run(written, made.folder, place, log, _AT_GITLAB if is_request else None)
        else:
            words = ("--pull-request", "17:main") if is_request else ("--event", "push")
            file = ("-f", ALL_WRITERS[to].filename, "--dialect", to)
            ended = seatrial("run", "--yes", *file, *words, folder=made.folder)
            log.append(ended.out + ended.err + seatrial("logs", folder=made.folder).out)
        return "".join(log)

    return run


@pytest.mark.parametrize("to", _SYSTEMS)
@pytest.mark.parametrize("text", [_COMMANDS, _OF_MAIN, _WHOLE], ids=["commands", "of main", "whole"])
def test_a_pull_request_deploys_nothing_there_either(text: str, to: str, said: Callable[..., str]) -> None:
    found = said(text, to, is_request=True)
    assert "built pull_request 17" in found
    assert "it is deployed" not in found
    assert "not deployed: a pull request deploys nothing" in found


@pytest.mark.parametrize("to", _SYSTEMS)
def test_a_push_is_deployed_there(to: str, said: Callable[..., str]) -> None:
    found = said(_OF_MAIN, to, is_request=False)
    assert "built push false" in found
    assert "it is deployed" in found and "not deployed" not in found
