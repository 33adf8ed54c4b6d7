"""The classes of Java and Groovy that scripts make: dates, and readers of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.groovy import documents
from seatrial.pipeline.dialects.jenkins.groovy.machine import Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import written

# Those that `new` knows, beside exceptions and collections.
NAMES = frozenset(("Date", "JsonSlurper", "JsonSlurperClassic", "URL"))


class Moment(NamedTuple):
    """A `Date`: milliseconds since the epoch, and the offset of this machine."""

    millis: int
    offset_seconds: int = 0


class Slurper(NamedTuple):
    """A `JsonSlurper`."""

    name: str


def make(name: str, given: list[Value], at: Position) -> Work:
    """`new name(given)`. Raises Thrown."""
    if name == "URL":
        return written(given[0]) if given else ""
    if name != "Date":
        return Slurper(name)
    if given:
        return Moment(int(given[0]))
    found = yield from documents.output("date '+%s%3N %:::z'")
    millis, offset = found.split()
    if not millis.isdigit():
        raise Thrown("java.lang.UnsupportedOperationException", "this machine's date has no milliseconds", at)
    hours, _, minutes = offset.partition(":")
    seconds = int(hours) * 3600 + int(f"{offset[0]}{minutes or 0}") * 60
    return Moment(int(millis), seconds)


def call(target: Moment | Slurper, name: str, given: list[Value], at: Position) -> Value:
    """A method of one. Raises Thrown, KeyError."""
    if isinstance(target, Slurper):
        return documents.json_of(written(given[0]), at) if name == "parseText" else _unknown(name)
    if name == "format":
        return formatted(target, written(given[0]))
    return {"getTime": target.millis, "toString": shown(target)}[name]


def _unknown(name: str) -> Value:
    raise KeyError(name)


def shown(value: Moment) -> str:
    return formatted(value, "EEE MMM dd HH:mm:ss zzz yyyy")


def formatted(moment: Moment, pattern: str) -> str:
    """By Java's patterns for dates; what stands in single quotes is a text."""
    zone = timezone(timedelta(seconds=moment.offset_seconds))
    at = datetime.fromtimestamp(moment.millis / 1000, zone)
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
    "w": lambda at: at.isocalendar().week,
    "u": lambda at: at.isoweekday(),
}


def to_json(value: Value) -> str:
    return json.dumps(documents.plain(value), separators=(",", ":"))


def pretty(text: Any) -> str:
    return json.dumps(json.loads(written(text)), indent=4)


KNOWN = frozenset(("parseText", "format", "getTime"))
