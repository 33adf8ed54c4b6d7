"""`seatrial init`: a first pipeline file for a project that has none."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "init"
HELP = "write a commented seatrial.yaml that fits this project"
EXAMPLES = (
    ("seatrial init", "look at this folder and write seatrial.yaml"),
    ("seatrial init --print", "show what would be written"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", help="the project (default: this folder)")
    parser.add_argument("--print", action="store_true", help="write nothing, show it")


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.project.start import start, text_for

    folder = Path(arguments.folder)
    if arguments.print:
        text = text_for(folder)
        output.say(text.removesuffix("\n"))
        output.give({"path": None, "text": text})
        return PASSED
    path, text, lacking, left_out = start(folder)
    output.say(f"wrote {path}: read it, then `seatrial check` and `seatrial run`")
    for one in lacking:
        output.say(f"first {one}")
    if left_out:
        output.say(f"it says nothing of {left_out}")
    output.give({"path": str(path), "text": text, "lacking": lacking, "left_out": left_out})
    return PASSED
