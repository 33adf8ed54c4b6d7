"""All strategies, by the word of the pipeline file. A new one is a file of `strategies/` and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from seatrial.errors import BadInput
from seatrial.release.strategy import Strategy

MODULES = {
    "recreate": "seatrial.release.strategies.recreate",
    "blue-green": "seatrial.release.strategies.blue_green",
}


def strategy(name: str) -> Strategy:
    """Raises BadInput where there is none of this name."""
    if name not in MODULES:
        raise BadInput(f"there is no strategy `{name}`", hint=f"there are {', '.join(MODULES)}")
    return cast(Strategy, import_module(MODULES[name]))
