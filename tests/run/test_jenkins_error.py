"""The step `error` of a Jenkinsfile ends its stage, with its message."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project


@pytest.mark.parametrize("message", ["'no model'", '"no ${env.WHAT}"', "message: 'no model'"])
def test_error_fails_the_stage_and_its_post_runs(tmp_path: Path, message: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    text = f"""pipeline {{ agent any
        environment {{ WHAT = 'model' }}
        stages {{ stage('one') {{
            steps {{ sh 'echo before'; error {message}; sh 'echo never' }}
            post {{ failure {{ sh 'echo after' }} }}
        }} }} }}"""
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    result = project.run(*pipeline.stages)
    assert (result.status, result.outcomes["one"].message) == ("failed", "no model")
    lines = project.log("one").splitlines()
    assert "before" in lines and "after" in lines and "never" not in lines
