"""`when` of a Jenkinsfile decides whether a stage's commands run; what comes after goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project


def jenkinsfile(when: str) -> str:
    return f"""pipeline {{
        agent any
        environment {{ DEPLOY = 'yes' }}
        stages {{
            stage('asked') {{ when {{ {when} }}
                steps {{ sh 'echo done' }}
                post {{ always {{ sh 'echo after' }} }} }}
            stage('last') {{ steps {{ sh 'echo end' }} }}
        }}
    }}"""


def ran(tmp_path: Path, when: str, facts: Facts) -> bool:
    """Whether the stage ran; the stage after it always does."""
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    pipeline, findings = parse(jenkinsfile(when), "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    result = project.run(*pipeline.stages, facts=facts)
    assert result.status == "succeeded"
    assert "end" in project.log("last").splitlines()
    status = result.outcomes["asked"].status
    if status == "skipped":
        assert "after" not in project.log("asked")
    return status == "succeeded"


MAIN = Facts(branch="main", changes=("src/a.py",))
TAGGED = Facts(tag="v1.2", event="schedule", changes=())
FORK = Facts(branch="feature/x/y", event="pull_request", changes=("docs/a.md",))


@pytest.mark.parametrize(
    ("when", "facts", "runs"),
    [
        ("branch 'main'", MAIN, True),
        ("branch 'main'", FORK, False),
        ("branch 'feature/*'", FORK, False),
        ("branch 'feature/**'", FORK, True),
        ("branch '**'", TAGGED, False),
        ("branch pattern: 'main', comparator: 'EQUALS'", MAIN, True),
        ("tag 'v*'", TAGGED, True),
        ("tag 'v*'", MAIN, False),
        ("buildingTag()", TAGGED, True),
        ("changeRequest()", FORK, True),
        ("changeRequest()", MAIN, False),
        ("changeset 'src/**'", MAIN, True),
        ("changeset 'src/**'", FORK, False),
        ("triggeredBy 'TimerTrigger'", TAGGED, True),
        ("triggeredBy 'TimerTrigger'", MAIN, False),
        ("environment name: 'DEPLOY', value: 'yes'", MAIN, True),
        ("environment name: 'DEPLOY', value: 'no'", MAIN, False),
        ("equals expected: 'main', actual: env.BRANCH_NAME", MAIN, True),
        ("expression { return env.BRANCH_NAME == 'main' && !(DEPLOY != 'yes') }", MAIN, True),
        ("expression { env.BRANCH_NAME == 'main' || env.TAG_NAME != null }", FORK, False),
        ("beforeAgent true; not { branch 'main' }", MAIN, False),
        ("anyOf { branch 'main'; tag 'v*' }", TAGGED, True),
        ("allOf { branch 'main'; environment name: 'DEPLOY', value: 'no' }", MAIN, False),
        ("branch 'main'; changeset 'docs/**'", MAIN, False),
    ],
)
def test_when(tmp_path: Path, when: str, facts: Facts, runs: bool) -> None:
    assert ran(tmp_path, when, facts) is runs


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("", "No conditions specified for when"),
        ("branches 'main'", "the condition 'branches' is not supported"),
        ("branch pattern: 'm.*', comparator: 'REGEXP'", "only the comparators GLOB and EQUALS are supported"),
        ("expression { sh 'true' }", "a condition cannot run the step 'sh'"),
        ("triggeredBy 'Other'", "the cause 'Other' is not known here"),
        ("environment name: 'BUILD_ID', value: '1'", "the value of 'BUILD_ID' is not known before"),
        ("environment name: 'A'", "environment needs a name and a value"),
        ('branch "a\'b${X}"', "branch needs one string"),
        ('equals expected: "\'\\"", actual: DEPLOY', "a text with both kinds of quotes"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_an_error(when: str, message: str) -> None:
    found = [one.message for one in parse(jenkinsfile(when), "Jenkinsfile")[1] if one.severity == "error"]
    assert len(found) == 1 and found[0].startswith(message)
