"""`seatrial rollback`: the revision that was live before, live again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_environment, add_project, add_why
from seatrial.cli.output import Output

NAME = "rollback"
HELP = "take an environment back to a revision that it had; nothing is built"
EXAMPLES = (
    ("seatrial rollback", "to the one before, where there is only one environment"),
    ("seatrial rollback production --to 3", "to revision 3"),
    ("seatrial rollback production --why 'answers in Dutch'", "with the reason, for the history"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser, default="the only one")
    parser.add_argument("--to", default="", metavar="REVISION", help="its number (default: the one before)")
    add_why(parser)
    parser.add_argument("--wait", action="store_true", help="wait for a release that is under way there")
    parser.add_argument("--no-wait", action="store_true", help="do not watch until it is live")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.cli.releases import shown, shown_text, told
    from seatrial.project import environments
    from seatrial.project.project import open_home

    home = open_home()
    row = environments.meant(home, arguments.file, arguments.project, arguments.environment)
    release = environments.roll_back(
        home,
        row,
        to=arguments.to,
        why=arguments.why,
        in_turn=arguments.wait,
        wait=not arguments.no_wait,
        show=shown(output),
        say=shown_text(output),
    )
    return told(home, row.project, row.name, release, output)
