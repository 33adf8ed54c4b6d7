"""`seatrial cache`: what the store takes, without what nothing uses, and whether it is intact."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.output import Output
from seatrial.errors import PASSED, REFUSED

if TYPE_CHECKING:
    from seatrial.project.project import Home

NAME = "cache"
HELP = "say what the store takes, remove what nothing uses, or verify all of it"
EXAMPLES = (
    ("seatrial cache", "how much there is"),
    ("seatrial cache collect", "remove what no result, package, revision or recent run uses"),
    ("seatrial cache collect --older-than 30", "and forget results older than 30 days"),
    ("seatrial cache verify", "read every content; what is damaged or missing is made again by the next run"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", default="usage", choices=("usage", "collect", "verify"))
    parser.add_argument("--older-than", type=_days, default=None, metavar="DAYS", help="with collect")


def _days(text: str) -> float:
    """A number of days, from 0."""
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a number of days from 0")
    return days


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.errors import BadInput
    from seatrial.project import upkeep

    if arguments.older_than is not None and arguments.what != "collect":
        raise BadInput("--older-than goes with `seatrial cache collect`")
    with upkeep.with_room() as home:
        if arguments.what == "verify":
            return _verify(home, output)
        if arguments.what == "collect":
            return _collect(home, arguments.older_than, output)
        return _usage(home, output)


def _usage(home: Home, output: Output) -> int:
    from seatrial.project import upkeep
    from seatrial.report.words import size

    parts = upkeep.usage(home)
    for name, count in parts.items():
        output.say(f"  {name:<12} {size(count):>10}")
    output.give({"home": str(home.folder), "bytes": parts})
    return PASSED


def _collect(home: Home, older_than_days: float | None, output: Output) -> int:
    from seatrial.project import upkeep
    from seatrial.report.words import size

    removed = upkeep.collect(home, older_than_days=older_than_days)
    output.say(f"removed {removed.blobs:,} contents, {size(removed.bytes)}")
    output.give({"removed": removed, "left": upkeep.usage(home)})
    return PASSED


def _verify(home: Home, output: Output) -> int:
    from seatrial.project import upkeep

    found = upkeep.verify(home)
    for digest in found.damaged:
        output.say(f"  damaged, and removed: {digest}")
    for lost in found.lost:
        what = "package" if lost.kind == "package" else "result, now forgotten,"
        output.say(f"  the {what} {lost.name} lacks {', '.join(lost.digests)}")
    is_intact = not (found.damaged or found.lost)
    output.say("every content is there and intact" if is_intact else "`seatrial run` makes again what it can")
    output.give({"damaged": found.damaged, "lost": found.lost})
    return PASSED if is_intact else REFUSED
