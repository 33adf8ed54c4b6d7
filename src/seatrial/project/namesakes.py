"""Pipeline files of one working copy that would release over each other: each has the repository's name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.finding import Finding, warning
from seatrial.pipeline.pipeline import Pipeline
from seatrial.project import pipeline_file
from seatrial.project.owner import second_hint
from seatrial.project.place import below, repository_name
from seatrial.project.project import OWN


def findings(root: Path, path: Path, pipeline: Pipeline) -> Iterator[Finding]:
    """A finding for every environment that another file of the working copy describes for this project."""
    if pipeline.dialect != OWN or pipeline.project or not pipeline.environments:
        return
    name = repository_name(str(root))
    others = [(other, _environments(root / other, name)) for other in _others(root, path)]
    for environment in pipeline.environments:
        for other, known in others:
            if environment.name in known:
                text = f"{other} describes `{environment.name}` of the project `{name}`, too"
                yield warning(environment.place, text, second_hint(name))


def _others(root: Path, path: Path) -> list[str]:
    """The other files of our own dialect, in the root and a folder or two below."""
    names = ALL_DIALECTS[OWN].filenames
    found = [*(name for name in names if (root / name).is_file()), *below(root, names)]
    return sorted(other for other in found if (root / other).resolve() != path.resolve())


def _environments(path: Path, project: str) -> set[str]:
    """Those that a file describes, where it is one of the project; none of one that cannot be read."""
    try:
        pipeline = pipeline_file.examine(pipeline_file.read(path), path.name).pipeline
    except BadInput:
        return set()
    is_of_it = pipeline.project in ("", project)
    return {one.name for one in pipeline.environments} if is_of_it else set()
