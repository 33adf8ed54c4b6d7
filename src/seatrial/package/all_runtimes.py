"""The table of runtimes: name -> module, loaded on use."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from seatrial.package.runtime import Runtime

ALL_RUNTIMES = {"function": "seatrial.package.runtimes.function"}


def runtime(name: str) -> Runtime:
    """The runtime of that name. Raises KeyError for a name that is not in the table."""
    return cast(Runtime, import_module(ALL_RUNTIMES[name]))
