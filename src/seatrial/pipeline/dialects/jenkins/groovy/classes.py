"""The classes of Java and Groovy that scripts make: dates, readers of JSON, texts that grow."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.evaluator import refuse_untold
from seatrial.pipeline.dialects.jenkins.groovy import (
    builder,
    documents,
    exceptions,
    lists,
    maps,
    numbers,
    strings,
)
from seatrial.pipeline.dialects.jenkins.groovy.machine import Raised, Thrown, Value, Work, known
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import Array, Long, Set, type_name, written


class Zone(NamedTuple):
    """A `TimeZone`; what has no such name is GMT, as in Java."""

    name: str

    def info(self) -> tzinfo:
        try:
            return ZoneInfo(self.name)
        except (OSError, ValueError, KeyError):  # of which the last is that there is none
            return UTC


class Moment(NamedTuple):
    """A `Date`: milliseconds since the epoch, and the offset of this machine."""

    millis: int
    offset_seconds: int = 0

    @property
    def java(self) -> str:
        return "java.util.Date"

    def __str__(self) -> str:
        return formatted(self, "EEE MMM dd HH:mm:ss zzz yyyy")

    def later(self, days: int) -> Moment:
        return self._replace(millis=self.millis + days * 86_400_000)

    def info(self) -> tzinfo:
        return timezone(timedelta(seconds=self.offset_seconds))


class Format(NamedTuple):
    """A `SimpleDateFormat`."""

    pattern: str


class Slurper(NamedTuple):
    """A `JsonSlurper`."""

    name: str


def _copied(kind: Callable[..., Value]) -> Callable[..., Value]:
    """A collection of what another one holds; a number says how much it is to hold later."""
    return lambda *given: kind(given[0]) if given and not isinstance(given[0], int) else kind()


def _sorted(*given: dict[Value, Value]) -> Value:
    return maps.METHODS["sort"](*given) if given else {}


def _text(*given: Value) -> str:
    return (
        strings.text_of(*given)
        if given and isinstance(given[0], list)
        else written(given[0])
        if given
        else ""
    )


_MAKERS: dict[str, Callable[..., Value]] = {
    **dict.fromkeys(("ArrayList", "LinkedList", "Vector", "Stack", "ArrayDeque"), _copied(list)),
    **dict.fromkeys(("HashMap", "LinkedHashMap", "ConcurrentHashMap", "Hashtable"), _copied(dict)),
    **dict.fromkeys(("HashSet", "LinkedHashSet"), _copied(Set)),
    **dict.fromkeys(builder.NAMES, lambda text="": builder.Builder(text if isinstance(text, str) else "")),
    **dict.fromkeys(("JsonSlurper", "JsonSlurperClassic"), lambda *_: Slurper("JsonSlurper")),
    "TreeMap": _sorted,
    "TreeSet": lambda values=(): Set(lists.METHODS["sort"](list(values))),
    "String": _text,
    "BigDecimal": numbers.decimal_of,
    "BigInteger": lambda value: strings.number_of(written(value), 10, 10_000),
    "Integer": lambda value: strings.number_of(written(value)),
    "URL": lambda text="": written(text),
    "SimpleDateFormat": Format,
    "Object": lambda: Raised("java.lang.Object", None),
}
# Those that `new` knows, beside exceptions.
NAMES = frozenset((*_MAKERS, "Date"))


def is_known(kind: str) -> bool:
    name = kind.rpartition(".")[2].partition("<")[0]
    return name in NAMES or name.endswith(("Exception", "Error", "[]"))


def make(kind: str, given: list[Value], at: Position) -> Work:
    """`new kind(given)`. Raises Thrown."""
    refuse_untold(given)
    name = kind.rpartition(".")[2].partition("<")[0]
    if name == "Date":
        return _moment(given[0], at) if given else (yield from now(at))
    if name.endswith(("Exception", "Error")):
        return _raised(kind, given)
    try:
        if name.endswith("[]"):
            return Array([_EMPTY.get(name[:-2])] * min(int(given[0]), 1_000_000))
        return _MAKERS[name](*given)
    except Unfit as unfit:
        raise Thrown.by(unfit, at) from None
    except KeyError:
        raise Thrown("java.lang.UnsupportedOperationException", f"new {kind}", at) from None
    except (TypeError, ValueError, ArithmeticError) as error:
        raise Thrown("groovy.lang.GroovyRuntimeException", f"new {kind}: {error}", at) from None


def _moment(millis: Value, at: Position) -> Moment:
    if not isinstance(millis, int) or isinstance(millis, bool):
        message = f"Could not find matching constructor for: java.util.Date({type_name(millis)})"
        raise Thrown("groovy.lang.GroovyRuntimeException", message, at)
    return Moment(millis)


_EMPTY: dict[str, Value] = {"int": 0, "long": 0, "double": 0.0, "boolean": False}


def _raised(kind: str, given: list[Value]) -> Raised:
    cause = next((one for one in given if isinstance(one, Raised)), None)
    words = [one for one in given if not isinstance(one, Raised)]
    message = written(words[0]) if words and words[0] is not None else None if cause is None else str(cause)
    return Raised(exceptions.full_name(kind), message, cause=cause)


def now(at: Position) -> Work:
    """What `date` says where the stage runs. Raises Thrown."""
    found = yield from documents.output("date '+%s%3N %:::z'")
    millis, offset = found.split()
    if not millis.isdigit():
        raise Thrown("java.lang.UnsupportedOperationException", "this machine's date has no milliseconds", at)
    hours, _, minutes = offset.partition(":")
    seconds = int(hours) * 3600 + int(f"{offset[0]}{minutes or 0}") * 60
    return Moment(int(millis), seconds)


def _millis(at: Position) -> Work:
    return Long((yield from now(at)).millis)


def _nanos(at: Position) -> Work:
    return Long((yield from now(at)).millis * 1_000_000)


def _unique(_at: Position) -> Work:
    return (yield from documents.output("cat /proc/sys/kernel/random/uuid")).strip()


# Methods of classes that ask the machine on which the stage runs.
OF_MACHINE: dict[tuple[str, str], Callable[[Position], Work]] = {
    ("System", "currentTimeMillis"): _millis,
    ("System", "nanoTime"): _nanos,
    ("UUID", "randomUUID"): _unique,
    **{(name, "now"): now for name in ("LocalDateTime", "LocalDate", "ZonedDateTime", "Instant")},
}


_COMPARED: dict[str, Callable[[int, int], bool]] = {"before": operator.lt, "after": operator.gt}


def call(target: Moment | Slurper | Format, name: str, given: list[Value], at: Position) -> Value:
    """A method of one. Raises Thrown, KeyError."""
    if isinstance(target, Slurper):
        return documents.json_of(written(given[0]), at) if name == "parseText" else _unknown(name)
    if isinstance(target, Format):
        return formatted(given[0], target.pattern) if name == "format" else _unknown(name)
    if name == "format":
        pattern, *zone = given
        return formatted(target, pattern.pattern if isinstance(pattern, Format) else pattern, *zone)
    if name in _COMPARED:
        return _COMPARED[name](target.millis, given[0].millis)
    if name in ("plus", "minus"):
        return target.later(int(given[0]) * (1 if name == "plus" else -1))
    return {"getTime": Long(target.millis), "toString": str(target)}[name]


def _unknown(name: str) -> Value:
    raise KeyError(name)


def formatted(moment: Moment, pattern: str, zone: Zone | None = None) -> str:
    """By Java's patterns for dates; what stands in single quotes is a text."""
    try:
        at = datetime.fromtimestamp(moment.millis / 1000, (zone or moment).info())
    except (ValueError, OverflowError, OSError):  # no calendar of Python's goes so far
        return f"{moment.millis} ms after 1970"
    return re.sub(r"'([^']*)'|([A-Za-z])\2*", lambda one: _part(one, at), pattern)


