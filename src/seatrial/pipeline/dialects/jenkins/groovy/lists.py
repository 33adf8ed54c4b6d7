"""The methods of lists, sets and arrays that take no closure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from itertools import combinations, permutations, product
from typing import Any

from seatrial.pipeline.dialects.jenkins.groovy import order
from seatrial.pipeline.dialects.jenkins.groovy.fixed import Sized, fixed
from seatrial.pipeline.dialects.jenkins.groovy.machine import Value
from seatrial.pipeline.dialects.jenkins.groovy.strings import inspected
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.values import (
    Array,
    Set,
    alike,
    distinct,
    equals,
    holds,
    plus,
    written,
)

Values = list[Value]
_MOST = 100_000


class Iteration(list[Value]):
    """An iterator: what is still to come."""

    @property
    def java(self) -> str:
        return "java.util.ArrayList$Itr"


def total(values: Values, *start: Value) -> Value:
    parts = [*start, *values]
    found = parts[0] if parts else None
    for one in parts[1:]:
        found = plus(found, one)
    return found


def _got(values: Values, index: int) -> Value:
    if not 0 <= index < len(values):
        words = f"Index {index} out of bounds for length {len(values)}"
        raise Unfit(f"java.lang.IndexOutOfBoundsException: {words}")
    return values[index]


def _added(values: Values, *given: Value) -> Value:
    if len(given) > 1:
        values.insert(*given)
        return None
    before = len(values)
    values.append(given[0])
    return len(values) > before


def _added_all(values: Values, *given: Value) -> bool:
    before = len(values)
    if len(given) > 1:
        values[given[0] : given[0]] = given[1]
    else:
        values.extend(given[0])
    return len(values) > before


def _removed(values: Values, one: Value) -> Value:
    if isinstance(one, int) and not isinstance(one, bool) and not isinstance(values, Set):
        _got(values, one)
        return values.pop(one)
    if one in values:
        values.remove(one)
        return True
    return False


def _kept(values: Values, wanted: Callable[[Value], bool]) -> bool:
    """Keep what is wanted; whether anything went."""
    before = len(values)
    values[:] = [one for one in values if wanted(one)]
    return len(values) < before


def _set(values: Values, index: int, value: Value) -> Value:
    before = _got(values, index)
    values[index] = value
    return before


def _popped(values: Values, index: int) -> Value:
    if not values:
        raise Unfit("java.util.NoSuchElementException: Cannot pop() an empty List")
    return values.pop(index)


def _flat(values: Values) -> Values:
    return [one for part in values for one in (_flat(part) if isinstance(part, list) else [part])]


def _sorted(values: Values, mutate: Value = True) -> Values:
    found = order.in_order(values)
    if mutate is not False and (type(values) is list or isinstance(values, Sized)):
        values[:] = found
        return values
    return found


def _unique(values: Values, mutate: Value = True) -> Values:
    found = distinct(values)
    if mutate is not False:
        values[:] = found
        return values
    return found


def _collated(values: Values, size: int, *given: Value) -> list[Values]:
    rest = given[-1] if given and isinstance(given[-1], bool) else True
    width = given[0] if given and not isinstance(given[0], bool) else size
    parts = [values[at : at + size] for at in range(0, len(values), max(width, 1))]
    return [part for part in parts if rest or len(part) == size]


def _combined(values: Values) -> list[Values]:
    parts = [one if isinstance(one, list) else [one] for one in values]
    count = 1
    for part in parts:
        count *= len(part)
    if count > _MOST:
        raise Unfit("java.lang.OutOfMemoryError: too many combinations")
    return [list(one)[::-1] for one in product(*parts[::-1])]


def _permuted(values: Values) -> list[Values]:
    if len(values) > 8:
        raise Unfit("java.lang.OutOfMemoryError: too many permutations")
    return [list(one) for one in permutations(values)]


def _subsequences(values: Values) -> Set:
    if len(values) > 12:
        raise Unfit("java.lang.OutOfMemoryError: too many subsequences")
    counts = range(1, len(values) + 1)
    return Set(list(one) for count in counts for one in combinations(values, count))


def _swapped(values: Values, one: int, other: int) -> Values:
    values[one], values[other] = values[other], values[one]
    return values


def _stepped(values: Values, width: int) -> Values:
    return values[::width]


def _without(values: Values, more: Value) -> Values:
    gone = more if isinstance(more, list) else [more]
    return alike(values)(one for one in values if one not in gone)


def _extreme(choose: Callable[..., Value]) -> Callable[[Values], Value]:
    """What is null is neither."""
    return lambda values: choose((one for one in values if one is not None), key=order.KEY, default=None)


def _edge(values: Values, index: int, name: str) -> Value:
    if not values:
        words = f"Cannot access {name}() element from an empty List"
        raise Unfit(f"java.util.NoSuchElementException: {words}")
    return values[index]


METHODS: dict[str, Callable[..., Any]] = {
    "add": _added,
    "push": lambda values, one: not values.append(one),
    "addFirst": lambda values, one: values.insert(0, one),
    "addLast": lambda values, one: values.append(one),
    "addAll": _added_all,
    "remove": _removed,
    "removeAt": _removed,
    "removeAll": lambda values, gone: _kept(values, lambda one: one not in gone),
    "retainAll": lambda values, more: _kept(values, lambda one: one in more),
    "pop": lambda values: _popped(values, -1),
    "removeLast": lambda values: _popped(values, -1),
    "removeFirst": lambda values: _popped(values, 0),
    "poll": lambda values: values.pop(0) if values else None,
    "peek": lambda values: values[-1] if values else None,
    "set": _set,
    "get": _got,
    "getAt": lambda values, index: values[index] if -len(values) <= index < len(values) else None,
    "step": _stepped,
    "withIndex": lambda values, first=0: [[one, first + index] for index, one in enumerate(values)],
    "indexed": lambda values, first=0: {first + index: one for index, one in enumerate(values)},
    "encodeBase64": lambda values: b64encode(bytes(one % 256 for one in values)).decode(),
    "encodeHex": lambda values: bytes(one % 256 for one in values).hex(),
    "contains": holds,
    "containsAll": lambda values, more: all(holds(values, one) for one in more),
    "disjoint": lambda values, more: all(one not in values for one in more),
    "reverse": lambda values, mutate=False: _reversed(values) if mutate else values[::-1],
    "sort": _sorted,
    "toSorted": order.in_order,
    "unique": _unique,
    "toUnique": distinct,
    "sum": total,
    "min": _extreme(min),
    "max": _extreme(max),
    "flatten": _flat,
    "head": lambda values: _edge(values, 0, "head"),
    "first": lambda values: _edge(values, 0, "first"),
    "last": lambda values: _edge(values, -1, "last"),
    "tail": lambda values: values[1:],
    "init": lambda values: values[:-1],
    "takeRight": lambda values, count: values[-count:] if count > 0 else [],
    "dropRight": lambda values, count: values[:-count] if count > 0 else list(values),
    "indexOf": lambda values, one: next((at for at, each in enumerate(values) if equals(each, one)), -1),
    "lastIndexOf": lambda values, one: max(
        (at for at, each in enumerate(values) if equals(each, one)), default=-1
    ),
    "subList": lambda values, begin, end: values[begin:end],
    "toSet": Set,
    "asList": list,
    "toArray": lambda values, *_: Array(values),
    "toList": list,
    "clone": lambda values: alike(values)(values),
    "asImmutable": fixed,
    "clear": lambda values: values.clear(),
    "plus": plus,
    "minus": _without,
    "intersect": lambda values, more: alike(values)(one for one in values if one in more),
    "transpose": lambda values: [list(one) for one in zip(*values, strict=False)],
    "collate": _collated,
    "combinations": _combined,
    "permutations": _permuted,
    "subsequences": _subsequences,
    "swap": _swapped,
    "count": lambda values, one: values.count(one),
    "findAll": lambda values: [one for one in values if one],
    "collect": list,
    "collectEntries": dict,
    "empty": lambda values: not values,
    "any": any,
    "every": all,
    "iterator": Iteration,
    "listIterator": Iteration,
    "inspect": inspected,
    "toListString": written,
    "multiply": lambda values, times: values * (times if len(values) * times <= _MOST else _too_many()),
}
OF_ITERATIONS: dict[str, Callable[..., Any]] = {
    "hasNext": bool,
    "next": lambda values: _popped(values, 0),
}


def _too_many() -> int:
    raise Unfit("java.lang.OutOfMemoryError: too many values")


def _reversed(values: Values) -> Values:
    values.reverse()
    return values
