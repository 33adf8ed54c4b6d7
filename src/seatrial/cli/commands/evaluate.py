"""`seatrial evaluate`: judge a file of predictions."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from functools import partial
from typing import Any

from seatrial.cli.options import add_project, add_reports, column
from seatrial.cli.output import Output
from seatrial.errors import INCONCLUSIVE

NAME = "evaluate"
HELP = "judge a file of predictions by gates; inside a run, the verdict becomes the run's"
EXAMPLES = (
    ("seatrial evaluate out.csv --gate 'f1 >= 0.9'", "columns id, label and prediction"),
    ("seatrial evaluate out.csv --data test.csv --gate 'accuracy >= 0.8'", "labels in a file of their own"),
    (
        "seatrial evaluate new.csv --against old.csv --gate 'f1 >= old - 0.01'",
        "paired with other predictions",
    ),
    (
        "seatrial evaluate out.csv --data test.csv --against production --gate 'f1 >= production'",
        "with what is live, which predicts where it has not yet",
    ),
    ("seatrial evaluate out.csv --slices domain --report out.html", "and a page that shows it"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("predictions", help="the predictions: .csv, .parquet or .jsonl")
    parser.add_argument("--data", default="", help="labels and slices, where they are in a file of their own")
    parser.add_argument("--task", default="", help="classification or regression (default: by the columns)")
    parser.add_argument("--gate", action="append", default=[], metavar="GATE", help="what must hold")
    parser.add_argument("--against", default="", metavar="BASELINE", help="predictions, or an environment")
    parser.add_argument("--slices", action="append", default=[], metavar="COLUMN", help="also by its values")
    parser.add_argument(
        "--column", action="append", default=[], type=column, metavar="ROLE=NAME",
        help="the name of the id, label, prediction or score column",
    )  # fmt: skip
    parser.add_argument("--confidence", default="", help="95%% (default), 99%%, … or point: no tolerance")
    parser.add_argument(
        "--inconclusive", default="refuse", choices=("refuse", "ask", "accept"),
        help="what too little evidence does; who accepts it is recorded (default: refuse)",
    )  # fmt: skip
    add_reports(parser)
    add_project(parser)


def _accepted_by(output: Output, verdict: Mapping[str, Any]) -> str:
    """The name of the person at the terminal, if there is one who says yes."""
    from seatrial.system.user import by_whom

    if not output.can_ask():
        return ""
    output.warn(f"the verdict is inconclusive: {verdict['reason']}")
    return by_whom() if output.asked("Accept it?") else ""


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.project import environments, judging, reports
    from seatrial.project.project import open_home
    from seatrial.report.terminal import painted, verdict_lines
    from seatrial.report.verdict import verdict_record

    home = open_home()
    project = environments.here(home, arguments.file, arguments.project)
    slices = tuple(name for text in arguments.slices for name in text.split(",") if name)
    question = judging.Question(
        Path(arguments.predictions),
        Path(arguments.data) if arguments.data else None,
        arguments.task,
        tuple(arguments.gate),
        arguments.against,
        slices,
        tuple(arguments.column),
        arguments.confidence,
        arguments.inconclusive,
    )
    reports.ask(arguments.report)
    judged = judging.judge(home, project, question, partial(_accepted_by, output))
    shown = verdict_record(judged.record, arguments.data, judged.against)
    for name in arguments.report:  # first: whoever reads the lines may go after one
        reports.write(reports.of_verdict(project, arguments.predictions, shown, judged.exit_code), Path(name))
    output.say("\n".join(verdict_lines(arguments.predictions, shown, output.width)))
    for name in arguments.report:
        output.say(painted(f"report: {name}", "dim"))
    if judged.exit_code == INCONCLUSIVE and arguments.inconclusive == "ask" and not output.can_ask():
        output.warn(f"{painted('hint:', 'dim')} nobody is here to ask: --inconclusive accept accepts it")
    output.give({**judged.record, "exit_code": judged.exit_code})
    return judged.exit_code
