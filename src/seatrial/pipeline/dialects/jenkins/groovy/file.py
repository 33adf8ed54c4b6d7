"""What stands beside the pipeline block, for all scripts of the file."""

from __future__ import annotations

from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Method, Position, Statement
from seatrial.pipeline.parameter import Parameter

# The defaults of parameters that only the run can tell, by their names.
Late = dict[str, Expression]


class Passed(NamedTuple):
    """What a run passes over, where it was told to."""

    kind: str  # step, method or option
    name: str


class File(NamedTuple):
    """`variables` are the statements that run before all scripts, `parameters` those of the file,
    `passed` what of the file is passed over before its first stage, and where it stands,
    `loaded` the names of variables that hold a script, `late` the defaults that the run works out,
    `unknown` the steps, and what shared libraries have by a name, that findings have told of: no run gets to
    them but one that passes over such.

    `bindings` holds the variables of the file as scripts change them, by the run that they belong to;
    `environments`, likewise, what each block of the environment came to, None where that failed.
    """

    methods: dict[str, tuple[Method, ...]]
    variables: list[Statement]
    bindings: dict[str, dict[str, Any]]
    environments: dict[str, dict[Any, dict[str, str] | None]]
    parameters: list[Parameter]
    passed: list[tuple[Passed, Position]]
    loaded: set[str]
    late: Late
    unknown: set[str]


def empty() -> File:
    return File({}, [], {}, {}, [], [], set(), {}, set())
