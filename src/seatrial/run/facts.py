"""The variables that a stage's condition is held against."""

from __future__ import annotations

from pathlib import Path

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import LeaveOut, Scope
from seatrial.run import surroundings
from seatrial.run.action import Context
from seatrial.run.variables import Folders

_NOWHERE = Folders(Path(), Path(), Path())  # it is decided before there is a workspace


def left_out(stage: Stage, context: Context) -> str:
    """Why the stage's own decision leaves it out; "" where it does not."""
    if stage.decision is None:
        return ""
    known = {**dict(surroundings.foreign(stage, context, _NOWHERE)), **dict(stage.env)}
    effect = next(stage.decision.start(Scope(known)), None)
    return effect.message if isinstance(effect, LeaveOut) else ""


def of_stage(stage: Stage, facts: Facts, context: Context) -> Facts:
    """The facts with the variables of the stage."""
    variables = {**facts.variables, **(context.assigned or {}), **dict(stage.env), **dict(stage.variables)}
    return facts._replace(variables=variables)
