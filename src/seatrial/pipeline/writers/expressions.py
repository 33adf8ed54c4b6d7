"""Regular expressions of conditions as other systems read them. Pure."""

from __future__ import annotations

import re

# What means the same in the expressions of Java, Ruby, Go and Python.
_ALIKE = re.compile(
    r"(?:[^\\\[\](){}|*+?]|\\[.\-/dwsb+*?$^()\[\]{}|]|[|*+?]|\((?!\?)|\)"
    r"|\[[^\[\]\\]*(?:\\.[^\[\]\\]*)*\]|\{\d+(?:,\d*)?\})*"
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
