"""Whether a stage's condition holds, and the variables that it is held against."""

from __future__ import annotations

from pathlib import Path

from seatrial.pipeline import condition
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import LeaveOut, Scope, Try
from seatrial.run import surroundings
from seatrial.run.action import Context
from seatrial.run.variables import Folders

_NOWHERE = Folders(Path(), Path(), Path())  # it is decided before there is a workspace


def left_out(stage: Stage, facts: Facts, context: Context) -> str:
    """Why the stage's condition, or its own decision, leaves it out; "" where neither does.

    Raises StageFailed for a regular expression that comes to no end.
    """
    if stage.when and not _holds(stage.when, of_stage(stage, facts, context), context):
        return f"its condition does not hold: {stage.when}"
    if stage.decision is None:
        return ""
    known = {**dict(surroundings.foreign(stage, context, _NOWHERE)), **dict(stage.env)}
    for effect in stage.decision.start(Scope(known)):
        if isinstance(effect, LeaveOut):
            return effect.message
        if isinstance(effect, Try):
            _try(effect, context)
    return ""


def _holds(when: str, facts: Facts, context: Context) -> bool:
    parsed = condition.parse(when)
    for pattern, value in condition.expensive(parsed, facts):
        _try(Try(pattern, value), context)
    return condition.evaluate(parsed, facts)


def _try(wanted: Try, context: Context) -> None:
    from seatrial.run import trying

    trying.beforehand(wanted, context.is_cancelled)


def of_stage(stage: Stage, facts: Facts, context: Context) -> Facts:
    """The facts with the variables of the stage."""
    variables = {**facts.variables, **(context.assigned or {}), **dict(stage.env), **dict(stage.variables)}
    return facts._replace(variables=variables)
