"""The table of executors."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import cast

from seatrial.errors import BadInput
from seatrial.pipeline.pipeline import Stage, place_of
from seatrial.run.executor import Executor

ALL_EXECUTORS = {
    "local": "seatrial.run.executors.local",
    "docker": "seatrial.run.executors.docker",
}


@cache
def executor(name: str) -> Executor:
    """The executor of this name; raises KeyError."""
    return cast(Executor, import_module(ALL_EXECUTORS[name]))


def ask_for(stages: Iterable[Stage]) -> None:
    """Raise BadInput where a stage names an executor that is unknown, or that this machine cannot use."""
    first = {stage.executor: stage for stage in reversed(tuple(stages))}
    for name, stage in first.items():
        place = place_of(stage, "image" if stage.image else "executor")
        if name not in ALL_EXECUTORS:
            hint = f"there is: {', '.join(ALL_EXECUTORS)}"
            raise BadInput(f"there is no executor {name!r}", hint, place)
        if problem := executor(name).problem():
            message = f"`{stage.name}` cannot run by the executor `{name}`: {problem}"
            hint = "see `seatrial doctor`"
            hint += "; with --host the commands run on this machine" if stage.image else ""
            raise BadInput(message, hint, place)
