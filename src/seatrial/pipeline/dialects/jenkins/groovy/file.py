"""What stands beside the pipeline block, for all scripts of the file."""

from __future__ import annotations

from typing import Any, NamedTuple

from seatrial.pipeline.dialects.jenkins.syntax import Method, Statement


class File(NamedTuple):
    """`bindings` holds the variables of the file as scripts change them, by the run that they belong to."""

    methods: dict[str, Method]
    variables: list[Statement]
    bindings: dict[str, dict[str, Any]]


def empty() -> File:
    return File({}, [], {})
