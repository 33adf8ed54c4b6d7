"""The graph of stages: its order, what a choice of stages includes, what may start next, and its cycles.

Nothing here recurses: ten thousand stages in one line are as good as ten.
"""

from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heappush

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.spelling import did_you_mean


class Graph(NamedTuple):
    """Stages by name, and the stages that wait for each."""

    stages: dict[str, Stage]
    dependents: dict[str, tuple[str, ...]]


def build(stages: Iterable[Stage]) -> Graph:
    """The graph of stages; a need that names no stage is left out."""
    by_name = {stage.name: stage for stage in stages}
    dependents: dict[str, list[str]] = {name: [] for name in by_name}
    for stage in by_name.values():
        for need in dict.fromkeys(stage.needs):
            if need in dependents:
                dependents[need].append(stage.name)
    return Graph(by_name, {name: tuple(names) for name, names in dependents.items()})


def order(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """Every stage after all that it needs, else in the order of the file.

    Stages on a cycle, and those that need one, are left out: `check` refuses such a pipeline.
    """
    graph = build(stages)
    rank = {name: i for i, name in enumerate(graph.stages)}
    names = tuple(graph.stages)
    waiting = {name: len(_known_needs(graph, name)) for name in names}
    free = [rank[name] for name in names if not waiting[name]]
    heapify(free)
    ordered: list[Stage] = []
    while free:
        name = names[heappop(free)]
        ordered.append(graph.stages[name])
        for dependent in graph.dependents[name]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                heappush(free, rank[dependent])
    return tuple(ordered)


def closure(stages: Iterable[Stage], names: Iterable[str]) -> frozenset[str]:
    """The named stages and all that they need, however far."""
    by_name = {stage.name: stage for stage in stages}
    found: set[str] = set()
    waiting = [name for name in names if name in by_name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [need for need in by_name[name].needs if need in by_name]
    return frozenset(found)


def select(stages: Collection[Stage], names: Iterable[str]) -> tuple[Stage, ...]:
    """The chosen stages and all that they need, in the order of the file; without a choice, all of them.

    The name of a stage with a matrix chooses every stage of the matrix. Raises BadInput on an unknown name.
    """
    wanted = list(names)
    if not wanted:
        return tuple(stages)
    chosen: list[str] = []
    for name in wanted:
        found = [stage.name for stage in stages if name in (stage.name, stage.expanded_from)]
        if not found:
            raise BadInput(f"there is no stage `{name}`", did_you_mean(name, known_names(stages)))
        chosen += found
    included = closure(stages, chosen)
    return tuple(stage for stage in stages if stage.name in included)


def known_names(stages: Iterable[Stage]) -> tuple[str, ...]:
    """The names that a person may use: those of the file, and those that a matrix made."""
    return tuple(
        dict.fromkeys(name for stage in stages for name in (stage.expanded_from, stage.name) if name)
    )


def cycles(stages: Iterable[Stage]) -> tuple[tuple[str, ...], ...]:
    """One cycle of each knot of stages that wait for each other, from its first stage in the file's order."""
    listed = tuple(stages)
    free = {stage.name for stage in order(listed)}
    left = {stage.name: stage for stage in listed if stage.name not in free}
    rank = {name: i for i, name in enumerate(left)}
    found: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for name in left:
        path: dict[str, None] = {}
        while name not in seen and name not in path:
            path[name] = None
            name = next(need for need in left[name].needs if need in left)  # noqa: PLW2901 - walk on
        if name in path:
            trail = list(path)
            found.append(_from_first(trail[trail.index(name) :], rank))
        seen.update(path)
    return tuple(found)


def _from_first(cycle: list[str], rank: dict[str, int]) -> tuple[str, ...]:
    start = min(range(len(cycle)), key=lambda i: rank[cycle[i]])
    return tuple(cycle[start:] + cycle[:start])


def _known_needs(graph: Graph, name: str) -> frozenset[str]:
    return frozenset(need for need in graph.stages[name].needs if need in graph.stages)
