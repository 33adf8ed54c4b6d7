"""A file of CircleCI that asks what has changed, and the file that its pipeline goes on with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

SETUP = """\
version: 2.1
setup: true
orbs: {path-filtering: circleci/path-filtering@1.0.0}
workflows:
  always:
    jobs:
      - path-filtering/filter:
          base-revision: main
          config-path: .circleci/next.yml
          exclude: |
            docs/internal/.*
          mapping: |
            # what, and what it sets
            api/.* run-api true
            (?!api/).*[.]py level 2
            docs/.* run-docs true

            web/.* run-web true .circleci/web.yml
"""
NEXT = """\
version: 2.1
parameters: {run-api: {type: boolean, default: false}, level: {type: integer, default: 1}}
jobs: {job: {machine: true, steps: [run: echo level << pipeline.parameters.level >>]}}
workflows: {api: {when: << pipeline.parameters.run-api >>, jobs: [job]}}
"""


@pytest.fixture
def made(home: object, repository: Callable[..., Repository]) -> Repository:
    made = repository()
    made.write(".circleci/config.yml", SETUP)
    made.write(".circleci/next.yml", NEXT)
    made.write(".circleci/web.yml", NEXT)
    made.commit("one")
    made.git("switch", "--quiet", "--create", "feature")
    return made


def said(made: Repository) -> list[str]:
    """How the pipeline goes on, as the run says."""
    done = seatrial("run", "-f", ".circleci/config.yml", "--yes", folder=made.folder)
    assert done.code == 0, done.out + done.err
    return [line.partition("seatrial run ")[2] for line in done.out.splitlines() if "goes on" in line]


def test_what_has_changed_since_the_branch_was_begun_sets_the_parameters(made: Repository) -> None:
    made.write("api/x y.py", "x")
    made.commit("two")
    (words,) = said(made)
    assert words == "-f .circleci/next.yml --dialect circleci --param run-api=true"
    done = seatrial("run", *words.split(), "--yes", folder=made.folder)
    assert "│ level 1" in done.out, done.out + done.err


def test_what_is_not_committed_has_changed_too_and_what_is_excluded_has_not(made: Repository) -> None:
    made.write("tool.py", "x")
    made.write("docs/internal/x", "x")
    assert said(made) == ["-f .circleci/next.yml --dialect circleci --param level=2"]


def test_a_line_may_name_a_file_of_its_own(made: Repository) -> None:
    made.write("web/x", "x")
    made.commit("two")
    assert said(made) == ["-f .circleci/web.yml --dialect circleci --param run-web=true"]


def test_without_a_change_nothing_is_set_and_on_the_base_itself_the_last_commit_counts(
    made: Repository,
) -> None:
    made.write("README", "x")
    made.commit("two")
    assert said(made) == ["-f .circleci/next.yml --dialect circleci"]
    made.git("switch", "--quiet", "main")
    made.write("docs/x", "x")
    made.commit("three")
    assert said(made) == ["-f .circleci/next.yml --dialect circleci --param run-docs=true"]


def test_a_base_that_is_not_there_fails_the_job(made: Repository) -> None:
    made.write(".circleci/config.yml", SETUP.replace("base-revision: main", "base-revision: trunk"))
    made.commit("two")
    done = seatrial("run", "-f", ".circleci/config.yml", "--yes", folder=made.folder)
    assert done.code != 0
    assert "there is no revision trunk here to compare with: git fetch brings it" in done.out + done.err
