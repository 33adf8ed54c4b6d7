"""`seatrial labels address`: where labels can be sent over HTTP."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_environment, add_project
from seatrial.cli.output import Output
from seatrial.errors import PASSED

NAME = "labels address"
HELP = "say where labels can be sent over HTTP, with which token"
EXAMPLES = (("seatrial labels address production", "the URL, and a call of curl to copy"),)


def add_arguments(parser: ArgumentParser) -> None:
    add_environment(parser, default="the only one")
    add_project(parser)


def run(arguments: Namespace, output: Output) -> int:
    from shlex import quote

    from seatrial.project import environments, labels
    from seatrial.project.project import open_home

    home = open_home()
    row = environments.meant(home, arguments.file, arguments.project, arguments.environment)
    found = labels.address(home, row)
    output.say(found.url)
    output.say(f'curl -H "Authorization: Bearer $(cat {quote(found.token_file)})" \\')
    output.say(f"  --data-binary @labels.jsonl {quote(found.url)}")
    output.give({"environment": f"{row.project}/{row.name}", **found._asdict()})
    return PASSED
