"""Commands that want more than a run may have, in files that take the machine for their own (pure).

On this machine `sudo` refuses, and the command that has it fails; so does what would go on when the run has
ended. In a container both are the image's. Where commands run as who runs seatrial there, what wants root
works for root, and for a user whom the image lets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.errors import Place
from seatrial.pipeline.finding import Finding, note, warning
from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.pipeline.step import Program, Shell, Step

_AS_ANOTHER = ("sudo", "doas")
# What these are given is the user's, and outlives the run.
REFUSED = (*_AS_ANOTHER, "crontab", "at", "batch")
_CERTAINLY_REFUSED = (*_AS_ANOTHER, "crontab")  # the others are words of English too
# They install packages of a system, which only root may.
_INSTALLERS = ("apt-get", "apt", "apk", "dnf", "yum")


def _begun(text: str, programs: tuple[str, ...]) -> re.Match[str] | None:
    """Where one begins a command: at a line, behind what parts commands, or in the quotes of a script."""
    return re.search(rf"(?:^|[;&|(\"'{{])[ \t]*({'|'.join(programs)})[ \t]+\S", text, re.MULTILINE)


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
    found = _begun(text, _CERTAINLY_REFUSED)
    if found:
        hint = "leave it out, or let the stage run in a container"
        yield warning(place, f"`{found[1]}` is refused outside of a container: the command fails", hint)


def _in_container(text: str, place: Place) -> Iterator[Finding]:
    found = _begun(text, _AS_ANOTHER) or _begun(text, _INSTALLERS)
    if found:
        message = f"`{found[1]}` wants root, and commands in a container run as who runs seatrial"
        yield note(place, message, "put it into the image, or run seatrial as root in a machine of its own")


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all(getattr(step, "steps", ()))
