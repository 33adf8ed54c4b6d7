"""`seatrial package show`: what a package holds."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_package
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "package show"
HELP = "show what a package holds"
EXAMPLES = (
    ("seatrial package show", "the newest of the project here"),
    ("seatrial package show reviews/sentiment", "the newest of that name"),
    ("seatrial package show production", "what is live there"),
    ("seatrial package show 4f2a91c0", "by the start of its digest"),
)


def add_arguments(parser: ArgumentParser) -> None:
    add_package(parser)


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.package import read
    from seatrial.project import meant
    from seatrial.project.project import look_at_home
    from seatrial.report.terminal import painted
    from seatrial.report.words import short, size

    home = look_at_home()
    shown = read.show(home.store, meant.package(home, arguments.package))
    output.say(painted(shown["digest"], "bold"))
    for label, value in (
        ("names", ", ".join(shown["names"])),
        ("model", shown["model"]),
        ("serve", shown["serve"]),
        ("predict", shown["predict"]),
        ("size", size(shown["size"])),
    ):
        if value:
            output.say(f"  {label:<9}{value}")
    for file in shown["files"]:
        output.say(f"  {short(file['digest'])}  {size(file['size']):>10}  {file['path']}")
    for one in shown["referrers"]:
        output.say(f"  {short(one['digest'])}  {one['says'] or painted(one['type'], 'dim')}")
    output.give(shown)
    return PASSED
