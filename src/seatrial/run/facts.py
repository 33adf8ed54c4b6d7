"""The variables that a stage's condition is held against."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import Stage
from seatrial.run import surroundings
from seatrial.run.action import Context
from seatrial.run.variables import Folders

_NOWHERE = Folders(Path(), Path(), Path())  # a condition is decided before there is a workspace


def of_stage(stage: Stage, facts: Facts, context: Context) -> Facts:
    """The facts with the variables of the stage, and with what its guards say. Raises as a guard does."""
    variables = {**facts.variables, **(context.assigned or {}), **dict(stage.env), **dict(stage.variables)}
    return facts._replace(variables={**variables, **_guarded(stage, variables, context)})


def _guarded(stage: Stage, variables: Mapping[str, str], context: Context) -> dict[str, str]:
    if not stage.guards:
        return {}
    known = {**dict(surroundings.foreign(stage, context, _NOWHERE)), "SEATRIAL_RUN": context.run, **variables}
    return {guard.name: "true" if guard.holds(known) else "false" for guard in stage.guards}
