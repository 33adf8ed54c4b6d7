"""`seatrial hold`: a release that is under way stays as it is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_project, reason
from seatrial.cli.output import Output

NAME = "hold"
HELP = "let the release that is under way stay as it is, until somebody says promote or abort"
EXAMPLES = (
    ("seatrial hold production", "neither more traffic, nor a promotion; a failed gate still takes it back"),
    ("seatrial hold production --why 'wait for the labels'", "with the reason, for the history"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("environment", nargs="?", default="", help="the environment (default: the only one)")
    parser.add_argument("--why", default="", type=reason, help="the reason, for the history")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.cli.releases import told
    from seatrial.errors import PASSED
    from seatrial.project import environments
    from seatrial.project.project import open_home

    home = open_home()
    project = environments.here(home, arguments.file, arguments.project)
    row = environments.one(home, project, arguments.environment)
    release = environments.hold(home, row, why=arguments.why)
    told(home, row.project, row.name, release, output)
    return PASSED
