"""The files of several systems in one folder: which is taken is said, and nothing is where one is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seatrial.errors import BAD_INPUT, PASSED
from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

JENKINS = "pipeline { agent any\n stages { stage('a') { steps { sh 'pwd' } } } }\n"
TRAVIS = "language: shell\nscript: pwd\n"
CIRCLE = "version: 2.1\njobs: {build: {machine: true, steps: [run: pwd]}}\n"
FILES = {"Jenkinsfile": JENKINS, ".travis.yml": TRAVIS, ".circleci/config.yml": CIRCLE}


@pytest.fixture
def made(home: object, repository: Callable[..., Repository]) -> Repository:
    made = repository()
    for name, text in FILES.items():
        made.write(name, text)
    made.write("below/x", "")
    made.commit("all")
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--yes"),
        ("run", "--yes", "HEAD"),
        ("run", "--dry-run"),
        ("check",),
        ("convert", "--to", "seatrial"),
    ],
)
def test_the_file_that_is_taken_is_said_once(made: Repository, words: tuple[str, ...]) -> None:
    told = seatrial(*words, folder=made.folder)
    assert told.code == PASSED, told.err
    said = "Jenkinsfile is taken, not .circleci/config.yml, .travis.yml: say which with -f"
    assert told.err.splitlines().count(said) == 1
    for name in FILES:
        assert "is taken" not in seatrial(*words, "-f", name, folder=made.folder).err


def test_the_paths_are_those_from_the_folder_that_one_stands_in(made: Repository) -> None:
    made.git("rm", "-q", "Jenkinsfile")
    told = seatrial("run", "--yes", folder=made.folder / "below")
    assert "../.travis.yml is taken, not ../.circleci/config.yml: say which with -f" in told.err
    assert (
        seatrial("run", "--yes", "-f", "../.circleci/config.yml", folder=made.folder / "below").code == PASSED
    )


def test_it_is_said_of_a_file_that_cannot_be_run_too(made: Repository) -> None:
    made.write("Jenkinsfile", "node { sh 'pwd' }\n")
    told = seatrial("run", "--yes", folder=made.folder)
    assert told.code == BAD_INPUT and "Jenkinsfile is taken, not" in told.err


def test_our_own_file_is_meant_and_one_without_stages_chooses_nothing(made: Repository) -> None:
    made.write("seatrial.yaml", "environments: {production: {target: process, address: 127.0.0.1:8080}}\n")
    assert "Jenkinsfile is taken, not" in seatrial("run", "--yes", folder=made.folder).err
    made.write("seatrial.yaml", "project: x\nstages: {a: pwd}\n")
    told = seatrial("run", folder=made.folder)
    assert told.code == PASSED and "is taken" not in told.err
