"""Which paths of a tree a pattern of the user's names.

A pattern is a file, a folder (with or without a final "/") or a glob: `*` and `?` stay within one name, `**`
is any number of folders, `[…]` a set of characters. Who names a folder, by a glob too, names all that it
holds; so `*` is everything. Names that begin with a dot are like others.
"""

from __future__ import annotations

import re
from functools import lru_cache

from seatrial.errors import BadInput


def normal(pattern: str) -> str:
    """The pattern without "./" and the final "/"; "" is the whole tree. Raises BadInput if it leaves it."""
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if pattern.startswith("/") or ".." in parts or "\0" in pattern:
        raise BadInput(f"the path {pattern!r} leaves its folder", hint="give a relative path without '..'")
    return "/".join(parts)


def is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """What a normal pattern with globs matches: paths of files, at or below what it names."""
    parts = pattern.split("/")
    text = "".join("(?:[^/]+/)*" if part == "**" else _segment(part) + "/" for part in parts[:-1])
    last = "(?:[^/]+/)*[^/]+" if parts[-1] == "**" else _segment(parts[-1])
    return re.compile(rf"{text}{last}(?:/.*)?\Z", re.DOTALL)


def _segment(text: str) -> str:
    """The regular expression of one name."""
    found, at = "", 0
    while at < len(text):
        sign = text[at]
        closing = text.find("]", at + 2) if sign == "[" else -1
        if sign == "*":
            found += "[^/]*"
        elif sign == "?":
            found += "[^/]"
        elif closing > 0:
            found += _characters(text[at + 1 : closing])
            at = closing
        else:
            found += re.escape(sign)
        at += 1
    return found


def _characters(content: str) -> str:
    """The regular expression of a set of characters: what stands between the brackets."""
    sign = "^/" if content[0] in "!^" else ""
    letters = content[1:] if sign else content
    safe = re.sub(r"([\\\[\]^&~|])", r"\\\1", letters)
    return f"[{sign}{safe}]"
