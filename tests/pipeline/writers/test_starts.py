"""What is written knows what has started it, and deploys then what the file that it comes from deploys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from seatrial.pipeline.writers.all_writers import ALL_WRITERS, writer
from seatrial.pipeline.writers.source import source
from tests.cli.terminal import seatrial
from tests.conftest import Repository
from tests.pipeline.writers.systems import github, gitlab
from tests.pipeline.writers.systems.ran import BIN

pytestmark = pytest.mark.slow

# The first is written as commands, the second runs whole: its condition is decided as it runs.
_COMMANDS = """\
language: minimal
script: echo "built $TRAVIS_EVENT_TYPE $TRAVIS_PULL_REQUEST"
deploy: {provider: script, script: "echo it is deployed", on: {all_branches: true}}
"""
_WHOLE = f"if: sender != nobody\n{_COMMANDS}"
_OF_MAIN = _COMMANDS.replace("all_branches: true", "branch: main")
_OF_TAGS = _COMMANDS.replace("all_branches: true", "tags: true")
_SYSTEMS = sorted(ALL_WRITERS.keys() - {"travis"})


class _Start(NamedTuple):
    """What starts a run: as arguments of ours, and as what GitHub and GitLab say of it."""

    words: tuple[str, ...]
    github: Mapping[str, str] = {}
    gitlab: Mapping[str, str] = {}
    tag: str = ""


_PUSH = _Start(("--event", "push"))
_SCHEDULE = _Start(("--event", "schedule"), {"event_name": "schedule"}, {"CI_PIPELINE_SOURCE": "schedule"})
_TAG = _Start(
    ("--event", "push"),
    {"ref": "refs/tags/v1", "ref_name": "v1", "ref_type": "tag"},
    {"CI_COMMIT_BRANCH": "", "CI_COMMIT_TAG": "v1"},
    tag="v1",
)
# Of a fork, whose branch is named like one of ours.
_REQUEST = _Start(
    ("--pull-request", "17:main"),
    {
        "ref": "refs/pull/17/merge",
        "ref_name": "17/merge",
        "head_ref": "main",
        "base_ref": "main",
        "event_name": "pull_request",
        "event.number": "17",
    },
    {
        "CI_COMMIT_BRANCH": "",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "17",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    },
)


@pytest.fixture
def said(
    repository: Callable[..., Repository], tmp_path: Path, home: object, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """What the jobs of a written file say."""
    monkeypatch.setenv("PATH", BIN, prepend=":")
    made = repository("shop")

    def run(text: str, to: str, start: _Start) -> str:
        written = writer(to).write(source(text, ".travis.yml", "travis")).text
        made.write(".travis.yml", text)
        made.write(ALL_WRITERS[to].filename, written)
        made.commit()
        if start.tag:
            made.git("tag", start.tag)
            made.git("checkout", "-q", "--detach")  # of no branch
        log: list[str] = []
        place = tmp_path / "there"
        place.mkdir()
        if to == "github-actions":
            github.run(written, made.folder, place, log, start.github)
        elif to == "gitlab":
            gitlab.run(written, made.folder, place, log, start.gitlab)
        else:
            file = ("-f", ALL_WRITERS[to].filename, "--dialect", to)
            ended = seatrial("run", "--yes", *file, *start.words, folder=made.folder)
            log.append(ended.out + ended.err + seatrial("logs", folder=made.folder).out)
        return "".join(log)

    return run


@pytest.mark.parametrize("to", _SYSTEMS)
@pytest.mark.parametrize("text", [_COMMANDS, _OF_MAIN, _WHOLE], ids=["commands", "of main", "whole"])
def test_a_pull_request_deploys_nothing_there_either(text: str, to: str, said: Callable[..., str]) -> None:
    found = said(text, to, _REQUEST)
    assert "built pull_request 17" in found
    assert "it is deployed" not in found
    assert "not deployed: a pull request deploys nothing" in found


@pytest.mark.parametrize("to", _SYSTEMS)
@pytest.mark.parametrize(("text", "start"), [(_OF_MAIN, _PUSH), (_OF_TAGS, _TAG)], ids=["of main", "of tags"])
def test_what_is_pushed_is_deployed_there(
    text: str, start: _Start, to: str, said: Callable[..., str]
) -> None:
    found = said(text, to, start)
    assert "built push false" in found
    assert "it is deployed" in found and "not deployed" not in found


@pytest.mark.parametrize("to", _SYSTEMS)
def test_what_is_for_tags_is_not_deployed_of_a_branch(to: str, said: Callable[..., str]) -> None:
    assert "it is deployed" not in said(_OF_TAGS, to, _PUSH)


@pytest.mark.parametrize("to", _SYSTEMS)
@pytest.mark.parametrize("text", [_COMMANDS, _WHOLE], ids=["commands", "whole"])
def test_a_schedule_is_no_push_there_either(text: str, to: str, said: Callable[..., str]) -> None:
    assert "built cron false" in said(text, to, _SCHEDULE)
