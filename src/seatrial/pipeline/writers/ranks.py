"""A graph as ranks that run one after the other, for systems that know no needs. Pure."""

from __future__ import annotations

from seatrial.pipeline.graph import closure
from seatrial.pipeline.pipeline import Stage


def ranks(stages: tuple[Stage, ...]) -> tuple[tuple[tuple[Stage, ...], ...], tuple[Stage, ...]]:
    """The stages by the longest way to them, and those that now wait for one they do not need."""
    rank: dict[str, int] = {}
    left = list(stages)
    while left:
        ready = [stage for stage in left if all(need in rank for need in stage.needs)]
        rank |= {stage.name: 1 + max((rank[need] for need in stage.needs), default=-1) for stage in ready}
        left = [stage for stage in left if stage.name not in rank]
    count = max(rank.values(), default=-1) + 1
    groups = tuple(tuple(stage for stage in stages if rank[stage.name] == number) for number in range(count))
    waits = []
    for stage in stages:
        before = {name for name, number in rank.items() if number < rank[stage.name]}
        if before - closure(stages, [stage.name]):
            waits.append(stage)
    return groups, tuple(waits)
