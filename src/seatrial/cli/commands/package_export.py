"""`seatrial package export`: a package as an OCI image layout."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "package export"
HELP = "write a package as an OCI image layout: a folder, or a .tar"
EXAMPLES = (
    ("seatrial package export reviews/sentiment model.tar", "with its verdict and provenance"),
    ("seatrial package export 4f2a91c0 out/", "into a new folder"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("package", help="its name, its digest, or the start of one")
    parser.add_argument("target", help="a new folder, or a new file that ends with .tar")


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.package import read
    from seatrial.project.project import open_home
    from seatrial.store.transfer import export_layout

    home = open_home()
    digest = read.resolve(home.store, arguments.package)
    export_layout(home.store, digest, Path(arguments.target))
    output.say(f"wrote {arguments.target}: {digest}")
    output.give({"digest": digest, "target": arguments.target})
    return PASSED
