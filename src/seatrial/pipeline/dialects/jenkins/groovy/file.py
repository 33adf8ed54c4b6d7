"""What stands beside the pipeline block, for all scripts of the file."""

from __future__ import annotations

from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.syntax import Method, Statement


class File(NamedTuple):
    """`bindings` holds the variables of the file as scripts change them, by the run that they belong to;
    `environments`, likewise, what each block of the environment came to, None where that failed.
    """

    methods: dict[str, Method]
    variables: list[Statement]
    bindings: dict[str, dict[str, Any]]
    environments: dict[str, dict[Any, dict[str, str] | None]]


def empty() -> File:
    return File({}, [], {}, {})
