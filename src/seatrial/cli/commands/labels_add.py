"""`seatrial labels add`: say what was true, so that live answers can be judged."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from seatrial.cli.options import add_project, column, reason
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "labels add"
HELP = "add a file of labels, which are joined with the predictions of live traffic by request id"
EXAMPLES = (
    ("seatrial labels add today.csv", "columns id and label, where there is only one environment"),
    ("seatrial labels add today.parquet --environment production", "of this environment"),
    ("seatrial labels add today.jsonl --column id=request --column label=truth", "columns of other names"),
    ("seatrial labels add right.csv --correct 'the export was off by a row'", "in the place of wrong ones"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("labels", metavar="FILE", help="the labels: .csv, .parquet or .jsonl")
    parser.add_argument("--environment", default="", help="whose answers they are (default: the only one)")
    parser.add_argument(
        "--column", action="append", default=[], type=column, metavar="ROLE=NAME",
        help="the name of the id, label, prediction, revision or answered column",
    )  # fmt: skip
    parser.add_argument(
        "--correct",
        default="",
        type=reason,
        metavar="WHY",
        help="let them stand in the place of others, and why",
    )
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.cli.releases import where
    from seatrial.project import environments, labels
    from seatrial.project.project import open_home

    home = open_home()
    row = environments.meant(home, arguments.file, arguments.project, arguments.environment)
    columns, correct = dict(arguments.column), arguments.correct
    added = labels.add_file(home, row, Path(arguments.labels), columns, _said(output), correct)
    output.say(f"{where(row.project, row.name)}  {added.rows:,} labels")
    for outcome, count in added.outcomes.items():
        if count:
            output.say(f"  {count:>10,} {outcome:<14}{_MEANINGS[outcome]}")
    output.say(f"{added.still_waiting:,} labels wait for their prediction")
    output.give({"environment": f"{row.project}/{row.name}", **added._asdict()})
    return PASSED


def _said(output: Output) -> Callable[[str], None]:
    return lambda text: output.progress(f"  {text} …")


_MEANINGS = {
    "joined": "with the prediction of their request",
    "waiting": "no prediction of their request is known (yet)",
    "repeated": "what was said before",
    "contradicting": "what was said before, which counts",
    "unsampled": "their requests are not in the sample",
    "corrected": "another one was there; what gates have weighed of it stays weighed",
}
