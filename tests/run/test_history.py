"""What another system's file finds of its commit's history: a clone, as there."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.load import load
from tests.run.stages import new

LOOK = "git log --format=%s; git status --porcelain; git rev-parse --abbrev-ref HEAD"
FILES = {
    "Jenkinsfile": f"pipeline {{ agent any; stages {{ stage('a') {{ steps {{ sh '{LOOK}' }} }} }} }}",
    ".travis.yml": f"language: minimal\nscript: '{LOOK}'\n",
    ".circleci/config.yml": "version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n    - checkout\n"
    f"    - run: {{name: look, command: '{LOOK}'}}\n",
}


@pytest.mark.parametrize("path", FILES)
def test_a_job_works_in_a_clone_of_the_commit(tmp_path: Path, path: str) -> None:
    project = new(tmp_path)
    pipeline = load(FILES[path], path).pipeline
    result = project.run(*pipeline.stages, dialect=pipeline.dialect)
    (name,) = result.outcomes
    assert result.status == "succeeded", project.log(name)
    lines = [line for line in project.log(name).splitlines() if line in ("a commit", "main")]
    assert lines == ["a commit", "main"]


def test_before_the_first_commit_it_goes_without(tmp_path: Path) -> None:
    project = new(tmp_path)
    pipeline = load("language: minimal\nscript: ls\n", ".travis.yml").pipeline
    request = project.request(*pipeline.stages, dialect="travis")
    from seatrial.run.runner import run

    result = run(request._replace(change=request.change._replace(commit="")), project.events.append)
    request.journal.close()
    assert result.status == "succeeded"
