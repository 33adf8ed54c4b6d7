"""The table of actions: the kinds of a stage, loaded on use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import cast

from seatrial.pipeline import pipeline
from seatrial.run.action import Action

ALL_ACTIONS = {
    pipeline.COMMAND: "seatrial.actions.command",
    pipeline.EVALUATE: "seatrial.actions.evaluate",
    pipeline.PREDICT: "seatrial.actions.predict",
    pipeline.PACKAGE: "seatrial.actions.package",
    pipeline.RELEASE: "seatrial.actions.release",
    pipeline.APPROVE: "seatrial.actions.approve",
}


class Actions(Mapping[str, Action]):
    """The table as the runner takes it: a kind's module, imported when it is first asked for."""

    def __getitem__(self, kind: str) -> Action:
        return _loaded(kind)

    def __iter__(self) -> Iterator[str]:
        return iter(ALL_ACTIONS)

    def __len__(self) -> int:
        return len(ALL_ACTIONS)


@cache
def _loaded(kind: str) -> Action:
    return cast(Action, import_module(ALL_ACTIONS[kind]))
