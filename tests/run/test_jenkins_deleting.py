"""The steps `deleteDir` and `cleanWs` of a Jenkinsfile empty the folder they are in, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project


def jenkinsfile(steps: str) -> str:
    return f"pipeline {{ agent any; stages {{ stage('one') {{ steps {{ {steps} }} }} }} }}"


@pytest.mark.parametrize("step", ["deleteDir()", "cleanWs()"])
def test_the_folder_is_empty_and_what_is_beside_it_stays(tmp_path: Path, step: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("here/.hidden/deep.txt", "1")
    project.write("beside.txt", "2")
    look = "sh 'echo inside: $(ls -A here) top: $(ls -A)'"
    text = jenkinsfile(f"dir('here') {{ {step}; sh 'pwd' }}; {look}; {step}; {look.replace('here', '.')}")
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    assert project.run(*pipeline.stages).status == "succeeded"
    lines = [line for line in project.log("one").splitlines() if line.startswith("inside:")]
    assert lines == ["inside: top: .git beside.txt here", "inside: top:"]


def test_arguments_are_refused() -> None:
    _, findings = parse(jenkinsfile("deleteDir(true)"), "Jenkinsfile")
    assert [one.message for one in findings] == ["deleteDir takes no arguments here"]
