"""`seatrial package export`: a package as an OCI image layout."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import PACKAGE
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "package export"
HELP = "write a package as an OCI image layout: a folder, or a .tar"
EXAMPLES = (
    ("seatrial package export reviews/sentiment model.tar", "with its verdict and provenance"),
    ("seatrial package export 4f2a91c0 out/", "into a new folder"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("package", metavar="PACKAGE", help=PACKAGE)
    parser.add_argument("target", metavar="TARGET", help="a new folder, or a new file that ends with .tar")


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.package.read import Damaged
    from seatrial.project import meant
    from seatrial.project.project import open_home
    from seatrial.store.blobs import Missing
    from seatrial.store.export import export_layout

    home = open_home()
    digest = meant.package(home, arguments.package)
    try:
        export_layout(home.store, digest, Path(arguments.target))
    except Missing as missing:
        raise Damaged(digest, f"{missing.digest} is missing or damaged") from missing
    output.say(f"wrote {arguments.target}: {digest}")
    output.give({"digest": digest, "target": arguments.target})
    return PASSED
