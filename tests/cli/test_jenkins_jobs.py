"""`build` of a Jenkinsfile: another job is run by the file that a variable names, and gives its result."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import PASSED, STAGE_FAILED
from tests.cli.terminal import Ended, seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

DEPLOY = """pipeline { agent any
    parameters { string(name: 'TO'); booleanParam(name: 'DRY', defaultValue: false) }
    stages { stage('deploy') { steps { sh 'echo "to $TO, dry $DRY"; exit ${CODE:-0}' } } }
}
"""
PARAMETERS = "[string(name: 'TO', value: 'the moon'), booleanParam(name: 'DRY', value: true)]"
OTHER = "SEATRIAL_JOB_TEAM_DEPLOY_IT=ci/deploy"


def played(repository: Callable[..., Repository], steps: str, *given: str, deploy: str = DEPLOY) -> Ended:
    made = repository()
    made.write("Jenkinsfile", f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {steps} }} }} }} }}")
    made.write("ci/deploy", deploy)
    made.commit("first")
    return seatrial("run", "--yes", *given, folder=made.folder)


def test_a_job_is_run_by_its_file_and_gives_what_it_came_to(
    home: object, repository: Callable[..., Repository]
) -> None:
    steps = f"""script {{ def made = build(job: 'team/deploy it', parameters: {PARAMETERS})
        echo "${{made.result}} ${{made.getResult()}} #${{made.number}} of ${{made.fullProjectName}}" }}"""
    ended = played(repository, steps, "--env", OTHER)
    assert ended.code == PASSED, ended.out
    assert "to the moon, dry true" in ended.out
    assert "SUCCESS SUCCESS #1 of team/deploy it" in ended.out or "#2 of team/deploy it" in ended.out


@pytest.mark.parametrize(
    ("words", "code", "goes_on"),
    [("", STAGE_FAILED, False), (", propagate: false", PASSED, True), (", wait: false", PASSED, True)],
)
def test_a_job_that_fails_fails_the_step_unless_it_is_not_to(
    home: object, repository: Callable[..., Repository], words: str, code: int, goes_on: bool
) -> None:
    steps = f"build job: 'team/deploy it'{words}; sh 'echo it goes on'"
    ended = played(repository, steps, "--env", OTHER, deploy=DEPLOY.replace("${CODE:-0}", "3"))
    assert ended.code == code
    assert ("a │ it goes on" in ended.out) == goes_on
    told = "completed with status FAILURE (propagate: false to ignore)"
    assert (told in ended.out) == (code == STAGE_FAILED)


def test_a_job_of_no_file_fails_and_says_how_to_tell_it(
    home: object, repository: Callable[..., Repository]
) -> None:
    steps = "build 'team/deploy it'; sh 'echo it goes on'"
    ended = played(repository, steps)
    assert ended.code == STAGE_FAILED
    assert "say which by --env SEATRIAL_JOB_TEAM_DEPLOY_IT=FILE" in ended.out
    assert "it goes on" not in ended.out


def test_a_file_that_is_no_pipeline_says_why_it_did_not_run(
    home: object, repository: Callable[..., Repository]
) -> None:
    ended = played(repository, "build 'team/deploy it'", "--env", OTHER, deploy="pipeline { }")
    assert ended.code == STAGE_FAILED
    assert 'Missing required section "agent"' in ended.out
    assert "the job 'team/deploy it' did not run: exit code 2" in ended.out


def test_a_file_of_another_checkout_is_run_there(
    home: object, repository: Callable[..., Repository], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "Jenkinsfile").write_text(DEPLOY)
    subprocess.run(["git", "init", "-q", str(other)], check=True)
    given = f"SEATRIAL_JOB_ELSEWHERE={other}/Jenkinsfile"
    ended = played(repository, f"build(job: 'elsewhere', parameters: {PARAMETERS})", "--env", given)
    assert ended.code == PASSED, ended.out
    assert "to the moon, dry true" in ended.out


def test_a_job_may_be_named_from_the_top(home: object, repository: Callable[..., Repository]) -> None:
    steps = """script { def made = build(job: '/team/deploy it'); echo "of ${made.fullProjectName}"
        echo "${made.resultIsWorseOrEqualTo('UNSTABLE')} ${made.resultIsBetterOrEqualTo('UNSTABLE')}"
        echo "${build(job: '/team/deploy it').resultIsBetterOrEqualTo('SUCCESS')}" }"""
    ended = played(repository, steps, "--env", OTHER)
    assert ended.code == PASSED, ended.out
    for told in ("of team/deploy it", "false true", "a │ true"):
        assert told in ended.out


def test_a_parameter_that_the_job_does_not_declare_is_passed_over(
    home: object, repository: Callable[..., Repository]
) -> None:
    more = PARAMETERS.replace("]", ", string(name: 'NOBODY', value: 'x')]")
    ended = played(repository, f"build(job: 'team/deploy it', parameters: {more})", "--env", OTHER)
    assert ended.code == PASSED, ended.out
    assert "to the moon, dry true" in ended.out
    assert "the parameter 'NOBODY' is passed over: ci/deploy does not declare it" in ended.out


def test_a_method_of_the_file_is_no_job(home: object, repository: Callable[..., Repository]) -> None:
    made = repository()
    made.write(
        "Jenkinsfile",
        "def build(x) { echo \"built ${x}\" }\npipeline { agent any\n stages { stage('a') { steps {"
        " build 'it' } } } }",
    )
    made.commit("first")
    ended = seatrial("run", "--yes", folder=made.folder)
    assert ended.code == PASSED
    assert "built it" in ended.out
