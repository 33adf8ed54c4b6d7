"""`seatrial logs`: what the stages of a run printed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "logs"
HELP = "show what the stages of a run printed"
EXAMPLES = (
    ("seatrial logs", "all stages of the last run"),
    ("seatrial logs train", "one stage of it; a restored stage has the log of the run that made it"),
    ("seatrial logs 12 train", "of run 12"),
    ("seatrial logs -f", "go on as they grow"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="RUN|STAGE", help="a run (its number or id), then stages")
    add_project(parser, with_short=False)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run is over")
    parser.add_argument("-t", "--times", action="store_true", help="show when each line was printed")


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.project import environments, stage_logs
    from seatrial.project.project import look_at_home

    home = look_at_home()
    project = environments.here(home, arguments.file, arguments.project)
    row, stages = stage_logs.meant(home, project, arguments.words)
    several, is_silent = len(stages) > 1, True
    for line in stage_logs.lines(home, row, stages, follow=arguments.follow):
        is_silent = False
        text = line.text.decode("utf-8", "replace")
        prefix = f"\x1b[2m{line.stamp} \x1b[0m" if arguments.times else ""
        prefix += f"\x1b[2m{line.stage} │ \x1b[0m" if several else ""
        output.say(f"{prefix}{text}")
        output.stream({"run": row.id, "stage": line.stage, "at": line.stamp, "text": text})
    if is_silent:
        who = "its stages" if several else f"`{stages[0]}`" if stages else "it"
        output.warn(f"run {row.number}: {who} printed nothing")
    return PASSED
