"""`seatrial down`: requests are finished, then everything stops."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli import wishes
from seatrial.cli.output import Output

NAME = "down"
HELP = "finish the requests, then stop everything that serves"
EXAMPLES = (
    ("seatrial down", "every environment of this project"),
    ("seatrial down --all", "everything of this home"),
)


def add_arguments(parser: ArgumentParser) -> None:
    wishes.add_arguments(parser, until="all has stopped")


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.project.environments import take_down

    return wishes.fulfil(arguments, output, "down", take_down, done="is down", asked="is to go down")
