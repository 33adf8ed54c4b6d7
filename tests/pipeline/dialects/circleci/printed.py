"""A pipeline and its findings as a person reads them, for the golden files.

After a wanted change: `python -m tests.pipeline.dialects.circleci.printed` writes them anew; read the diff.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seatrial.pipeline.dialects.circleci import parse
from seatrial.pipeline.dialects.circleci.shell import FINISH, prepared
from seatrial.pipeline.dialects.circleci.steps import BEGIN
from seatrial.pipeline.finding import render
from seatrial.pipeline.pipeline import Approve, Stage
from seatrial.pipeline.step import Shell, Step

GOLDENS = Path(__file__).parents[3] / "goldens" / "circleci"
ENDING = ".circleci.yml"

_ALWAYS = frozenset(prepared([]).splitlines())  # what every first step has
_SHOWN = ("accepts", "when", "env", "outputs", "reports", "offered", "image", "services")


def printed(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    pipeline, findings = parse(text, ".circleci/config.yml")
    lines = [f"parameter {one.name}: {one.kind} {one.value!r} {one.choices}" for one in pipeline.parameters]
    lines += [line for stage in pipeline.stages for line in _stage(stage)]
    lines += [render(finding, text) for finding in findings]
    return "\n".join(lines) + "\n"


def of(path: Path) -> Path:
    """The golden of a file."""
    return path.with_name(path.name.removesuffix(ENDING) + ".txt")


def _stage(stage: Stage) -> Iterator[str]:
    assert stage.effects and stage.ordered
    assert not stage.cache
    yield f"job {stage.name!r} at {stage.place} after {', '.join(stage.needs) or 'nothing'}"
    if isinstance(stage.options, Approve):
        yield f"  {stage.options.message}"
    for name in _SHOWN:
        if value := getattr(stage, name):
            yield f"  {name}: {value}"
    if stage.container.user:
        yield f"  as the user {stage.container.user}"
    for step in stage.steps:
        yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    if not isinstance(step, Shell):
        yield f"  {step!r}"
    elif step.script != FINISH:
        limit = "" if step.silence_seconds in (None, 600.0) else f" (silent for {step.silence_seconds:g} s)"
        lines = step.script.removeprefix(BEGIN).splitlines()
        yield from (f"  | {line}{limit}" for line in lines if line not in _ALWAYS)


if __name__ == "__main__":
    for one in sorted(GOLDENS.glob(f"*{ENDING}")):
        of(one).write_text(printed(one), encoding="utf-8")
