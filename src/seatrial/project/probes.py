"""The recorded requests that environments name: read before anything runs, and not first at a release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Pipeline, Release, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seatrial.pipeline.pipeline import Stage
    from seatrial.project.project import Project


class Recording(NamedTuple):
    """A file of recorded requests, relative to the root of the commit."""

    path: str
    text: str
    requests: int
    findings: tuple[Finding, ...]


def missing(root: Path, pipeline: Pipeline) -> Iterator[Finding]:
    """A finding for every environment whose file cannot be read."""
    for environment in pipeline.environments:
        reason = _unreadable(root / environment.probe) if environment.probe else ""
        if reason:
            text = f"the recorded requests of `{environment.name}` cannot be read: {reason}"
            hint = "the path begins at the root of the commit"
            yield error(place_of(environment, "probe"), text, hint)


def recordings(root: Path, pipeline: Pipeline) -> tuple[Recording, ...]:
    """The files that can be read, each once."""
    names = dict.fromkeys(environment.probe for environment in pipeline.environments if environment.probe)
    return tuple(_recording(root, name) for name in names if not _unreadable(root / name))


def require(project: Project, stages: Iterable[Stage]) -> None:
    """Raises BadInput where a release among the stages would find recorded requests that are none."""
    from seatrial.release import probing

    wanted = {stage.options.environment for stage in stages if isinstance(stage.options, Release)}
    for environment in project.pipeline.environments:
        if environment.probe and environment.name in wanted:
            found = probing.found_in(project.tree, environment)
            probing.frozen(project.home.store, found, environment.probe)


def _unreadable(path: Path) -> str:
    """Why, in words; "" for a file that can be read."""
    from seatrial.release.recorded import LARGEST
    from seatrial.system import files

    try:
        files.ask_regular(path)
        return f"it is larger than {LARGEST // 2**20} MiB" if path.stat().st_size > LARGEST else ""
    except BadInput as problem:
        return problem.message
    except OSError as problem:
        return problem.strerror or "it cannot be opened"


def _recording(root: Path, name: str) -> Recording:
    from seatrial.release.recorded import problems

    content = (root / name).read_bytes()
    wrong = [error(one.place, one.message, one.hint) for one in problems(content, name) if one.place]
    requests = sum(bool(line.strip()) for line in content.split(b"\n"))
    return Recording(name, content.decode("utf-8", "replace"), requests, tuple(wrong))
