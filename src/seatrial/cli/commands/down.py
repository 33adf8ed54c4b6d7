"""`seatrial down`: requests are finished, then everything stops."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli import wishes
from seatrial.cli.output import Output

NAME = "down"
HELP = "finish the requests, then stop everything that serves, and what killed runs have left"
EXAMPLES = (
    ("seatrial down", "every environment of this project"),
    ("seatrial down --all", "everything of this home"),
)


def add_arguments(parser: ArgumentParser) -> None:
    wishes.add_arguments(parser, until="all has stopped")


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.commit import export
    from seatrial.project.environments import take_down
    from seatrial.project.project import open_home
    from seatrial.run import recovery

    home = open_home()
    export.clear_left(home.store)
    for dead in recovery.recover(home.journal, home.folder):
        output.say(f"run {dead} was killed: what it had left is ended")
    return wishes.fulfil(arguments, output, "down", take_down, done="is down", asked="is to go down")
