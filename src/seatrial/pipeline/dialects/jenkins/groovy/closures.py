"""The methods of lists, maps, strings and numbers that take a closure, which may run steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from seatrial.pipeline.dialects.jenkins.groovy import maps, objects, order, regular
from seatrial.pipeline.dialects.jenkins.groovy.lists import total
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Bound,
    Chained,
    Function,
    Machine,
    Thrown,
    Value,
    Work,
    used,
)
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import Set, type_name, written


def takes(function: Function) -> int:
    """How many values it takes."""
    does, given = function.does, len(function.first) + len(function.last)
    if isinstance(does, Bound):
        return 1
    if isinstance(does, Chained):
        return takes(does.parts[0]) - given
    return (1 if does.closure.parameters is None else len(does.closure.parameters)) - given


def made(function: Function, name: str, given: list[Value]) -> Value:
    """What `curry`, `memoize` and the like make of it."""
    if name == "getMaximumNumberOfParameters":
        return takes(function)
    if name == "curry":
        return function._replace(first=(*function.first, *given))
    if name == "rcurry":
        return function._replace(last=(*given, *function.last))
    if name == "ncurry":
        return _curried(function, given[0], given[1:])
    return function if name == "clone" else function._replace(known={})


def _curried(function: Function, index: int, given: list[Value]) -> Function:
    """With values at a place, where they are the first or the last that it takes."""
    if index == 0:
        return function._replace(first=(*function.first, *given))
    if index + len(given) == takes(function):
        return function._replace(last=(*given, *function.last))
    raise Unfit("java.lang.UnsupportedOperationException: ncurry in the middle is not supported")


def _each_of(target: Value, at: Position) -> list[list[Value]]:
    """What a closure gets at each turn."""
    if isinstance(target, dict):
        return [[one] for one in maps.entries(target)]
    if isinstance(target, str | list):
        return [[one] for one in target]
    raise Thrown("groovy.lang.MissingMethodException", f"each of {type_name(target)}", at)


def _told(closure: Function, turn: list[Value], machine: Machine, at: Position) -> Work:
    """Call the closure of a turn: with key and value, where it takes one more than there is."""
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    if takes(closure) == len(turn) + 1:
        parts = ([one.key, one.value] if isinstance(one, maps.Entry) else [one] for one in turn)
        turn = [one for part in parts for one in part]
    return (yield from calls.call(closure, turn, machine, at))


def _asked(closure: Function, turn: list[Value], machine: Machine, at: Position) -> Work:
    """Call the closure of a turn for what it gives."""
    return (yield from used((yield from _told(closure, turn, machine, at))))


def _each(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        yield from _told(given[-1], turn, machine, at)
    return target


def _each_with_index(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for index, turn in enumerate(_each_of(target, at)):
        yield from _told(given[-1], [*turn, index], machine, at)
    return target


def _collect(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    found = list(given[0]) if len(given) > 1 else []
    for turn in _each_of(target, at):
        value = yield from _asked(given[-1], turn, machine, at)
        found.append(value)
    return found


def _collect_many(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    parts = yield from _collect(target, given, machine, at)
    return [one for part in parts for one in part]


def _collect_entries(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    found: dict[Value, Value] = given[0] if len(given) > 1 else {}
    for one in (yield from _collect(target, given[-1:], machine, at)):
        found |= one if isinstance(one, dict) else dict([one[:2]])
    return found


def _chosen(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    turns = []
    for turn in _each_of(target, at):
        is_wanted = yield from _asked(given[-1], turn, machine, at)
        turns += turn[:1] if objects.true(is_wanted) else []
    if isinstance(target, dict):
        return {one.key: one.value for one in turns}
    return Set(turns) if isinstance(target, Set) else turns


def _find(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        if objects.true((yield from _asked(given[-1], turn, machine, at))):
            return turn[0]
    return None


def _found(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """`find`, of a text by a pattern with what the closure makes of the find."""
    if isinstance(target, str) and len(given) > 1:
        first = regular.Matcher(target, given[0])[:1]
        return (yield from _asked(given[-1], first, machine, at)) if first else None
    return (yield from _find(target, given, machine, at))


def _any(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        if objects.true((yield from _asked(given[-1], turn, machine, at))):
            return True
    return False


def _every(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        if not objects.true((yield from _asked(given[-1], turn, machine, at))):
            return False
    return True


def _inject(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    turns = _each_of(target, at)
    if not turns and len(given) == 1:
        raise Unfit("java.util.NoSuchElementException: inject() of nothing, without a value to begin with")
    total = given[0] if len(given) > 1 else turns.pop(0)[0]
    for turn in turns:
        total = yield from _asked(given[-1], [total, *turn], machine, at)
    return total


def _count(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return len((yield from _chosen(target, given, machine, at)))


def _group_by(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """By what the closure gives; with several, groups within groups."""
    found: dict[Value, list[Value]] = {}
    for turn in _each_of(target, at):
        name = yield from _asked(given[0], turn, machine, at)
        found.setdefault(name, []).append(turn[0])
    groups = (
        {name: {one.key: one.value for one in group} for name, group in found.items()}
        if isinstance(target, dict)
        else found
    )
    if len(given) == 1:
        return groups
    nested = {}
    for name, group in groups.items():
        nested[name] = yield from _group_by(group, given[1:], machine, at)
    return nested


def _count_by(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    groups = yield from _group_by(target, given, machine, at)
    return {name: len(group) for name, group in groups.items()}


def _sort(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    turns = [turn[0] for turn in _each_of(target, at)]
    ordered = yield from _ordered(turns, given[-1], machine, at)
    if isinstance(target, dict):
        return {one.key: one.value for one in ordered}
    if given[0] is False or isinstance(target, Set):
        return ordered
    target[:] = ordered
    return target


def _ordered(turns: list[Value], closure: Function, machine: Machine, at: Position) -> Work:
    """By a closure that compares two, or by what it gives for each."""
    if takes(closure) == 2:
        return sorted(turns, key=(yield from _comparing(closure, machine, at)))
    keys = yield from _collect(turns, [closure], machine, at)
    pairs = sorted(zip(keys, turns, strict=True), key=lambda pair: order.KEY(pair[0]))
    return [one for _, one in pairs]


def _comparing(closure: Function, machine: Machine, at: Position) -> Work:
    """It may run no step: nothing that is yielded here would be performed."""
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    def compared(one: Any, other: Any) -> int:
        work = calls.call(closure, [one, other], machine, at)
        try:
            next(work)
        except StopIteration as done:
            return int(done.value)
        raise Thrown("java.lang.UnsupportedOperationException", "a step in the closure of sort", at)

    yield from ()  # no step is in it
    return cmp_to_key(compared)


def _unique(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """Of those that the closure takes for the same the first."""
    if takes(given[-1]) == 2:
        key = yield from _comparing(given[-1], machine, at)
        keys = [key(one) for one in target]
    else:
        keys = yield from _collect(target, [given[-1]], machine, at)
    found = [one for index, one in enumerate(target) if keys.index(keys[index]) == index]
    if given[0] is False:
        return found
    target[:] = found
    return target


def _times(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for index in range(int(target)):
        yield from _told(given[-1], [index], machine, at)
    return None


def _upto(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return (yield from _counted(int(target), int(given[0]) + 1, 1, given[-1], machine, at))


def _downto(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return (yield from _counted(int(target), int(given[0]) - 1, -1, given[-1], machine, at))


def _step(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return (yield from _counted(int(target), int(given[0]), int(given[1]), given[-1], machine, at))


def _counted(first: int, end: int, step: int, closure: Function, machine: Machine, at: Position) -> Work:
    for index in range(first, end, step or 1):
        yield from _told(closure, [index], machine, at)


def _with(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """What the closure calls without a name before it, it calls of the value."""
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    return (yield from calls.call(given[-1], [target], machine, at, delegate=target))


def _sum_of(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """Groovy has none of a map."""
    if isinstance(target, dict):
        raise TypeError(target)
    return total((yield from _collect(target, given[-1:], machine, at)), *given[:-1])


def _each_line(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    value = None
    for number, line in enumerate(target.splitlines(), given[0] if len(given) > 1 else 0):
        turn = [line, number] if takes(given[-1]) == 2 else [line]
        value = yield from _told(given[-1], turn, machine, at)
    return value


def _extreme(sign: int) -> Callable[[Value, list[Value], Machine, Position], Work]:
    """The first of the largest, or of the smallest, as the closure has it."""

    def extreme(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
        turns = [turn[0] for turn in _each_of(target, at)]
        if takes(given[-1]) == 2 and not isinstance(target, dict):
            key = yield from _comparing(given[-1], machine, at)
            keys = [key(one) for one in turns]
        else:
            keys = [order.KEY(one) for one in (yield from _collect(target, given, machine, at))]
        choose = max if sign > 0 else min
        return choose(zip(keys, turns, strict=True), key=lambda pair: pair[0])[1] if turns else None

    return extreme


def _find_index(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for index, turn in enumerate(_each_of(target, at)):
        if objects.true((yield from _asked(given[-1], turn, machine, at))):
            return index
    return -1


def _take_while(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    index = yield from _first_other(target, given, machine, at)
    return maps.METHODS["take"](target, index) if isinstance(target, dict) else target[:index]


def _drop_while(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    index = yield from _first_other(target, given, machine, at)
    return maps.METHODS["drop"](target, index) if isinstance(target, dict) else target[index:]


def _each_match(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    yield from _each(regular.Matcher(target, given[0]), given[-1:], machine, at)
    return target


def _stepped(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """`step` of a range: every so many of it."""
    if isinstance(target, list):
        return (yield from _each(target[:: given[0]], given[-1:], machine, at))
    return (yield from _step(target, given, machine, at))


def _first_other(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """The index of the first that does not fit."""
    for index, turn in enumerate(_each_of(target, at)):
        if not objects.true((yield from _asked(given[-1], turn, machine, at))):
            return index
    return len(target)


def _replace_all(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """Each find by what the closure makes of it, and of its groups."""
    parts, end = [], 0
    for one in regular.compiled(given[0]).finditer(target):
        turn = [one[0], *one.groups()] if one.re.groups else [one[0]]
        made = yield from _asked(given[-1], turn, machine, at)
        parts += [target[end : one.start()], written(made)]
        end = one.end()
    return "".join([*parts, target[end:]])


def _found_all(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """`findAll`, of a text by a pattern with what the closure makes of each find."""
    if isinstance(target, str) and len(given) > 1:
        return (yield from _collect(regular.Matcher(target, given[0]), given[-1:], machine, at))
    return (yield from _chosen(target, given, machine, at))


def _results(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return [one for one in (yield from _collect(target, given, machine, at)) if one is not None]


def _result(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in _each_of(target, at):
        value = yield from _asked(given[-1], turn, machine, at)
        if value is not None:
            return value
    return given[0] if len(given) > 1 else None


def _parted(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """What the closure accepts, and the rest."""
    parts: tuple[list[Value], list[Value]] = ([], [])
    for turn in _each_of(target, at):
        accepted = objects.true((yield from _asked(given[-1], turn, machine, at)))
        parts[not accepted].append(turn[0])
    return list(parts)


def _kept(*, wanted: bool) -> Callable[[Value, list[Value], Machine, Position], Work]:
    """`removeAll` and `retainAll`: whether anything went."""

    def kept(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
        parts = yield from _parted(target, given, machine, at)
        before, rest = len(target), parts[not wanted]
        if isinstance(target, dict):
            left = {one.key: one.value for one in rest}
            target.clear()
            target.update(left)
        else:
            target[:] = rest
        return len(target) < before

    return kept


def _reverse_each(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    for turn in reversed(_each_of(target, at)):
        yield from _told(given[-1], turn, machine, at)
    return target


def _indexes(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    values = yield from _collect(target, given, machine, at)
    return [index for index, value in enumerate(values) if objects.true(value)]


def _last_index(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return max((yield from _indexes(target, given, machine, at)), default=-1)


def _nested(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    found = []
    for one in target:
        work = (
            _nested(one, given, machine, at)
            if isinstance(one, list)
            else _asked(given[-1], [one], machine, at)
        )
        value = yield from work
        found.append(value)
    return found


def _with_default(target: Value, given: list[Value], _machine: Machine, _at: Position) -> Work:
    yield from ()  # no step is in it
    return maps.Defaulting(target, given[-1])


def _computed(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """`computeIfAbsent`"""
    if target.get(given[0]) is None:
        target[given[0]] = yield from _asked(given[-1], [given[0]], machine, at)
    return target[given[0]]


def _merged(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    """`merge`: the value, or what the closure makes of the one that is there and of it."""
    name, value, closure = given
    if target.get(name) is not None:
        value = yield from _asked(closure, [target[name], value], machine, at)
    target[name] = value
    return value


METHODS: dict[str, Callable[[Value, list[Value], Machine, Position], Work]] = {
    "each": _each,
    "eachWithIndex": _each_with_index,
    "collect": _collect,
    "collectMany": _collect_many,
    "collectEntries": _collect_entries,
    "find": _found,
    "findAll": _found_all,
    "findResult": _result,
    "findResults": _results,
    "grep": _chosen,
    "split": _parted,
    "removeAll": _kept(wanted=False),
    "retainAll": _kept(wanted=True),
    "reverseEach": _reverse_each,
    "collectNested": _nested,
    "countBy": _count_by,
    "unique": _unique,
    "toSorted": lambda target, given, machine, at: _ordered(list(target), given[-1], machine, at),
    "toUnique": lambda target, given, machine, at: _unique(list(target), given, machine, at),
    "withDefault": _with_default,
    "computeIfAbsent": _computed,
    "merge": _merged,
    "any": _any,
    "every": _every,
    "inject": _inject,
    "count": _count,
    "groupBy": _group_by,
    "sort": _sort,
    "times": _times,
    "upto": _upto,
    "downto": _downto,
    "step": _stepped,
    "eachMatch": _each_match,
    "with": _with,
    "sum": _sum_of,
    "eachLine": _each_line,
    "max": _extreme(1),
    "min": _extreme(-1),
    "findIndexOf": _find_index,
    "findLastIndexOf": _last_index,
    "findIndexValues": _indexes,
    "takeWhile": _take_while,
    "dropWhile": _drop_while,
    "replaceAll": _replace_all,
}
