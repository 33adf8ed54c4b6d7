"""Ask a person: at the terminal, or ahead of time by a variable; where nobody can answer, it is a no."""

from __future__ import annotations

import shlex
import sys

from seatrial.actions.question import ask
from seatrial.errors import Refused
from seatrial.pipeline.pipeline import APPROVE, Approve, Stage
from seatrial.run.action import SUCCEEDED, Context, Key, Outcome

NAME = APPROVE
# The stages that are approved, by name, with commas between them.
VARIABLE = "SEATRIAL_APPROVE"


def key(stage: Stage, context: Context) -> Key | None:  # noqa: ARG001 - an answer is never kept
    return None


def perform(stage: Stage, context: Context) -> Outcome:
    """Raises Refused for a no, and where there is nobody to ask; Interrupted."""
    names = [name.strip() for name in context.host_env.get(VARIABLE, "").split(",")]
    if stage.name in names or stage.expanded_from in filter(None, names):
        return _approved(f"approved by {VARIABLE}", context)
    if not sys.stdin.isatty():
        hint = f"run it at a terminal, or set {VARIABLE}={shlex.quote(stage.name)}"
        raise Refused(f"{_question(stage)} Nobody is here to answer", hint)
    if not ask(stage, _question(stage), "", context):
        raise Refused("a person said no")
    return _approved("approved at the terminal", context)


def _approved(how: str, context: Context) -> Outcome:
    person = context.host_env.get("USER", "")
    return Outcome(SUCCEEDED, message=how, body={"approved_by": person} if person else {})


def _question(stage: Stage) -> str:
    options = stage.options
    text = options.message if isinstance(options, Approve) else ""
    return text or f"Go on with {stage.name}?"
