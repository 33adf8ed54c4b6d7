"""All targets, by the word of the pipeline file. A new one is a file of `targets/` and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from seatrial.errors import BadInput

if TYPE_CHECKING:  # to know their names must not load what they stand on
    from seatrial.release.strategy import Strategy
    from seatrial.release.target import Target

MODULES = {
    "process": "seatrial.release.targets.process",
}


def target(name: str) -> Target:
    """Raises BadInput where there is none of this name."""
    if name not in MODULES:
        raise BadInput(f"there is no target `{name}`", hint=f"there are {', '.join(MODULES)}")
    return cast("Target", import_module(MODULES[name]))


def check_can(target: Target, strategy: Strategy) -> None:
    """Raises BadInput where the strategy needs what the target, or this machine, cannot do."""
    missing = sorted(strategy.NEEDS - target.CAN)
    if missing:
        text = f"the strategy {strategy.NAME} needs `{', '.join(missing)}`, which {target.NAME} cannot do"
        raise BadInput(text, hint="choose another strategy or another target")
    check_able(target)


def check_able(target: Target) -> None:
    """Raises BadInput where this machine lacks a part of what the target needs."""
    problem = target.problem()
    if problem:
        raise BadInput(problem, hint="see `seatrial doctor`")
