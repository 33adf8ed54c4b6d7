"""`seatrial package`: a package made by hand."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "package"
HELP = "make a package of a model, its code and how it is served, and print its digest"
EXAMPLES = (
    ("seatrial package model/ --include serve.py --serve 'python serve.py'", "a model that can be released"),
    (
        "seatrial package model/ --include predict.py --function predict.py:answer",
        "the same without a server of its own",
    ),
    ("seatrial package model.onnx --name digits", "just a model, under a name"),
    ("seatrial package show digits", "what it holds; also: package verify, package export"),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help="the file or folder of the model, below this folder")
    parser.add_argument("--include", action="append", default=[], metavar="PATH", help="code to go with it")
    server = parser.add_mutually_exclusive_group()
    server.add_argument("--serve", default="", metavar="COMMAND", help="serves on $PORT, with $MODEL")
    server.add_argument(
        "--function",
        default="",
        metavar="FILE.py:NAME",
        help="is served by a server of seatrial's",
    )
    parser.add_argument(
        "--prediction", default="", metavar="KEY", help="of its answers (default: prediction), for labels"
    )
    parser.add_argument("--predict", default="", metavar="COMMAND", help="$MODEL $DATA → $PREDICTIONS")
    parser.add_argument("--health", default="/", metavar="PATH", help="answers 200 when ready (default: /)")
    parser.add_argument("--python", default="", metavar="FILE", help="requirements.txt of what it runs in")
    parser.add_argument("--name", default="", help="its name (default: the project)")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.project import environments, packaging
    from seatrial.project.project import open_home

    home = open_home()
    project = environments.here(home, arguments.file, arguments.project)
    wanted = packaging.Wanted(
        Path.cwd(),
        arguments.model,
        tuple(arguments.include),
        arguments.serve,
        arguments.function,
        arguments.prediction,
        arguments.predict,
        arguments.health,
        arguments.python,
        arguments.name,
    )
    digest = packaging.package(home, project, wanted)
    output.say(digest)
    output.give({"digest": digest, "project": project})
    return PASSED
