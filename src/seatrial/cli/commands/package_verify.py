"""`seatrial package verify`: whether a package is what its digest says."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_package
from seatrial.cli.output import Output
from seatrial.errors import PASSED, REFUSED

NAME = "package verify"
HELP = "read all of a package: is it what its digest says, and may loading it run code?"
EXAMPLES = (
    ("seatrial package verify", "the newest of the project here"),
    ("seatrial package verify reviews/sentiment", "the newest of that name"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_package(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.package.verify import verify
    from seatrial.project import meant
    from seatrial.project.project import open_home
    from seatrial.report.terminal import painted

    home = open_home()
    digest = meant.named(home, arguments.package)
    found = verify(home.store, digest)
    for problem in found.problems:
        output.say(f"{painted('damaged', 'red')}: {problem}")
    for warning in found.warnings:
        output.say(f"{painted('warning', 'yellow')}: {warning}")
    if found.warnings:
        word = painted("intact, but loading it can run code of its maker's", "yellow")
        output.say(f"{word}: {digest}")
    elif not found.problems:
        output.say(f"{painted('intact', 'green')}: {digest}")
    output.give({"digest": digest, "problems": found.problems, "warnings": found.warnings})
    return REFUSED if found.problems else PASSED
