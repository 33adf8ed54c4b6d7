"""`seatrial doctor`: what this machine has of what seatrial stands on."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.output import Output
from seatrial.errors import OUR_FAULT, PASSED

NAME = "doctor"
HELP = "look at this machine: programs, extras, the home, the disk"
EXAMPLES = (("seatrial doctor", "say what is there, what is missing, and what to do"),)

_SIGNS = {"good": "\x1b[32m✓\x1b[0m", "optional": "\x1b[33m–\x1b[0m", "bad": "\x1b[31m✗\x1b[0m"}


def add_arguments(parser: ArgumentParser) -> None:
    del parser  # it takes nothing of its own


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.project import machine

    del arguments
    found = []
    for part in machine.parts():
        found.append(part)
        output.say(f"{_SIGNS[part.state]} {part.name:<17} {part.detail}")
        if part.hint:
            output.say(f"  {'':<17} \x1b[2mhint: {part.hint}\x1b[0m")
    output.give({"parts": found})
    return OUR_FAULT if any(part.state == machine.BAD for part in found) else PASSED
