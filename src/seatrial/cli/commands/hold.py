"""`seatrial hold`: a release that is under way stays as it is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_environment, add_project, add_why
from seatrial.cli.output import Output

NAME = "hold"
HELP = "let the release that is under way stay as it is, until somebody says promote or abort"
EXAMPLES = (
    ("seatrial hold production", "neither more traffic, nor a promotion; a failed gate still takes it back"),
    ("seatrial hold production --why 'wait for the labels'", "with the reason, for the history"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser, default="the only one")
    add_why(parser)
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.cli.releases import told
    from seatrial.errors import PASSED
    from seatrial.project import environments
    from seatrial.project.project import open_home

    home = open_home()
    row = environments.meant(home, arguments.file, arguments.project, arguments.environment)
    release = environments.hold(home, row, why=arguments.why)
    told(home, row.project, row.name, release, output)
    return PASSED
