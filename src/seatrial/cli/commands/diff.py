"""`seatrial diff`: how two revisions differ, and how they did."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "diff"
HELP = "compare two revisions, or packages: evidence, data, code, settings, traffic"
EXAMPLES = (
    ("seatrial diff 7 8", "two revisions, where there is only one environment"),
    ("seatrial diff staging/3 production/8", "of two environments"),
    ("seatrial diff 4f2a91c0 production", "a package by the start of its digest, and what is live"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("before", help="a revision (7, production/7) or a package")
    parser.add_argument("after", help="what to compare it with")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.project import differing, environments
    from seatrial.project.project import look_at_home
    from seatrial.report import difference

    home = look_at_home()
    project = environments.here(home, arguments.file, arguments.project)
    found = differing.difference(home, project, arguments.before, arguments.after, Path.cwd())
    output.say("\n".join(difference.lines(found)))
    output.give(found)
    return PASSED
