"""The variables of `environment { }`: what the file alone determines, and what each block comes to in a run.

Within a block a variable may use another, whatever their order; its own name means the one outside, as in
PATH = "/opt/bin:${PATH}". A bare name that there is not is null here, as in Jenkins, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from seatrial.errors import StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.declarative import Variable
from seatrial.pipeline.dialects.jenkins.evaluator import (
    Failure,
    Names,
    Undetermined,
    evaluate,
    reads,
    unsupported,
)
from seatrial.pipeline.dialects.jenkins.groovy import expressions
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import Machine, Variables, Work, of_any_case
from seatrial.pipeline.dialects.jenkins.groovy.script import begin, is_needed
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Name, Position, Property
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import Scope

Layer = tuple[Variable, ...]  # one `environment { }`
Layers = tuple[Layer, ...]  # from the outside in
Lookup = Callable[[str], str | None]


class Surroundings(NamedTuple):
    """What the steps of one place share: the file, and the environment blocks around them."""

    path: str
    layers: Layers
    file: File
    booleans: frozenset[str] = frozenset()  # the parameters that are true or false
    is_after: bool = False  # they stand in `post`, which runs also where the environment is what has failed


def unguarded(value: Expression) -> Iterator[Position]:
    """Where a value says `?.`: Jenkins rewrites it, and what it makes of that says `.`."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Property) and one.operator == "?.":
            yield one.at
        waiting += [part for part in one if isinstance(part, tuple)]


def as_rewritten(value: Any) -> Any:
    """A value, or a part of one, as Jenkins has rewritten it."""
    if type(value) is tuple:
        return tuple(map(as_rewritten, value))
    if isinstance(value, Property) and value.operator == "?.":
        value = value._replace(operator=".")
    return type(value)(*map(as_rewritten, value)) if isinstance(value, tuple) else value


def within(env: Mapping[str, str], outer: Lookup) -> Lookup:
    """Look a name up in `env`, then outside of it."""
    return lambda name: env[name] if name in env else outer(name)


def in_run(scope: Scope) -> Lookup:
    """Look a name up among what processes of the run have, as Jenkins does."""
    return partial(of_any_case, scope.env)


def known(layers: Layers) -> dict[str, str]:
    """The variables whose values the file alone determines, inner ones over outer ones. Raises Failure."""
    found: dict[str, str] = {}
    for layer in layers:
        settled = _settled(layer, found)
        for variable in layer:
            found.pop(variable.name, None)
        found |= settled
    return found


def _settled(layer: Layer, outer: Mapping[str, str]) -> dict[str, str]:
    by_name = {variable.name: variable.value for variable in layer}
    done: dict[str, str] = {}
    for name in _in_order(layer):
        names = Names(_reach(name, by_name, done, outer.get), complete=False)
        try:
            if not any(True for _ in unsupported(by_name[name])):
                done[name] = written(evaluate(by_name[name], names))
        except Undetermined:
            continue
    return {name: done[name] for name in by_name if name in done}


def of_run(around: Surroundings, scope: Scope) -> Work:
    """The variables in a run: a block is evaluated once, when the first step in it begins.

    Raises Failure, StageFailed; not for what is in `post`, which has then what the file alone determines.
    """
    found: dict[str, str] = {}
    kept = around.file.environments.setdefault(scope.env.get("SEATRIAL_RUN", ""), {})
    for number, layer in enumerate(around.layers):
        where = around.layers[: number + 1]  # a block means other things in another cell of a matrix
        if kept.get(where) is None and not (around.is_after and where in kept):
            try:
                kept[where] = yield from _evaluated(layer, within(dict(found), in_run(scope)), around, scope)
            except (Failure, StageFailed):
                kept[where] = None
                if not around.is_after:
                    raise
        values = kept[where]
        found |= _settled(layer, found) if values is None else values
    return found


def has_failed(around: Surroundings, scope: Scope) -> bool:
    """Whether a block around steps of `post` is what has failed."""
    kept = around.file.environments.get(scope.env.get("SEATRIAL_RUN", ""), {})
    return any(kept.get(around.layers[: number + 1], {}) is None for number in range(len(around.layers)))


def bound(around: Surroundings, scope: Scope) -> Work:
    """The variables that scripts of the run, or what stands beside the pipeline, have set."""
    if around.file.variables:
        return (yield from begin(around.path, around.file, around.booleans, scope)).binding
    return around.file.bindings.get(scope.env.get("SEATRIAL_RUN", ""), {})


def _evaluated(layer: Layer, outer: Lookup, around: Surroundings, scope: Scope) -> Work:
    by_name = {variable.name: variable.value for variable in layer}
    done: dict[str, str] = {}
    running: Machine | None = None
    for name in _in_order(layer):
        reach = _reach(name, by_name, done, outer)
        if not is_needed(by_name[name], around.file):
            variables = yield from bound(around, scope)
            others = {one: found for one, found in variables.items() if one == name or one not in by_name}
            names = Names(reach, complete=True, booleans=around.booleans, lenient=True, bound=others)
            value = evaluate(by_name[name], names)
        else:
            running = running or (yield from begin(around.path, around.file, around.booleans, scope))
            running.env.append(_Reach(reach))
            value = yield from expressions.evaluate(by_name[name], Variables({}), running)
            running.env.pop()
        done[name] = written(value)
    return {name: done[name] for name in by_name}


class _Reach(dict[str, str]):
    """What a value can read, as the mapping that a script reads."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__()
        self._lookup = lookup

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        found = self._lookup(name)
        return default if found is None else found


def _reach(name: str, layer: Mapping[str, Expression], done: Mapping[str, str], outer: Lookup) -> Lookup:
    """What the value of `name` can read: the others of its layer, and all that is outside."""
    return lambda other: done.get(other) if other in layer and other != name else outer(other)


def _in_order(layer: Layer) -> Iterable[str]:
    """The names of a layer, each after those that its value reads. Raises Failure for a circle."""
    from graphlib import CycleError, TopologicalSorter

    if len(layer) < 2:
        return tuple(variable.name for variable in layer)
    by_name = {variable.name: variable for variable in layer}
    needed = {name: _names_read(one.value) & by_name.keys() - {name} for name, one in by_name.items()}
    try:
        return tuple(TopologicalSorter(needed).static_order())
    except CycleError as error:
        circle = error.args[1]
        message = f"environment variables refer to each other: {' → '.join(reversed(circle))}"
        raise Failure(by_name[circle[-1]].at, message) from None


def _names_read(value: Expression) -> set[str]:
    return {one.text if isinstance(one, Name) else str(one.name) for one in reads(value)}
