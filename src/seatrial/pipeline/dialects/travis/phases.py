"""The lines of a phase, each handed to the function of the job's script that runs it by the phase's rule."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from seatrial.pipeline.dialects.travis.jobs import Job
from seatrial.pipeline.dialects.travis.texts import texts
from seatrial.pipeline.yaml_document import Scalar

ENDING = "_travis_ends"  # a failure is the end of the job
GOING_ON = "_travis_goes_on"  # a failure does not count
COUNTED = "_travis_script"  # a failure counts, and the lines go on
LEFT_OUT = (("skip",), ("ignore",), ("true",))


def phase(job: Job, name: str, runner: str, default: str = "") -> Iterator[str]:
    """The lines of a phase for the function that runs them."""
    return (f"{runner} {name} {quote(line)}" for line in lines_of(job, name, default))


def lines_of(job: Job, name: str, default: str = "") -> Iterator[str]:
    """The lines of a phase as the file has them, or the default where it does not say it."""
    node = job.values.get(name)
    said = texts(node) if node is not None and not (isinstance(node, Scalar) and node.is_null) else ()
    is_said = node is not None and not (isinstance(node, Scalar) and node.is_null)
    chosen = said if is_said else ((default,) if default else ())
    return (line.rstrip() for line in chosen if chosen not in LEFT_OUT)


def lines(name: str, runner: str, said: tuple[str, ...]) -> Iterator[str]:
    return (f"{runner} {name} {quote(line.rstrip())}" for line in said)
