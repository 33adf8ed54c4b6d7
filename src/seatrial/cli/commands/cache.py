"""`seatrial cache`: what the store takes, without what nothing uses, and whether it is intact."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.output import Output
from seatrial.errors import OUR_FAULT, PASSED

NAME = "cache"
HELP = "say what the store takes, remove what nothing uses, or verify all of it"
EXAMPLES = (
    ("seatrial cache", "how much there is"),
    ("seatrial cache collect", "remove what no result, package, revision or recent run uses"),
    ("seatrial cache collect --older-than 30", "and forget results older than 30 days first"),
    ("seatrial cache verify", "read every content; damaged ones are removed and made again when needed"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", default="usage", choices=("usage", "collect", "verify"))
    parser.add_argument("--older-than", type=float, default=None, metavar="DAYS", help="with collect")


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.project.project import open_home

    home = open_home()
    if arguments.what == "verify":
        return _verify(home, output)
    from seatrial.project import upkeep
    from seatrial.report.words import size

    if arguments.what == "collect":
        removed = upkeep.collect(home, older_than_days=arguments.older_than)
        output.say(f"removed {removed.blobs:,} contents, {size(removed.bytes)}")
        output.give({"removed": removed, "left": upkeep.usage(home)})
        return PASSED
    parts = upkeep.usage(home)
    for name, count in parts.items():
        output.say(f"  {name:<12} {size(count):>10}")
    output.give({"home": str(home.folder), "bytes": parts})
    return PASSED


def _verify(home: object, output: Output) -> int:
    from seatrial.project.project import Home
    from seatrial.store import collect

    assert isinstance(home, Home)
    damaged = collect.verify(home.store)
    for digest in damaged:
        output.say(f"  damaged, and removed: {digest}")
    output.say(f"{len(damaged)} contents were damaged" if damaged else "every content is intact")
    output.give({"damaged": damaged})
    return OUR_FAULT if damaged else PASSED
