"""Lists, sets and maps that nothing can be put into; a range is such a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from seatrial.pipeline.dialects.jenkins.groovy import order
from seatrial.pipeline.dialects.jenkins.groovy.strings import inspected
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.values import Set, Value, written


def _refuse(*_: Value) -> NoReturn:
    raise Unfit("java.lang.UnsupportedOperationException: null")


_refused: Any = _refuse  # in the place of any method


class Sized(list[Value]):
    """A list of `Arrays.asList`: its items change, their number does not."""

    java = "java.util.Arrays$ArrayList"
    append = extend = insert = pop = remove = clear = __delitem__ = __iadd__ = __imul__ = _refused

    def __setitem__(self, at: Any, new: Any) -> None:
        if isinstance(at, slice) and len(new) != len(self[at]):
            _refused()
        super().__setitem__(at, new)


class FixedList(Sized):
    java = "java.util.Collections$UnmodifiableRandomAccessList"
    __setitem__ = sort = reverse = _refused


class FixedSet(Set):
    java = "java.util.Collections$UnmodifiableSet"
    append = extend = insert = pop = remove = clear = __setitem__ = __delitem__ = _refused


class FixedMap(dict[Value, Value]):
    """`params` is one as well."""

    java = "java.util.Collections$UnmodifiableMap"
    __setitem__ = __delitem__ = __ior__ = pop = popitem = update = clear = _refused

    def setdefault(self, key: Value, default: Value = None) -> Value:
        return self[key] if key in self else _refused(default)


class Range(FixedList):
    """`first..last`, with the operator between them as it was written."""

    def __init__(self, values: list[Value], first: Value, last: Value, operator: str = "..") -> None:
        super().__init__(values)
        self.first, self.last, self.operator = first, last, operator
        kind = "Empty" if not values else "Int" if type(values[0]) is int else "Object"
        self.java = f"groovy.lang.{kind}Range"

    @property
    def is_reverse(self) -> bool:
        return bool(self) and order.compared(self[0], self[-1]) > 0

    @property
    def least(self) -> Value:
        return (self[-1] if self.is_reverse else self[0]) if self else self.first

    @property
    def most(self) -> Value:
        return (self[0] if self.is_reverse else self[-1]) if self else self.last

    def has_within(self, value: Value) -> bool:
        return bool(self) and order.compared(self.least, value) <= 0 <= order.compared(self.most, value)

    def spelled(self, show: Callable[[Value], str]) -> str:
        is_whole = not self or type(self[0]) is int
        last = self.last if is_whole else self[-1]
        return f"{show(self.first)}{self.operator if is_whole else '..'}{show(last)}"


def fixed(values: Value) -> Value:
    """The same, so that nothing can be put into it. Raises TypeError."""
    kinds = {dict: FixedMap, Set: FixedSet, list: FixedList}
    make = next((make for kind, make in kinds.items() if isinstance(values, kind)), None)
    if make is None:
        raise TypeError(values)
    return make(values)


def _part(values: Range, begin: int, end: int) -> Range:
    return Range(values[begin:end], *(values[begin], values[end - 1])) if begin < end else values


OF_RANGES: dict[str, Callable[..., Any]] = {
    "getFrom": lambda values: values.least,
    "getTo": lambda values: values.most,
    "isReverse": lambda values: values.is_reverse,
    "containsWithinBounds": Range.has_within,
    "subList": _part,
    "toString": lambda values: values.spelled(written),
    "inspect": lambda values: values.spelled(inspected),
}
