"""Ask a person: at the terminal, or ahead of time by a variable; where nobody can answer, it is a no."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import Any

from seatrial.actions.question import ask, ask_value
from seatrial.errors import Refused
from seatrial.pipeline.parameter import Parameter
from seatrial.pipeline.pipeline import APPROVE, Approve, Stage
from seatrial.run.action import Context, Key
from seatrial.run.outcome import GIVEN, SAID, SUCCEEDED, Outcome

NAME = APPROVE
# The stages that are approved, by name, with commas between them.
VARIABLE = "SEATRIAL_APPROVE"


def key(stage: Stage, context: Context) -> Key | None:  # noqa: ARG001 - an answer is never kept
    return None


def perform(stage: Stage, context: Context) -> Outcome:
    """Raises Refused for a no, and where there is nobody to ask; Interrupted."""
    names = [name.strip() for name in context.host_env.get(VARIABLE, "").split(",")]
    if stage.name in names or stage.expanded_from in filter(None, names):
        return _approved(f"approved by {VARIABLE}", _ahead(_parameters(stage)), context)
    if not sys.stdin.isatty():
        hint = f"run it at a terminal, or set {VARIABLE}={shlex.quote(stage.name)}"
        raise Refused(f"{_question(stage)} Nobody is here to answer", hint)
    if not ask(stage, _question(stage), "", context):
        raise Refused("a person said no")
    return _approved("approved at the terminal", _asked(stage, context), context)


def _approved(how: str, body: Mapping[str, Any], context: Context) -> Outcome:
    person = context.host_env.get("USER", "")
    return Outcome(SUCCEEDED, message=how, body={"approved_by": person, **body} if person else body)


def _ahead(parameters: tuple[Parameter, ...]) -> Mapping[str, Any]:
    """The values where nobody is asked, and which of them nobody has given."""
    said = [
        f"{one.name} has its default, {one.value!r}: --param {one.name}=… gives another"
        for one in parameters
        if not one.given
    ]
    return {GIVEN: {one.name: one.value for one in parameters}, SAID: said} if parameters else {}


def _asked(stage: Stage, context: Context) -> Mapping[str, Any]:
    """The values, of which the person gives those that nobody has given before."""
    parameters = _parameters(stage)
    values = {one.name: one.value if one.given else ask_value(stage, one, context) for one in parameters}
    return {GIVEN: values} if values else {}


def _parameters(stage: Stage) -> tuple[Parameter, ...]:
    return stage.options.parameters if isinstance(stage.options, Approve) else ()


def _question(stage: Stage) -> str:
    options = stage.options
    text = options.message if isinstance(options, Approve) else ""
    return text or f"Go on with {stage.name}?"
