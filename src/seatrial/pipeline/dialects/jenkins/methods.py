"""The methods of strings and lists that arguments of steps use, with Java's and Groovy's meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seatrial.pipeline.dialects.jenkins.values import Value, joined, written

# What the characters of a regular expression would mean differs between Java and Python.
_SPECIAL = frozenset("\\^$.|?*+()[]{}")


class Unfit(Exception):  # noqa: N818 - carries the words of Java's exception
    """A method that cannot take these arguments."""


def _trim(text: str) -> str:
    """Java strips all that is at or below a space, and nothing above."""
    return text.strip("".join(chr(code) for code in range(33)))


def _substring(text: str, begin: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= begin <= stop <= len(text):
        raise Unfit(
            f"java.lang.StringIndexOutOfBoundsException: begin {begin}, end {stop}, length {len(text)}"
        )
    return text[begin:stop]


def _split(text: str, separator: str = " ") -> list[str]:
    """Java drops empty strings at the end."""
    if _SPECIAL & set(separator) or not separator:
        raise Unfit(f"split('{separator}') is a regular expression, which is not supported; try tokenize()")
    parts = text.split(separator)
    while parts and not parts[-1] and separator in text:
        parts.pop()
    return parts


def _tokenize(text: str, separators: str = " \t\n\r\f") -> list[str]:
    """Groovy's tokenize: any of the characters separates, and nothing empty is kept."""
    first = separators[:1]
    for other in separators[1:]:
        text = text.replace(other, first)
    return [part for part in (text.split(first) if first else [text]) if part]


def _replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new)


def _join(items: list[Value], separator: str = "") -> str:
    if not isinstance(items, list):
        raise TypeError(items)
    return joined(map(written, items), separator)


def _to_integer(text: str) -> int:
    try:
        return int(text.strip(), 10)
    except ValueError:
        raise Unfit(f'java.lang.NumberFormatException: For input string: "{text}"') from None


def _edge(items: Any, index: int) -> Value:
    if not isinstance(items, list):
        raise TypeError(items)
    if not items:
        raise Unfit("java.util.NoSuchElementException: Cannot access an element of an empty List")
    return items[index]


def _take(items: Any, count: int) -> Value:
    return items[: max(count, 0)]


def _drop(items: Any, count: int) -> Value:
    return items[max(count, 0) :]


def _equals_ignoring_case(text: str, other: Value) -> bool:
    return isinstance(other, str) and text.lower() == other.lower()


METHODS: dict[str, Callable[..., Value]] = {
    "trim": _trim,
    "toLowerCase": lambda text: text.lower(),
    "toUpperCase": lambda text: text.upper(),
    "capitalize": lambda text: text[:1].upper() + text[1:],
    "replace": _replace,
    "contains": lambda whole, part: part in whole,
    "startsWith": lambda text, prefix: text.startswith(prefix),
    "endsWith": lambda text, suffix: text.endswith(suffix),
    "indexOf": lambda text, part: text.find(part),
    "lastIndexOf": lambda text, part: text.rfind(part),
    "length": lambda text: len(text + ""),
    "size": len,
    "isEmpty": lambda value: not len(value),
    "substring": _substring,
    "split": _split,
    "tokenize": _tokenize,
    "join": _join,
    "first": lambda items: _edge(items, 0),
    "last": lambda items: _edge(items, -1),
    "take": _take,
    "drop": _drop,
    "concat": lambda text, other: text + other,
    "equals": lambda value, other: value == other,
    "equalsIgnoreCase": _equals_ignoring_case,
    "toString": written,
    "toInteger": _to_integer,
}
