"""`seatrial convert`: a pipeline file, written for another system."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_file
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "convert"
HELP = "write the pipeline file for another system, and list what is lost"
EXAMPLES = (
    ("seatrial convert --to github-actions", "print a workflow; what is lost goes to standard error"),
    ("seatrial convert --to gitlab --output .gitlab-ci.yml", "into a new file"),
    ("seatrial convert -f .travis.yml --to seatrial", "move over"),
)


def add_arguments(parser: ArgumentParser) -> None:
    from seatrial.pipeline.writers.all_writers import ALL_WRITERS

    parser.add_argument("--to", required=True, choices=tuple(ALL_WRITERS), help="the system to write for")
    add_file(parser)
    parser.add_argument("-o", "--output", default="", metavar="FILE", help="write a new file")
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.project import choice
    from seatrial.project.conversion import convert, keep
    from seatrial.project.place import in_working_copy, pipeline_path
    from seatrial.project.place import shown as seen

    path = pipeline_path(Path.cwd(), arguments.file)
    if not arguments.file and (said := choice.of_files(Path.cwd(), [seen(Path.cwd(), path)])):
        output.warn(said)
    shown = in_working_copy(Path.cwd(), arguments.file, path)
    written = convert(path, shown, arguments.dialect, arguments.to)
    if arguments.output:
        keep(Path(arguments.output), written.text, path, is_forced=arguments.force)
        output.say(f"wrote {arguments.output}")
    else:
        output.say(written.text.removesuffix("\n"))
    for loss in written.losses:
        output.warn(f"{loss.place}: lost: {loss.message}")
    output.give(
        {"to": arguments.to, "path": arguments.output or None, "text": written.text, "losses": written.losses}
    )
    return PASSED
