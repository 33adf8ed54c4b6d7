"""`seatrial promote`: a release that waits goes on."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_environment, add_project, reason
from seatrial.cli.output import Output

NAME = "promote"
HELP = "let the release that is under way go on from the step where it waits"
EXAMPLES = (
    ("seatrial promote production", "end a hold, answer an ask, wait no longer"),
    ("seatrial promote production --why 'tried by hand'", "go on without the evidence that this step takes"),
    ("seatrial promote production --full --why 'agreed with the team'", "make the candidate stable now"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser, default="the only one")
    parser.add_argument("--full", action="store_true", help="through all steps, whatever evidence is missing")
    parser.add_argument(
        "--why",
        default="",
        type=reason,
        help="the reason, for the history; needed where evidence is missing, and after the deadline",
    )
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.cli.releases import told
    from seatrial.errors import PASSED
    from seatrial.project import environments
    from seatrial.project.project import open_home

    home = open_home()
    row = environments.meant(home, arguments.file, arguments.project, arguments.environment)
    release = environments.promote(home, row, full=arguments.full, why=arguments.why)
    told(home, row.project, row.name, release, output)
    return PASSED
