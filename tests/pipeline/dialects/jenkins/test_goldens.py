"""Whole Jenkinsfiles: what becomes of them, and every finding with its caret."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from seatrial.pipeline.dialects.jenkins.constructs import see
from tests.pipeline.dialects.jenkins.printed import GOLDENS, printed


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*.Jenkinsfile")), ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    assert printed(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_golden_has_its_file() -> None:
    assert {path.stem for path in GOLDENS.glob("*.txt")} == {
        path.stem for path in GOLDENS.glob("*.Jenkinsfile")
    }


# What public Jenkinsfiles are made of, the most frequent of each kind first.
FREQUENT = """
agent agent.label agent.docker agent.node agent.kubernetes agent.dockerfile
environment variable GString credentials sh
post post.always post.failure post.success post.unstable post.changed post.cleanup post.aborted post.fixed
options options.buildDiscarder options.timeout options.timestamps options.disableConcurrentBuilds
options.skipDefaultCheckout options.skipStagesAfterUnstable options.parallelsAlwaysFailFast options.retry
when when.branch when.expression when.anyOf when.not when.beforeAgent when.allOf when.changeRequest
when.triggeredBy when.changeset when.environment when.buildingTag when.equals
parallel stages matrix failFast input parameters parameters.string parameters.booleanParam parameters.choice
triggers triggers.cron triggers.pollSCM tools @Library method
env.BRANCH_NAME params.X ?:
script echo junit archiveArtifacts withCredentials checkout cleanWs git dir emailext deleteDir error unstash
stash bat timeout withSonarQubeEnv node retry container build withEnv writeFile publishHTML fileExists
catchError unstable sleep readFile
if def closure list assignment map return docker.withRegistry() .trim() try docker.build() .each() .split()
currentBuild.result throw for while switch
"""


def test_every_frequent_construct_is_in_a_golden() -> None:
    texts = [path.read_text(encoding="utf-8") for path in GOLDENS.glob("*.Jenkinsfile")]
    found = {one.name for text in texts for one in see(text, "Jenkinsfile")}
    assert {*FREQUENT.split(), "? :", "[ ]", "for in"} <= found


# What of them is said by an argument, or by the way in which it is written.
SPELLED = (
    *(
        "returnStdout: true",
        "returnStatus: true",
        "sh script:",
        "sh(",
        "'GitSCM'",
        "checkout scm",
        "parallel(",
    ),
    *("agent none", "agent any", "env.", "params.", "currentBuild.result =", "${params.", "${env."),
)


@pytest.mark.parametrize("spelled", SPELLED)
def test_every_frequent_spelling_is_in_a_golden(spelled: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in GOLDENS.glob("*.Jenkinsfile")]
    assert any(spelled in text for text in texts)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_the_ends_of_lines_do_not_matter(ending: str) -> None:
    text = (GOLDENS / "wild.Jenkinsfile").read_text(encoding="utf-8")
    assert parse(text.replace("\n", ending), "Jenkinsfile") == parse(text, "Jenkinsfile")
