"""The variables that a stage's condition is held against."""

from __future__ import annotations

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import Stage
from seatrial.run.action import Context


def of_stage(stage: Stage, facts: Facts, context: Context) -> Facts:
    """The facts with the variables of the stage."""
    variables = {**facts.variables, **(context.assigned or {}), **dict(stage.env), **dict(stage.variables)}
    return facts._replace(variables=variables)