def _part(one: re.Match[str], at: datetime) -> str:
    if one[2] is None:
        return one[1] or "'"
    sign, width = one[2], len(one[0])
    if sign in _NUMBERS:
        number = _NUMBERS[sign](at)
        return str(number % 100).zfill(2) if sign in "yY" and width == 2 else str(number).zfill(width)
    if sign in ("M", "L"):
        return str(at.month).zfill(width) if width < 3 else at.strftime("%b" if width == 3 else "%B")
    if sign == "E":
        return at.strftime("%a" if width < 4 else "%A")
    if sign in ("z", "Z", "X"):
        offset = at.strftime("%z")
        return {
            "z": "UTC" if offset == "+0000" else f"GMT{offset[:3]}:{offset[3:]}",
            "Z": offset,
            "X": offset,
        }[sign]
    return at.strftime("%p") if sign == "a" else one[0]


def _week(at: datetime) -> int:
    """As in America: it begins on a Sunday, and the first has the first of January."""
    saturday = at + timedelta(days=6 - at.isoweekday() % 7)
    return (saturday.timetuple().tm_yday - 1) // 7 + 1


_NUMBERS: dict[str, Callable[[datetime], int]] = {
    "y": lambda at: at.year,
    "Y": lambda at: at.isocalendar().year,
    "d": lambda at: at.day,
    "D": lambda at: at.timetuple().tm_yday,
    "H": lambda at: at.hour,
    "k": lambda at: at.hour or 24,
    "K": lambda at: at.hour % 12,
    "h": lambda at: at.hour % 12 or 12,
    "m": lambda at: at.minute,
    "s": lambda at: at.second,
    "S": lambda at: at.microsecond // 1000,
    "w": _week,
    "u": lambda at: at.isoweekday(),
}


def to_json(value: Value) -> str:
    """As Groovy's JsonOutput has it: decimals keep their digits, and what is not ASCII is escaped."""
    value = known(value)
    if isinstance(value, Moment):
        return json.dumps(formatted(value, "yyyy-MM-dd'T'HH:mm:ssZ", Zone("UTC")))
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{json.dumps(written(key))}:{to_json(one)}" for key, one in value.items()) + "}"
        )
    if isinstance(value, list):
        return f"[{','.join(map(to_json, value))}]"
    return json.dumps(value) if isinstance(value, str | bool | None) else _number(value)


def _number(value: Value) -> str:
    is_plain = isinstance(value, int | float | Decimal)
    return written(value) if is_plain else json.dumps(written(value))


def pretty(text: Any) -> str:
    """As Groovy's: an empty object or list takes a line of its own."""
    return _pretty(json.loads(written(text), parse_float=Decimal), "")


def _pretty(value: Value, indent: str) -> str:
    inner = indent + "    "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_pretty(one, inner)}" for key, one in value.items()]
        return "{\n" + inner + f",\n{inner}".join(parts) + f"\n{indent}}}"
    if isinstance(value, list):
        return "[\n" + inner + f",\n{inner}".join(_pretty(one, inner) for one in value) + f"\n{indent}]"
    return to_json(value)


KNOWN = frozenset(("parseText", "format", "getTime", *_COMPARED))
