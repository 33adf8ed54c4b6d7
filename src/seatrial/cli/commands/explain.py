"""`seatrial explain`: why a stage would run, or not."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_file
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "explain"
HELP = "say why a stage would run or not: which file, variable or package changed"
EXAMPLES = (
    ("seatrial explain", "every stage"),
    ("seatrial explain train", "one stage, and what it needs"),
    ("seatrial explain --commit HEAD~2 train", "in an earlier commit"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="the stages (default: all)")
    add_file(parser)
    parser.add_argument(
        "--commit", default=None, metavar="COMMIT", help="the commit (default: the working state)"
    )


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.cli.forecasts import tell
    from seatrial.project import api

    project = api.open_project(api.Wanted(Path.cwd(), arguments.file, arguments.commit, arguments.dialect))
    tell(project, api.prepare(project, arguments.stages), output)
    return PASSED
