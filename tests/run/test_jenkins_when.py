"""`when` of a Jenkinsfile decides whether a stage's commands run; what comes after goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, new


def jenkinsfile(when: str) -> str:
    return f"""pipeline {{
        agent any
        environment {{ DEPLOY = 'yes' }}
        stages {{
            stage('asked') {{ when {{ {when} }}
                environment {{ OWN = 'set' }}
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
        ("branch 'MAIN'", MAIN, True),
        ("branch pattern: 'MAIN', comparator: 'EQUALS'", MAIN, False),
        ("tag 'V*'", TAGGED, True),
        (r"branch pattern: '(?<name>m\\p{Lower}+)', comparator: 'REGEXP'", MAIN, True),
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
    ("when", "facts", "runs"),
    [
        ("branch pattern: 'ma.*', comparator: 'REGEXP'", MAIN, True),
        ("branch pattern: 'ai', comparator: 'REGEXP'", MAIN, False),
        ("tag pattern: /v\\d+\\.\\d+/, comparator: 'REGEXP'", TAGGED, True),
        ('branch "${DEPLOY}"', MAIN, False),
        ("branch \"${DEPLOY == 'yes' ? 'main' : ''}\"", MAIN, True),
        ("branch null", MAIN, False),
        ("changeset 'SRC/*.PY'", MAIN, True),
        ("changeset pattern: 'SRC/**', caseSensitive: true", MAIN, False),
        ("changeset pattern: '.*\\\\.py', comparator: 'REGEXP'", MAIN, True),
        ("changelog '.*fix.*'", MAIN._replace(messages=("a fix", "b")), True),
        ("changelog 'fix'", MAIN._replace(messages=("title\n\nlong\nfix of it\n",)), False),
        ("changelog '.*^fix.*'", MAIN._replace(messages=("title\n\nlong\nfix of it\n",)), True),
        ("changelog '.*'", MAIN, False),
        ("environment name: 'DEPLOY', value: 'YES', ignoreCase: true", MAIN, True),
        ("environment name: 'DEPLOY', value: \"${DEPLOY}\"", MAIN, True),
        ("environment name: 'OWN', value: 'set'", MAIN, False),
        ("equals expected: 2, actual: 1 + 1", MAIN, True),
        ("equals expected: null, actual: currentBuild.result", MAIN, True),
        ("changeRequest target: 'main'", MAIN, False),
        ("triggeredBy cause: 'UserIdCause', detail: 'nobody-of-this-name'", MAIN, False),
        ("triggeredBy 'BuildUpstreamCause'", MAIN, False),
        ("isRestartedRun()", MAIN, False),
        ("expression { sh(returnStatus: true, script: 'exit 3') == 3 }", MAIN, True),
        ("expression { return env.OWN == 'set' }", MAIN, False),
        ("branch 'main'; expression { echo 'asked'; false }", MAIN, False),
        ("anyOf { branch 'main'; expression { error 'never asked' } }", MAIN, True),
        ("not { expression { def x = 1; x > 2 } }", MAIN, True),
    ],
)
def test_what_only_the_run_can_decide(tmp_path: Path, when: str, facts: Facts, runs: bool) -> None:
    assert ran(tmp_path, when, facts) is runs


def test_a_condition_is_asked_once_for_all_that_is_in_a_stage(tmp_path: Path) -> None:
    text = """pipeline { agent any; stages {
        stage('outer') {
            when { expression { sh 'echo asked >> ../asked'; return false } }
            stages { stage('one') { steps { sh 'echo one' } }
                     stage('two') { steps { sh 'echo two' } } }
            post { always { echo 'after' } } }
        stage('last') { steps { sh 'cat ../asked' } } } }"""
    project = new(tmp_path)
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not findings
    result = project.run(*pipeline.stages)
    found = {name: one.status for name, one in result.outcomes.items()}
    assert found.pop("last") == "succeeded" and set(found.values()) == {"skipped"}
    assert "asked" in project.log("last").splitlines()
    assert project.log("When outer").splitlines()[-1:] != ["after"]


def test_a_condition_that_throws_fails_its_stage(tmp_path: Path) -> None:
    text = """pipeline { agent any; stages {
        stage('one') { when { expression { null.length() > 1 } }
                       steps { echo 'in' } } } }"""
    project = new(tmp_path)
    result = project.run(*parse(text, "Jenkinsfile")[0].stages)
    assert result.outcomes["one"].status == "failed"
    assert "NullPointerException" in result.outcomes["one"].message
    assert "in" not in project.log("one").splitlines()


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("", "No conditions specified for when"),
        ("branches 'main'", "the condition 'branches' is not supported"),
        ("environment name: 'A'", 'Missing required parameter: "value"'),
        ("branch 4", "branch: this must be a string"),
        ("branch pattern: 'a', fruit: 'b'", 'Invalid parameter "fruit" of branch'),
        ("branch()", "branch needs one string"),
        ("anyOf(true) { branch 'a' }", "anyOf takes no arguments"),
        ("not { branch 'a'; branch 'b' }", "not holds one condition"),
        ("branch('a') { branch 'b' }", "branch takes no block"),
        ("expression { new Zot() }", "'new Zot' is not supported in a script"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_an_error(when: str, message: str) -> None:
    found = [one.message for one in parse(jenkinsfile(when), "Jenkinsfile")[1] if one.severity == "error"]
    assert len(found) == 1 and found[0].startswith(message)
