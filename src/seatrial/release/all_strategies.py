"""All strategies, by the word of the pipeline file. A new one is a file of `strategies/` and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from seatrial.errors import BadInput

if TYPE_CHECKING:
    from seatrial.release.strategy import Strategy

MODULES = {
    "recreate": "seatrial.release.strategies.recreate",
    "blue-green": "seatrial.release.strategies.blue_green",
    "rolling": "seatrial.release.strategies.rolling",
    "canary": "seatrial.release.strategies.canary",
    "shadow": "seatrial.release.strategies.shadow",
}


def strategy(name: str) -> Strategy:
    """Raises BadInput where there is none of this name."""
    if name not in MODULES:
        raise BadInput(f"there is no strategy `{name}`", hint=f"there are {', '.join(MODULES)}")
    return cast("Strategy", import_module(MODULES[name]))
