"""Jobs of CircleCI, run with real commands."""

from __future__ import annotations

from pathlib import Path

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.load import load
from seatrial.run.request import RunResult
from tests.run.stages import Project, statuses

MAIN = Facts("main")  # a run of the branch main


def project_of(folder: Path) -> Project:
    """A project with one file in its commit."""
    (folder / "files").mkdir()
    (folder / "home").mkdir()
    project = Project(folder / "home", folder / "files", [])
    project.write("a/b.txt", "here\n")
    return project


def result(project: Project, text: str, facts: Facts = MAIN) -> RunResult:
    """The run of all jobs of a file in which nothing is refused, one at a time."""
    loaded = load("version: 2.1\n" + text, ".circleci/config.yml")
    assert not [one for one in loaded.findings if one.severity == "error"], loaded.findings
    return project.run(*loaded.pipeline.stages, jobs=1, dialect="circleci", facts=facts)


def ran(project: Project, text: str) -> tuple[str, str]:
    """The status of the run, and what its jobs wrote."""
    found = result(project, text)
    return found.status, "".join(f"{project.log(name)}\n" for name in found.outcomes)


def outcomes(project: Project, text: str, facts: Facts = MAIN) -> dict[str, str]:
    """The status of each job."""
    return statuses(result(project, text, facts))


def steps(*lines: str) -> str:
    return "jobs:\n  build:\n    machine: true\n    steps:\n" + "".join(f"    - {line}\n" for line in lines)


def commands(project: Project, *lines: str) -> tuple[str, str]:
    """A run of its own, and what only it wrote."""
    project.events.clear()
    return ran(project, steps(*lines))
