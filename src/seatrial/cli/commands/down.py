"""`seatrial down`: requests are finished, then everything stops."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_environment, add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "down"
HELP = "finish the requests, then stop everything that serves"
EXAMPLES = (
    ("seatrial down", "every environment of this project"),
    ("seatrial down --all", "everything of this home"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("--all", action="store_true", help="all projects of this home")
    parser.add_argument("--no-wait", action="store_true", help="do not wait until all has stopped")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.cli.releases import where
    from seatrial.project import environments
    from seatrial.project.project import open_home

    home = open_home()
    rows = environments.chosen(home, arguments.file, arguments.project, arguments.environment, arguments.all)
    for row in rows:
        environments.take_down(home, row, wait=not arguments.no_wait)
        output.say(f"{where(row.project, row.name)} is down")
    output.give({"environments": [f"{row.project}/{row.name}" for row in rows], "desired": "down"})
    if not rows:
        output.say("nothing was released here yet")
    return PASSED
