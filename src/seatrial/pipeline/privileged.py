"""Commands that want to be another user, in files that take the machine for their own (pure).

In a container `sudo` is the image's; on this machine it refuses, and the command that has it fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.pipeline.finding import Finding, warning
from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.pipeline.step import Program, Shell, Step

# Where a command begins: at a line, behind what parts commands, or in the quotes of a script in a script.
_SUDO = re.compile(r"(?:^|[;&|(\"'{])[ \t]*(sudo|doas)[ \t]+\S", re.MULTILINE)


def findings(stage: Stage) -> Iterator[Finding]:
    """A warning for a stage on this machine that calls `sudo`, at its step where the place is known."""
    if stage.action != COMMAND or stage.image:
        return
    for step in _all(stage.steps):
        text = step.script if isinstance(step, Shell) else step.source if isinstance(step, Program) else ""
        found = _SUDO.search(text)
        if found:
            place = (step.place if isinstance(step, Shell) else None) or stage.place
            hint = "leave it out, or let the stage run in a container"
            message = f"`{found[1]}` is refused outside of a container: the command fails"
            yield warning(place, message, hint)


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all(getattr(step, "steps", ()))
