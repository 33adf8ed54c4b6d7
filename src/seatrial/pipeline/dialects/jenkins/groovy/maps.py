"""The methods of maps that take no closure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.groovy import documents, order
from seatrial.pipeline.dialects.jenkins.groovy.fixed import fixed
from seatrial.pipeline.dialects.jenkins.groovy.lists import Iteration
from seatrial.pipeline.dialects.jenkins.groovy.machine import Value
from seatrial.pipeline.dialects.jenkins.groovy.strings import inspected
from seatrial.pipeline.dialects.jenkins.values import Set, holds, written

Map = dict[Value, Value]


class Entry(NamedTuple):
    """A pair of a map, and the map."""

    key: Value
    value: Value
    source: Value = None

    @property
    def java(self) -> str:
        return "java.util.LinkedHashMap$Entry"

    def __str__(self) -> str:
        return f"{written(self.key)}={written(self.value)}"


class Defaulting(dict[Value, Value]):
    """`[:].withDefault { … }`: what is missing is made by a closure, and kept."""

    def __init__(self, values: Map, make: Value) -> None:
        super().__init__(values)
        self.make = make


def entries(values: Map) -> list[Entry]:
    return [Entry(key, value, values) for key, value in values.items()]


def found(values: Map, key: Value, default: Value = None) -> Value:
    """What a map has for a key; a number is a key of its own type only."""
    if key in values and type(key) not in (str, int) and not holds(values, key):
        return default
    return values.get(key, default)


def _getter(name: str) -> Callable[[Map], Value]:
    return lambda values: values.get(name)


def _put(values: Map, key: Value, value: Value) -> Value:
    before = values.get(key)
    values[key] = value
    return before


def _edge_of(values: Map, choose: Callable[..., Value]) -> Value:
    return choose(values, key=order.KEY) if values else None


def _where(values: Map, wanted: Callable[[tuple[Value, Value]], bool]) -> Map:
    return {key: one for key, one in values.items() if wanted((key, one))}


# No key of a map takes these names from it.
OF_JAVA: dict[str, Callable[..., Any]] = {
    "get": lambda values, key, *default: values.setdefault(key, *default) if default else found(values, key),
    "getAt": found,
    "getOrDefault": found,
    "put": _put,
    "putIfAbsent": lambda values, key, value: None if values.setdefault(key, value) is value else values[key],
    "putAll": lambda values, more: values.update(more),
    "replace": lambda values, key, value: _put(values, key, value) if key in values else None,
    "containsKey": holds,
    "containsValue": lambda values, value: holds(values.values(), value),
    "keySet": Set,
    "values": lambda values: list(values.values()),
    "entrySet": entries,
    "iterator": lambda values: Iteration(entries(values)),
    "remove": lambda values, key: values.pop(key, None),
    "isEmpty": lambda values: not values,
    "size": len,
    "clear": lambda values: values.clear(),
    "clone": lambda values: type(values)(values),
    "asImmutable": fixed,
    "plus": lambda values, more: {**values, **more},
    "minus": lambda values, more: _where(values, lambda pair: pair not in more.items()),
    "intersect": lambda values, more: _where(values, lambda pair: pair in more.items()),
    "take": lambda values, count: dict(list(values.items())[: max(count, 0)]),
    "drop": lambda values, count: dict(list(values.items())[max(count, 0) :]),
    "subMap": lambda values, keys: {key: values[key] for key in keys if key in values},
    "sort": lambda values, *_: dict(sorted(values.items(), key=lambda pair: order.KEY(pair[0]))),
    "firstKey": lambda values: _edge_of(values, min),
    "lastKey": lambda values: _edge_of(values, max),
    "toString": written,
    "toMapString": written,
    "inspect": inspected,
}
METHODS: dict[str, Callable[..., Any]] = {
    **OF_JAVA,
    **{f"get{one[0].upper()}{one[1:]}": _getter(one) for one in documents.POM_WORDS},
}
