"""The methods of strings, numbers, lists and maps; those that take a closure may run steps in it."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor
from textwrap import dedent

from seatrial.pipeline.dialects.jenkins.groovy import classes, closures, expensive, objects
from seatrial.pipeline.dialects.jenkins.groovy.machine import Lambda, Machine, Raised, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.methods import METHODS, Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import compare, plus, type_name, written

# Methods of exceptions.
_OF_RAISED = ("getMessage", "getLocalizedMessage", "getCause", "getStackTrace", "printStackTrace")


# Methods of strings whose first argument is a regular expression.
_OF_PATTERNS = frozenset(("replaceAll", "replaceFirst", "matches", "split", "findAll", "find"))


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
    if isinstance(target, str) and given and name in _OF_PATTERNS:
        yield from expensive.tried(given[0], target)
    if given and isinstance(given[-1], Lambda) and name in closures.METHODS:
        return (yield from closures.METHODS[name](target, given, machine, at))
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


def _hash(text: str) -> int:
    """Java's, of a string."""
    found = 0
    for sign in text:
        found = (31 * found + ord(sign)) % (1 << 32)
    return found - (1 << 32) if found >= 1 << 31 else found


def round_half_up(value: Value, digits: int) -> Decimal:
    return Decimal(written(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


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
    ("Math", "floor"): lambda value: float(floor(value)),
    ("Math", "ceil"): lambda value: float(ceil(value)),
    ("Math", "round"): lambda value: floor(
        value + Decimal("0.5") if isinstance(value, Decimal) else value + 0.5
    ),
    ("Math", "pow"): lambda value, other: float(value) ** float(other),
    ("Math", "sqrt"): lambda value: float(value) ** 0.5,
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
    "getAt": lambda text, index: text[index],
    "next": lambda text: text[:-1] + chr(ord(text[-1]) + 1),
    "previous": lambda text: text[:-1] + chr(ord(text[-1]) - 1),
    "uncapitalize": lambda text: text[:1].lower() + text[1:],
    "multiply": lambda text, times: text * min(times, 1_000_000),
    "getBytes": lambda text, *_: list(text.encode()),
    "toCharArray": list,
    "decodeBase64": lambda text: list(b64decode(text)),
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
    "get": lambda values, index: values[index] if index >= 0 else values[len(values)],
    "getAt": lambda values, index: values[index] if -len(values) <= index < len(values) else None,
    "step": lambda values, width: values[::width],
    "withIndex": lambda values: [[one, index] for index, one in enumerate(values)],
    "indexed": lambda values: dict(enumerate(values)),
    "encodeBase64": lambda values: b64encode(bytes(one % 256 for one in values)).decode(),
    "contains": lambda values, one: one in values,
    "containsAll": lambda values, more: all(one in values for one in more),
    "reverse": lambda values: values[::-1],
    "sort": lambda values, *_: _sorted_here(values),
    "toSorted": sorted,
    "unique": lambda values, *_: _unique(values),
    "toUnique": _unique,
    "sum": closures.total,
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
    "get": lambda values, key, *default: values.setdefault(key, *default) if default else values.get(key),
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
    "plus": plus,
    "minus": lambda value, other: compare(value, "-", other),
    "multiply": lambda value, other: compare(value, "*", other),
    "div": lambda value, other: compare(value, "/", other),
    "mod": lambda value, other: value % other,
    "power": lambda value, other: value ** min(other, 10_000),
    "next": lambda value: value + 1,
    "previous": lambda value: value - 1,
    "setScale": lambda value, digits, *_: round_half_up(value, digits),
    "toBigDecimal": lambda value: Decimal(written(value)),
    "intValue": int,
    "longValue": int,
    "hashCode": lambda value: _hash(written(value)),
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


KNOWN = frozenset(
    (
        *METHODS,
        *OF_MATCHERS,
        *OF_STRINGS,
        *OF_LISTS,
        *OF_MAPS,
        *OF_ALL,
        *closures.METHODS,
        *classes.KNOWN,
        *_OF_RAISED,
        "call",
    )
)
