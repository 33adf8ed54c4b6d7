"""The methods of lists, maps, strings and numbers that take a closure, which may run steps."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from seatrial.pipeline.dialects.jenkins.groovy import objects
from seatrial.pipeline.dialects.jenkins.groovy.machine import Lambda, Machine, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import plus, type_name, written


def total(values: list[Value]) -> Value:
    total = values[0] if values else None
    for one in values[1:]:
        total = plus(total, one)
    return total


def _each_of(target: Value, at: Position) -> list[list[Value]]:
    """What a closure gets at each turn."""
    if isinstance(target, dict):
        return [[objects.Entry(key, value)] for key, value in target.items()]
    if isinstance(target, str | list):
        return [[one] for one in target]
    raise Thrown("groovy.lang.MissingMethodException", f"each of {type_name(target)}", at)


def _told(closure: Lambda, turn: list[Value], machine: Machine, at: Position) -> Work:
    """Call the closure of a turn: with key and value, where it takes two of a map."""
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    return (yield from calls.call(closure, turn, machine, at))


def _each(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        yield from _told(given[-1], turn, machine, at)
    return target


def _each_with_index(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for index, turn in enumerate(_each_of(target, at)):
        yield from _told(given[-1], [*turn, index], machine, at)
    return target


def _collect(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    found = []
    for turn in _each_of(target, at):
        value = yield from _told(given[-1], turn, machine, at)
        found.append(value)
    return found


def _collect_many(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    parts = yield from _collect(target, given, machine, at)
    return [one for part in parts for one in part]


def _collect_entries(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    found: dict[Value, Value] = {}
    for one in (yield from _collect(target, given, machine, at)):
        found |= one if isinstance(one, dict) else {one[0]: one[1]}
    return found


def _chosen(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    turns = []
    for turn in _each_of(target, at):
        is_wanted = yield from _told(given[-1], turn, machine, at)
        turns += turn[:1] if objects.true(is_wanted) else []
    if isinstance(target, dict):
        return {one.key: one.value for one in turns}
    return turns


def _find(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        if objects.true((yield from _told(given[-1], turn, machine, at))):
            return turn[0]
    return None


def _any(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        if objects.true((yield from _told(given[-1], turn, machine, at))):
            return True
    return False


def _every(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        if not objects.true((yield from _told(given[-1], turn, machine, at))):
            return False
    return True


def _inject(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    turns = _each_of(target, at)
    total = given[0] if len(given) > 1 else turns.pop(0)[0]
    for turn in turns:
        total = yield from _told(given[-1], [total, *turn], machine, at)
    return total


def _count(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return len((yield from _chosen(target, given, machine, at)))


def _group_by(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    found: dict[Value, list[Value]] = {}
    for turn in _each_of(target, at):
        found.setdefault((yield from _told(given[-1], turn, machine, at)), []).append(turn[0])
    return found


def _sort(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    closure: Lambda = given[-1]
    turns = [turn[0] for turn in _each_of(target, at)]
    if closure.closure.parameters is not None and len(closure.closure.parameters) == 2:
        ordered = yield from _by_pairs(turns, closure, machine, at)
    else:
        keys = yield from _collect(turns, given, machine, at)
        ordered = [one for _, one in sorted(zip(keys, turns, strict=True), key=lambda pair: pair[0])]
    if isinstance(target, dict):
        return {one.key: one.value for one in ordered}
    target[:] = ordered
    return target


def _by_pairs(values: list[Value], closure: Lambda, machine: Machine, at: Position) -> Work:
    """By a closure that compares two. It may run no step: nothing that is yielded here would be performed."""
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    def compared(one: Any, other: Any) -> int:
        work = calls.call(closure, [one, other], machine, at)
        try:
            next(work)
        except StopIteration as done:
            return int(done.value)
        raise Thrown("java.lang.UnsupportedOperationException", "a step in the closure of sort", at)

    yield from ()  # no step is in it
    return sorted(values, key=cmp_to_key(compared))


def _times(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for index in range(int(target)):
        yield from _told(given[-1], [index], machine, at)
    return None


def _upto(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for index in range(int(target), int(given[0]) + 1):
        yield from _told(given[-1], [index], machine, at)
    return None


def _with(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return (yield from _told(given[-1], [target], machine, at))


def _sum_of(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return total((yield from _collect(target, given, machine, at)))


def _each_line(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    value = None
    for line in target.splitlines():
        value = yield from _told(given[-1], [line], machine, at)
    return value


def _by(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """What a closure gives for each, beside it, in their order."""
    turns = [turn[0] for turn in _each_of(target, at)]
    keys = yield from _collect(target, given, machine, at)
    return list(zip(keys, turns, strict=True))


def _max_by(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    pairs = yield from _by(target, given, machine, at)
    return max(pairs, key=lambda pair: pair[0])[1] if pairs else None


def _min_by(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    pairs = yield from _by(target, given, machine, at)
    return min(pairs, key=lambda pair: pair[0])[1] if pairs else None


def _find_index(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for index, turn in enumerate(_each_of(target, at)):
        if objects.true((yield from _told(given[-1], turn, machine, at))):
            return index
    return -1


def _take_while(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    index = yield from _first_other(target, given, machine, at)
    return target[:index]


def _drop_while(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    index = yield from _first_other(target, given, machine, at)
    return target[index:]


def _first_other(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """The index of the first that does not fit."""
    for index, turn in enumerate(_each_of(target, at)):
        if not objects.true((yield from _told(given[-1], turn, machine, at))):
            return index
    return len(target)


def _replace_all(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """Each find by what the closure makes of it, and of its groups."""
    parts, end = [], 0
    for one in re.finditer(given[0], target):
        turn = [one[0], *one.groups()] if one.re.groups else [one[0]]
        made = yield from _told(given[-1], turn, machine, at)
        parts += [target[end : one.start()], written(made)]
        end = one.end()
    return "".join([*parts, target[end:]])


METHODS: dict[str, Callable[[Value, list[Value], Machine, Position], Work]] = {
    "each": _each,
    "eachWithIndex": _each_with_index,
    "collect": _collect,
    "collectMany": _collect_many,
    "collectEntries": _collect_entries,
    "find": _find,
    "findAll": _chosen,
    "any": _any,
    "every": _every,
    "inject": _inject,
    "count": _count,
    "groupBy": _group_by,
    "sort": _sort,
    "times": _times,
    "upto": _upto,
    "with": _with,
    "sum": _sum_of,
    "eachLine": _each_line,
    "max": _max_by,
    "min": _min_by,
    "findIndexOf": _find_index,
    "takeWhile": _take_while,
    "dropWhile": _drop_while,
    "replaceAll": _replace_all,
}
