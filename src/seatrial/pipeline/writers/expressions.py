"""Regular expressions of conditions as other systems read them. Pure."""

from __future__ import annotations

import re

from seatrial.named_tuple import NamedTuple

# What means the same in the expressions of Java, Ruby, Go and Python.
_ALIKE = re.compile(
    r"(?:[^\\\[\](){}|*+?]|\\[.\-/dwsb+*?$^()\[\]{}|]|[|*+?]|\((?!\?)|\)"
    r"|\[[^\[\]\\]*(?:\\.[^\[\]\\]*)*\]|\{\d+(?:,\d*)?\})*"
)


_AFFIX = re.compile(r"(\.\*)?((?:[\w/-]|\\[./-])*)(\.\*)?", re.ASCII)
_CHOICE = re.compile(r"\(([\w|/-]+)\)(.*)", re.ASCII)


class Affix(NamedTuple):
    """A text that a value is, or begins with, ends with or holds."""

    text: str
    is_open_before: bool
    is_open_after: bool


def affixes(pattern: str) -> tuple[Affix, ...] | None:
    """An expression as texts of which a value has one; None for one that says more."""
    inside, is_whole = pattern, False
    while (inner := re.fullmatch(r"\^\(\?:(.*)\)\$", inside)) is not None:
        inside, is_whole = inner[1], True
    start, end = inside.startswith("^") or is_whole, re.search(r"(?<!\\)\$$", inside) is not None or is_whole
    inside = inside.removeprefix("^").removesuffix("$")
    choice = _CHOICE.fullmatch(inside)
    chosen = [f"{one}{choice[2]}" for one in choice[1].split("|")] if choice else [inside]
    found = [_AFFIX.fullmatch(one) for one in chosen]
    if None in found:
        return None
    return tuple(
        Affix(one[2].replace("\\", ""), bool(one[1]) or not start, bool(one[3]) or not end)
        for one in found
        if one
    )


def searched(pattern: str) -> str | None:
    """An expression that is found in a value; None for one that others may read otherwise."""
    pattern = pattern.replace("(?:", "(")
    return pattern if _ALIKE.fullmatch(pattern) else None


def slashed(pattern: str) -> str | None:
    """The same between slashes, which stand escaped in it."""
    found = searched(pattern)
    return None if found is None else f"/{re.sub(r'(?<!{0}{0})/'.format(chr(92)), chr(92) * 2 + '/', found)}/"


def whole(pattern: str) -> str | None:
    """The same as one that the whole value fits."""
    found = searched(pattern)
    if found is None:
        return None
    is_one = "|" not in found
    start = "" if is_one and found.startswith("^") else ".*"
    end = "" if is_one and found.endswith("$") and not found.endswith("\\$") else ".*"
    inside = found.removeprefix("^") if not start else found
    inside = inside.removesuffix("$") if not end else inside
    return f"{start}{inside}{end}" if is_one else f".*({inside}).*"
