"""`seatrial schema`: the JSON schema of seatrial.yaml, for completion in an editor."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.output import Output, as_json
from seatrial.errors import PASSED

NAME = "schema"
HELP = "print the JSON schema of seatrial.yaml"
EXAMPLES = (("seatrial schema > .seatrial.schema.json", "keep it for an editor"),)


def add_arguments(parser: ArgumentParser) -> None:
    del parser  # it takes nothing of its own


def run(arguments: Namespace, output: Output) -> int:
    from seatrial.pipeline.schema import json_schema

    del arguments
    schema = json_schema()
    output.say(as_json(schema, indent=2))
    output.give(schema)
    return PASSED
