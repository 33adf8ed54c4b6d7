"""The table of executors."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from seatrial.run.executor import Executor

ALL_EXECUTORS = {
    "local": "seatrial.run.executors.local",
}


@cache
def executor(name: str) -> Executor:
    """The executor of this name; raises KeyError."""
    return cast(Executor, import_module(ALL_EXECUTORS[name]))
