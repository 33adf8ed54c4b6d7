"""`seatrial up`: what was live serves again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli import wishes
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "up"
HELP = "let what was released serve again, after `down` or a restart of the machine"
EXAMPLES = (
    ("seatrial up", "every environment of this project"),
    ("seatrial up production", "one of them"),
    ("seatrial up --systemd", "print a unit with which systemd keeps it all alive"),
)


def add_arguments(parser: ArgumentParser) -> None:
    wishes.add_arguments(parser, until="it serves")
    parser.add_argument("--systemd", action="store_true", help="only print a systemd user unit for this home")


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.project.environments import bring_up

    if arguments.systemd:
        return _print_unit(output)
    return wishes.fulfil(
        arguments, output, "up", bring_up, done="serves at {url}", asked="is to serve at {url}"
    )


def _print_unit(output: Output) -> int:
    from seatrial.release import unit
    from seatrial.system import settings

    text = unit.text(settings.read().home)
    output.say(text.rstrip("\n"))
    output.give({"unit": text})
    return PASSED
