"""Runs of a Jenkinsfile, for the tests of this chapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from seatrial.pipeline.dialects.jenkins import parse
from seatrial.pipeline.pipeline import Pipeline
from seatrial.run.runner import run as run_request
from tests.run.stages import PATH, Project, RunResult

__all__ = ["Project", "RunResult", "run", "said"]


def run(
    tmp_path: Path,
    text: str,
    files: Mapping[str, str] = {},
    change: Callable[[Pipeline], Pipeline] = lambda pipeline: pipeline,
    **env: str,
) -> tuple[Project, RunResult]:
    """Run a file that has neither errors nor warnings; `change` is what the command line does to it."""
    for name in ("files", "home"):
        (tmp_path / name).mkdir(exist_ok=True)
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("commit.txt", "from the commit\n")
    for path, content in files.items():
        project.write(path, content)
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    pipeline = change(pipeline)
    request = project.request(*pipeline.stages, dialect="jenkins", finally_=pipeline.finally_)
    whole = pipeline._replace(stages=request.stages)
    request = request._replace(pipeline=whole, host_env={"PATH": PATH, **env})
    try:
        return project, run_request(request, project.events.append)
    finally:
        request.journal.close()


def said(project: Project, stage: str) -> list[str]:
    """What a stage wrote, without what the shell tells of its commands."""
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]
