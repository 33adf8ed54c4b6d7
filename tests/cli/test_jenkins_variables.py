"""A Jenkinsfile that reads what only Jenkins, or an agent of it, sets: `--env` says it."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.terminal import seatrial, within
from tests.conftest import Repository

FILE = """pipeline {
    agent { label 'builder' }
    parameters { string(name: 'TARGET', defaultValue: 'here') }
    environment { URL = "https://${REGISTRY}/v1" }
    stages {
        stage('one') { steps { echo "on ${WHICH_AGENT}"; sh 'echo "at $URL"' } }
        stage('two') {
            environment { WHICH_AGENT = 'its own' }
            steps { sh 'echo "on $WHICH_AGENT"' }
        }
    }
}"""
GIVEN = ("--env", "WHICH_AGENT=the first", "--env", "REGISTRY=nexus.test")


def said(out: str) -> list[str]:
    return [line.split("│ ")[1] for line in out.splitlines() if "│ " in line and "│ +" not in line]


def test_what_the_server_sets_is_given(home: object, repository: Callable[..., Repository]) -> None:
    made = repository()
    made.write("Jenkinsfile", FILE)
    made.commit("first")
    ended = seatrial("run", "--yes", *GIVEN, folder=made.folder)
    assert ended.code == 0, ended.err
    assert said(ended.out) == ["on the first", "at https://nexus.test/v1", "on its own"]
    without = seatrial("run", "--yes", folder=made.folder)
    assert without.code == 1
    assert "No such property: WHICH_AGENT" in without.out


def test_a_parameter_is_none(home: object, repository: Callable[..., Repository]) -> None:
    made = repository()
    made.write("Jenkinsfile", FILE)
    made.commit("first")
    ended = within("run", "--yes", "--env", "TARGET=there", folder=made.folder)
    assert (ended.code, "write --param TARGET=…" in ended.err) == (2, True)


def test_a_pipeline_of_our_own_says_its_variables(
    home: object, repository: Callable[..., Repository]
) -> None:
    made = repository()
    made.write("seatrial.yaml", "stages:\n  one: echo $A\n")
    made.commit("first")
    ended = within("run", "--env", "A=b", folder=made.folder)
    assert (ended.code, "write it in `env`" in ended.err) == (2, True)
