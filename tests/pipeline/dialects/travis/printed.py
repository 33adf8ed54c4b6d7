"""A pipeline and its findings as a person reads them, for the golden files.

After a wanted change: `python -m tests.pipeline.dialects.travis.printed` writes them anew; read the diff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from seatrial.pipeline.dialects.travis import parse
from seatrial.pipeline.dialects.travis.shell import CACHE, FUNCTIONS, PYTHON
from seatrial.pipeline.finding import render
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import Program, Shell

# What every job's script has.
_ALWAYS = re.compile(
    r"|:|else|fi|if \[\[ \$TRAVIS_TEST_RESULT == 0 ]]; then|_travis_end"
    r"|export TRAVIS_(JOB_|TEST_RESULT|DIST='').*"
)
GOLDENS = Path(__file__).parents[3] / "goldens" / "travis"
ENDING = ".travis.yml"


def printed(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    pipeline, findings = parse(text, ".travis.yml")
    lines = [line for stage in pipeline.stages for line in _stage(stage)]
    lines += [render(finding, text) for finding in findings]
    return "\n".join(lines) + "\n"


def of(path: Path) -> Path:
    """The golden of a file."""
    return path.with_name(path.name.removesuffix(ENDING) + ".txt")


def _stage(stage: Stage) -> Iterator[str]:
    assert stage.effects and stage.git and stage.ordered
    assert not stage.cache
    yield f"job {stage.name!r} at {stage.place} after {', '.join(stage.needs) or 'nothing'}"
    if stage.when:
        yield f"  when {stage.when}"
    if stage.decision:
        yield f"  decided by {stage.decision.source}"
    if stage.may_fail:
        yield "  may fail"
    if stage.interpreter:
        yield f"  with Python {stage.interpreter}"
    if stage.offered:
        yield f"  with the secrets {', '.join(stage.offered)}, where they are known"
    for step in (*stage.steps, *(step for block in stage.finally_ for step in block.steps)):
        if isinstance(step, Program):
            said, _, script = step.source.partition("\n")
            yield f"  a program: {said}"
            yield from _script(script)
        elif isinstance(step, Shell):
            yield from _script(step.script)
        else:
            yield f"  {step!r}"


def _script(script: str) -> Iterator[str]:
    shown = script.replace(FUNCTIONS, "").replace(CACHE, "").replace(PYTHON, "<python>")
    yield from (f"  | {line}" for line in shown.splitlines() if not _ALWAYS.fullmatch(line))


if __name__ == "__main__":
    for one in sorted(GOLDENS.glob(f"*{ENDING}")):
        of(one).write_text(printed(one), encoding="utf-8")
