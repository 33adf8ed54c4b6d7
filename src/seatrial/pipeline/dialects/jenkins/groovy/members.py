"""The methods of strings, numbers, lists and maps; those that take a closure may run steps in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cmp_to_key
from textwrap import dedent
from typing import Any

from seatrial.pipeline.dialects.jenkins.groovy import classes, objects
from seatrial.pipeline.dialects.jenkins.groovy.machine import Lambda, Machine, Raised, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.methods import METHODS, Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import type_name, written

# Methods of exceptions.
_OF_RAISED = ("getMessage", "getLocalizedMessage", "getCause", "getStackTrace", "printStackTrace")


def call(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    """`target.name(given)`. Raises Thrown."""
    if target is None:
        message = f"Cannot invoke method {name}() on null object"
        raise Thrown("java.lang.NullPointerException", message, at)
    if isinstance(target, Lambda) and name in ("call", "doCall"):
        from seatrial.pipeline.dialects.jenkins.groovy import calls

        return (yield from calls.call(target, given, machine, at))
    if isinstance(target, objects.DockerImage | objects.DockerContainer) or target == objects.DOCKER:
        from seatrial.pipeline.dialects.jenkins.groovy import docker

        return (yield from docker.call(target, name, given, machine, at))
    if isinstance(target, dict) and isinstance(target.get(name), Lambda):
        from seatrial.pipeline.dialects.jenkins.groovy import calls

        return (yield from calls.call(target[name], given, machine, at))
    if given and isinstance(given[-1], Lambda) and name in WITH_CLOSURE:
        return (yield from WITH_CLOSURE[name](target, given, machine, at))
    try:
        return _plain(target, name, given, machine, at)
    except Unfit as unfit:
        kind, _, message = str(unfit).partition(": ")
        raise Thrown(kind, message or kind, at) from None
    except (TypeError, AttributeError, ValueError, IndexError, KeyError, re.error):
        words = ", ".join(map(type_name, given))
        message = f"No signature of method: {type_name(target)}.{name}() is applicable for ({words})"
        raise Thrown("groovy.lang.MissingMethodException", message, at) from None


def _plain(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Value:
    if isinstance(target, objects.Special):
        return _of_special(target, name, given, machine, at)
    if isinstance(target, Raised):
        known = {"getMessage": target.message, "getLocalizedMessage": target.message}
        return objects.shown(target) if name == "toString" else known.get(name)
    if isinstance(target, classes.Moment | classes.Slurper):
        return classes.call(target, name, given, at)
    if isinstance(target, objects.Entry):
        return target.key if name == "getKey" else target.value
    if isinstance(target, objects.Matcher) and name in OF_MATCHERS:
        return OF_MATCHERS[name](target, *given)
    if isinstance(target, dict) and name in OF_MAPS:
        return OF_MAPS[name](target, *given)
    if isinstance(target, list) and name in OF_LISTS:
        return OF_LISTS[name](target, *given)
    if isinstance(target, str) and name in OF_STRINGS:
        return OF_STRINGS[name](target, *given)
    if name in OF_ALL:
        return OF_ALL[name](target, *given)
    return METHODS[name](target, *given)


def _of_special(
    target: objects.Special, name: str, given: list[Value], machine: Machine, at: Position
) -> Value:
    if name in ("get", "getProperty", "getAt", "containsKey"):
        value = objects.member(target, written(given[0]), machine, at)
        return value is not None if name == "containsKey" else value
    if name.startswith("get"):
        return objects.member(target, name[3:4].lower() + name[4:], machine, at)
    raise AttributeError(name)


def _java(replacement: str) -> str:
    """Java's `$1` in a replacement as Python's."""
    return re.sub(r"\$(\d)", r"\\\1", replacement)


def _unique(values: list[Value]) -> list[Value]:
    found: list[Value] = []
    return [one for one in values if one not in found and not found.append(one)]  # type: ignore[func-returns-value]


def _put(values: dict[Value, Value], key: Value, value: Value) -> Value:
    before = values.get(key)
    values[key] = value
    return before


def _sum(values: list[Value]) -> Value:
    from seatrial.pipeline.dialects.jenkins.values import plus

    total = values[0] if values else None
    for one in values[1:]:
        total = plus(total, one)
    return total


def _pad(text: str, width: int, sign: str, *, left: bool) -> str:
    return text.rjust(min(width, 10_000), sign) if left else text.ljust(min(width, 10_000), sign)


def _split(text: str, pattern: str = r"\s+", most: int = 0) -> list[str]:
    parts = re.split(pattern, text, maxsplit=max(most - 1, 0))
    while not most and len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def _group(found: objects.Matcher, number: Value = 0) -> Value:
    match = found.whole or found.first
    if match is None:
        raise Unfit("java.lang.IllegalStateException: No match found")
    return match[number]


def _formatted(text: str, given: tuple[Value, ...]) -> str:
    if re.search(r"%[^a-zA-Z%]*(\d{4}|\*)", text):
        raise ValueError("a width of more than three digits")
    return text % given


OF_MATCHERS: dict[str, Callable[..., Value]] = {
    "matches": lambda found: found.whole is not None,
    "find": lambda found: found.first is not None,
    "group": _group,
    "getCount": len,
}
# Methods of classes, by both their names.
OF_CLASSES: dict[tuple[str, str], Callable[..., Value]] = {
    ("Integer", "parseInt"): METHODS["toInteger"],
    ("Integer", "valueOf"): lambda value: METHODS["toInteger"](written(value)),
    ("Long", "parseLong"): METHODS["toInteger"],
    ("Boolean", "parseBoolean"): lambda value: written(value).lower() == "true",
    ("Boolean", "valueOf"): lambda value: written(value).lower() == "true",
    ("String", "valueOf"): written,
    ("String", "format"): lambda text, *given: _formatted(text, given),
    ("String", "join"): lambda text, *given: text.join(map(written, given[0] if len(given) == 1 else given)),
    ("JsonOutput", "toJson"): classes.to_json,
    ("JsonOutput", "prettyPrint"): classes.pretty,
    ("Math", "max"): max,
    ("Math", "min"): min,
    ("Math", "abs"): abs,
}


def of_class(owner: str, name: str, given: list[Value], at: Position) -> Value:
    """`Class.name(given)`. Raises Thrown."""
    try:
        return OF_CLASSES[owner, name](*given)
    except (Unfit, TypeError, AttributeError, ValueError) as error:
        raise Thrown("java.lang.IllegalArgumentException", f"{owner}.{name}: {error}", at) from None


OF_STRINGS: dict[str, Callable[..., Value]] = {
    "replaceAll": lambda text, pattern, new: re.sub(pattern, _java(new), text),
    "replaceFirst": lambda text, pattern, new: re.sub(pattern, _java(new), text, count=1),
    "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
    "split": _split,
    "findAll": lambda text, pattern: [one[0] for one in re.finditer(pattern, text)],
    "find": lambda text, pattern: next((one[0] for one in re.finditer(pattern, text)), None),
    "readLines": lambda text: text.splitlines(),
    "isInteger": lambda text: re.fullmatch(r"\s*[-+]?\d+\s*", text) is not None,
    "isNumber": lambda text: re.fullmatch(r"\s*[-+]?\d+(\.\d+)?\s*", text) is not None,
    "toBoolean": lambda text: text.strip().lower() in ("true", "y", "1"),
    "toLong": int,
    "toFloat": float,
    "toDouble": float,
    "reverse": lambda text: text[::-1],
    "padLeft": lambda text, width, sign=" ": _pad(text, width, sign, left=True),
    "padRight": lambda text, width, sign=" ": _pad(text, width, sign, left=False),
    "stripIndent": dedent,
    "charAt": lambda text, index: text[index],
    "count": lambda text, part: text.count(part),
    "minus": lambda text, part: text.replace(part, "", 1),
    "plus": lambda text, part: text + written(part),
    "compareTo": lambda text, other: (text > other) - (text < other),
    "toList": list,
    "isBlank": lambda text: not text.strip(),
    "strip": lambda text: text.strip(),
}
OF_LISTS: dict[str, Callable[..., Value]] = {
    "add": lambda values, *given: values.insert(*given) if len(given) > 1 else not values.append(given[0]),
    "push": lambda values, one: not values.append(one),
    "addAll": lambda values, more: not values.extend(more),
    "remove": lambda values, one: values.pop(one) if isinstance(one, int) else _removed(values, one),
    "pop": lambda values: values.pop(),
    "get": lambda values, index: values[index],
    "getAt": lambda values, index: values[index],
    "contains": lambda values, one: one in values,
    "containsAll": lambda values, more: all(one in values for one in more),
    "reverse": lambda values: values[::-1],
    "sort": lambda values, *_: _sorted_here(values),
    "toSorted": sorted,
    "unique": lambda values, *_: _unique(values),
    "toUnique": _unique,
    "sum": _sum,
    "min": min,
    "max": max,
    "flatten": lambda values: [
        one for part in values for one in (OF_LISTS["flatten"](part) if isinstance(part, list) else [part])
    ],
    "head": lambda values: values[0],
    "tail": lambda values: values[1:],
    "init": lambda values: values[:-1],
    "indexOf": lambda values, one: values.index(one) if one in values else -1,
    "subList": lambda values, begin, end: values[begin:end],
    "toSet": _unique,
    "asList": list,
    "toArray": list,
    "toList": list,
    "clear": lambda values: values.clear(),
    "plus": lambda values, more: [*values, *more],
    "minus": lambda values, more: [one for one in values if one not in more],
    "intersect": lambda values, more: [one for one in values if one in more],
    "transpose": lambda values: [list(one) for one in zip(*values, strict=False)],
    "collate": lambda values, size: [values[at : at + size] for at in range(0, len(values), max(size, 1))],
    "count": lambda values, one: values.count(one),
    "iterator": list,
}
OF_MAPS: dict[str, Callable[..., Value]] = {
    "get": lambda values, key, default=None: values.get(key, default),
    "getOrDefault": lambda values, key, default: values.get(key, default),
    "put": _put,
    "putAll": lambda values, more: values.update(more),
    "containsKey": lambda values, key: key in values,
    "containsValue": lambda values, value: value in values.values(),
    "keySet": list,
    "values": lambda values: list(values.values()),
    "entrySet": lambda values: [objects.Entry(key, value) for key, value in values.items()],
    "remove": lambda values, key: values.pop(key, None),
    "isEmpty": lambda values: not values,
    "size": len,
    "clear": lambda values: values.clear(),
    "plus": lambda values, more: {**values, **more},
    "subMap": lambda values, keys: {key: values[key] for key in keys if key in values},
    "sort": lambda values, *_: dict(sorted(values.items())),
    "toString": written,
}
OF_ALL: dict[str, Callable[..., Value]] = {
    "toString": lambda value: written(objects.shown(value)),
    "equals": lambda value, other: value == other,
    "intdiv": lambda value, other: int(value / other) if abs(value) < 1 << 50 else value // other,
    "abs": abs,
    "toInteger": lambda value: METHODS["toInteger"](value) if isinstance(value, str) else int(value),
    "intValue": int,
    "longValue": int,
    "hashCode": lambda value: hash(written(value)),
    "asBoolean": objects.true,
    "asType": lambda value, _kind: value,
}


def _removed(values: list[Value], one: Value) -> bool:
    if one in values:
        values.remove(one)
        return True
    return False


def _sorted_here(values: list[Value]) -> list[Value]:
    values.sort()
    return values


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
    return _sum((yield from _collect(target, given, machine, at)))


def _each_line(target: Value, given: list[Value], machine: Machine, at: Position) -> Work:
    return (yield from _each(target.splitlines(), given, machine, at))


WITH_CLOSURE: dict[str, Callable[[Value, list[Value], Machine, Position], Work]] = {
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
}
KNOWN = frozenset(
    (
        *METHODS,
        *OF_MATCHERS,
        *OF_STRINGS,
        *OF_LISTS,
        *OF_MAPS,
        *OF_ALL,
        *WITH_CLOSURE,
        *classes.KNOWN,
        *_OF_RAISED,
        "call",
    )
)
