"""Which paths of a tree a pattern of the user's names.

A pattern is a file, a folder (with or without a final "/") or a glob: `*` and `?` stay within one name, `**`
crosses folders, `[…]` is one of a set of characters. Who names a folder, by a glob too, names all that it
holds; so `*` is everything. Names that begin with a dot are like others.

`pipeline.glob` gives one pattern and one path the same meaning; this is for many paths at once.
"""

from __future__ import annotations

import re
from functools import lru_cache

from seatrial.errors import BadInput

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\[[!^]?+.[^\]]*\]|.", re.DOTALL)


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
    text, star, since = "", False, ""  # `since`: what follows the last star of this name, not written yet

    for token in _TOKEN.findall(pattern):
        if token == "*":  # noqa: S105 - no password
            # Once a later star of the name can take the rest, the first fit of this one is as good as any;
            # so no name, however made, is tried in more ways than it has letters.
            text += f"(?>[^/]*?{since})" if star else since
            star, since = True, ""
        elif token in ("**/", "**", "/"):
            text += ("[^/]*" if star else "") + since + {"**/": "(?:.*/)?", "**": ".*", "/": "/"}[token]
            star, since = False, ""
        else:
            since += _one(token)
    text += ("[^/]*" if star else "") + since
    return re.compile(rf"(?:{text})(?:/.*)?\Z", re.DOTALL)


def _one(token: str) -> str:
    """The regular expression of what stands for one character of a name."""
    if token == "?":  # noqa: S105 - no password
        return "[^/]"
    if len(token) == 1:
        return re.escape(token)
    negated = token[1] in "!^"
    ranges = "".join(_ranges(token[2 if negated else 1 : -1]))
    if not ranges:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{ranges}]"


def _ranges(content: str) -> list[str]:
    """The members of a set, escaped; a range that runs backwards has none."""
    found, at = [], 0
    while at < len(content):
        low = high = content[at]
        if content[at + 1 : at + 2] == "-" and at + 2 < len(content):
            high = content[at + 2]
            at += 2
        if low <= high:
            found.append(f"{re.escape(low)}-{re.escape(high)}")
        at += 1
    return found
