"""Stages for tests."""

from __future__ import annotations

from typing import Any

from seatrial.errors import Place
from seatrial.pipeline.pipeline import Stage


def stage(name: str, *needs: str, line: int = 1, **more: Any) -> Stage:
    return Stage(name, Place("seatrial.yaml", line, 3), needs=needs, **more)


def needs(stages: tuple[Stage, ...]) -> dict[str, tuple[str, ...]]:
    return {each.name: each.needs for each in stages}
