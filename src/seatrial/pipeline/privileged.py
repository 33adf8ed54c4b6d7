"""Commands that want to be another user, in files that take the machine for their own (pure).

On this machine `sudo` refuses, and the command that has it fails. In a container it is the image's. Where
commands run as who runs seatrial there, what wants root works for root, and for a user whom the image lets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.errors import Place
from seatrial.pipeline.finding import Finding, note, warning
from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.pipeline.step import Program, Shell, Step

# Where a command begins: at a line, behind what parts commands, or in the quotes of a script in a script.
_SUDO = re.compile(r"(?:^|[;&|(\"'{])[ \t]*(sudo|doas)[ \t]+\S", re.MULTILINE)

# Programs that install packages of a system, which only root may.
_ROOTS = re.compile(r"(?:^|[;&|(\"'{])[ \t]*(apt-get|apt|apk|dnf|yum)[ \t]+\S", re.MULTILINE)


def findings(stage: Stage) -> Iterator[Finding]:
    """What a stage says that wants to be root, at its step where the place is known."""
    if stage.action != COMMAND:
        return
    for step in _all(stage.steps):
        text = step.script if isinstance(step, Shell) else step.source if isinstance(step, Program) else ""
        place = (step.place if isinstance(step, Shell) else None) or stage.place
        if not stage.image:
            yield from _here(text, place)
        elif not (
            stage.container.user or any(word.startswith("--user=") for word in stage.container.options)
        ):
            yield from _in_container(text, place)


def _here(text: str, place: Place) -> Iterator[Finding]:
    found = _SUDO.search(text)
    if found:
        hint = "leave it out, or let the stage run in a container"
        yield warning(place, f"`{found[1]}` is refused outside of a container: the command fails", hint)


def _in_container(text: str, place: Place) -> Iterator[Finding]:
    found = _SUDO.search(text) or _ROOTS.search(text)
    if found:
        message = f"`{found[1]}` wants root, and commands in a container run as who runs seatrial"
        yield note(place, message, "put it into the image, or run seatrial as root in a machine of its own")


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all(getattr(step, "steps", ()))
