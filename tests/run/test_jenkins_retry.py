"""The step `retry` of a Jenkinsfile: so many attempts in all, of all that stands in its block."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, RunResult

# Fails until its file has three lines.
COUNTED = "echo x >> tries; echo this is attempt $(wc -l < tries); test $(wc -l < tries) -ge 3"


def run(tmp_path: Path, steps: str) -> tuple[Project, RunResult]:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    text = f"pipeline {{ agent any\n stages {{ stage('one') {{ steps {{ {steps} }} }} }} }}"
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    return project, project.run(*pipeline.stages)


@pytest.mark.parametrize(("attempts", "status"), [(2, "failed"), (3, "succeeded"), (9, "succeeded")])
def test_it_is_tried_until_it_succeeds_but_not_more_often_than_said(
    tmp_path: Path, attempts: int, status: str
) -> None:
    project, result = run(tmp_path, f"retry({attempts}) {{ echo 'begins'; sh '{COUNTED}' }}; echo 'over'")
    lines = project.log("one").splitlines()
    assert result.status == status
    assert lines.count("begins") == min(attempts, 3)
    assert sum("it is tried again" in line for line in lines) == min(attempts, 3) - 1
    assert ("over" in lines) == (status == "succeeded")


def test_what_is_known_only_as_it_runs_is_worked_out_anew(tmp_path: Path) -> None:
    project, result = run(tmp_path, f"""retry(count: 3) {{ echo "at ${{env.HOME}}"; sh '{COUNTED}' }}""")
    assert result.status == "succeeded"
    assert sum(line.startswith("at /") for line in project.log("one").splitlines()) == 3


@pytest.mark.parametrize("count", ["'3'", "true"])
def test_a_number_of_attempts_that_is_none_is_refused(count: str) -> None:
    stage = f"stage('one') {{ steps {{ retry({count}) {{ sh 'x' }} }} }}"
    text = f"pipeline {{ agent any\n stages {{ {stage} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    assert "retry: 'count' must be a number" in [one.message for one in findings]
