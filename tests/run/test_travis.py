"""Jobs of Travis CI run by their own rules, with real commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.travis import parse
from tests.run.stages import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("a/b.txt", "here\n")
    return project


def ran(project: Project, text: str) -> tuple[str, str]:
    """The status of the run, and what its jobs wrote, less the lines that repeat the commands."""
    pipeline, findings = parse("language: c\n" + text, ".travis.yml")
    assert not [one for one in findings if one.severity == "error"]
    result = project.run(*pipeline.stages, jobs=1, dialect="travis")
    log = "\n".join(project.log(stage.name) for stage in pipeline.stages)
    return result.status, "\n".join(line for line in log.splitlines() if not line.startswith("$ "))


def test_the_lines_share_one_shell(project: Project) -> None:
    status, log = ran(project, "before_script: [cd a, export X=carried]\nscript: 'cat b.txt; echo $X'\n")
    assert status == "succeeded"
    assert "here\ncarried\n" in log


def test_after_a_failure_before_the_script_nothing_else_runs(project: Project) -> None:
    status, log = ran(project, "install: 'false'\nscript: echo never\nafter_script: echo never\n")
    assert status == "failed"
    assert "never" not in log
    assert "failed and exited with 1 during install" in log


def test_every_line_of_the_script_runs_and_the_result_is_that_of_all(project: Project) -> None:
    text = (
        "script: ['false', echo second]\nafter_success: echo good\n"
        "after_failure: ['echo bad $TRAVIS_TEST_RESULT', 'false']\nafter_script: echo last\n"
    )
    status, log = ran(project, text)
    assert status == "failed"
    assert "second" in log and "bad 1" in log and "last" in log and "good" not in log


def test_what_runs_after_success_does_not_fail_the_job(project: Project) -> None:
    assert ran(project, "script: 'true && :'\nafter_success: ['false', echo good]\n")[0] == "succeeded"


def test_a_line_that_leaves_the_shell_ends_the_job(project: Project) -> None:
    status, log = ran(project, "script: [exit 3, echo never]\n")
    assert (status, "never" in log) == ("failed", False)


def test_sudo_is_refused(project: Project) -> None:
    status, log = ran(project, "script: sudo make install\n")
    assert status == "failed"
    assert "sudo is refused" in log


def test_a_job_that_may_fail_fails_no_run(project: Project) -> None:
    text = "env: [A=1, A=2]\nscript: '[ $A = 1 ]'\nmatrix:\n  allow_failures:\n  - env: A=2\n"
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "exited with 1" in log


def test_conditions_and_variables(project: Project) -> None:
    text = (
        "env: {global: ['A=\"x y\"', B=$A-z]}\n"
        "script: 'echo $B $TRAVIS_BRANCH $TRAVIS $TRAVIS_JOB_NUMBER $TRAVIS_JOB_ID'\n"
        "jobs:\n  include:\n  - {name: yes, if: 'branch =~ ^ma AND NOT tag IS present'}\n"
        "  - {name: no, if: 'branch IN (dev, next) OR type = cron'}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "x y-z main true 1.1 1001" in log
    assert log.count("x y-z") == 1
    assert "its condition does not hold" in log


def test_a_script_deploys_where_its_conditions_hold(project: Project) -> None:
    text = (
        "script: ':'\ndeploy:\n- {provider: script, script: echo deployed, on: {branch: main}}\n"
        "- {provider: pypi, on: {tags: true}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "deployed" in log and "not deployed by pypi" in log


def test_a_provider_that_is_not_here_fails_the_job_that_would_deploy(project: Project) -> None:
    status, log = ran(project, "script: ':'\ndeploy: {provider: npm, on: {all_branches: true}}\n")
    assert (status, "nothing was deployed" in log) == ("failed", True)


def test_retrying_and_waiting(project: Project) -> None:
    text = "script: ['travis_retry test -e a', 'travis_wait 1 true', 'travis_wait 1 false']\n"
    status, log = ran(project, text)
    assert status == "failed"
    assert log.count("exited with 0") == 2
