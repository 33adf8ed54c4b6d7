"""Patterns of paths and names: which of them a text of the user's means. Pure.

`*` and `?` stay within one name, `[…]` is one of a set of characters, `**` crosses folders, and a `**/` that
begins a name may stand for no folder at all. Names that begin with a dot are like others.

Time is bounded for every pattern, also one made to hurt: whatever follows a star is looked for once, from
the left. Where a later star takes the rest, the first fit is as good as any other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from seatrial.errors import BadInput

_TOKEN = re.compile(r"(?:^|(?<=/))\*\*/|\*\*|\*|\[[!^]?+.[^\]]*\]|.", re.DOTALL)
_CROSSING = {"**": ".*?", "**/": "(?:.*?/)??"}


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern means the whole of `path`."""
    return _whole(pattern).match(path) is not None


def any_matches(patterns: tuple[str, ...], path: str) -> bool:
    return any(matches(pattern, path) for pattern in patterns)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """What a normal pattern means among files: those at, or below, what it names; so `*` is everything."""
    return re.compile(rf"(?:{_expression(pattern)})(?:/.*)?\Z", re.DOTALL)


def normal(pattern: str) -> str:
    """The pattern without "./" and the final "/"; "" is the whole tree. Raises BadInput if it leaves it."""
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if pattern.startswith("/") or ".." in parts or "\0" in pattern:
        raise BadInput(f"the path {pattern!r} leaves its folder", hint="give a relative path without '..'")
    return "/".join(parts)


# What Ant leaves out unless it is told otherwise: what editors and version control keep for themselves.
_FOLDERS = ("CVS", "SCCS", ".svn", ".git", ".hg", ".bzr")
_FILES = (
    *("*~", "#*#", ".#*", "%*%", "._*", ".cvsignore", "vssver.scc", ".DS_Store", ".gitattributes"),
    *(".gitignore", ".gitmodules", ".hgignore", ".hgsub", ".hgsubstate", ".hgtags", ".bzrignore"),
)
LEFT_OUT_BY_ANT = (*(f"**/{one}/**" for one in _FOLDERS), *(f"**/{one}" for one in (*_FOLDERS, *_FILES)))


def of_files(given: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns of Ant as ours: one that ends with a "/" means all that is in the folder, `**` crosses folders
    only where it stands alone, and a bracket is a bracket. `a*/**` means also the file `a`; `a/**` does not.
    A `\\` is a "/"; what begins with one, or has a "..", means none of the names below a folder.
    """
    slashed = [one.replace("\\", "/") for one in given]
    below = (one for one in slashed if not one.startswith("/") and ".." not in one.split("/"))
    whole = (normal(f"{one}**" if one.endswith("/") else one) for one in below if "\0" not in one)
    ours = ["/".join(map(_name_of_ant, one.split("/"))) for one in whole]
    return (*ours, *(short for one in ours if (short := _shortened(one)) != one and set("*?") & set(short)))


def _shortened(pattern: str) -> str:
    """Without each `**` at its end."""
    while pattern.endswith("/**"):
        pattern = pattern.removesuffix("/**")
    return pattern


def _name_of_ant(name: str) -> str:
    return name if name == "**" else re.sub(r"\*+", "*", name).replace("[", "[[]")


def is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def fixed_folder(pattern: str) -> str:
    """The folders before the first wildcard: `src` of `src/*.py`, "" of `*.py`."""
    parts = pattern.split("/")
    fixed = next((i for i, part in enumerate(parts) if is_glob(part)), len(parts) - 1)
    return "/".join(parts[:fixed])


@lru_cache(maxsize=1024)
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_expression(pattern)}\Z", re.DOTALL)


def _expression(pattern: str) -> str:
    """The regular expression: what stands between two `**` is found once and never looked for again."""
    text, before = "", ""
    between: list[str] = []
    for token in _TOKEN.findall(pattern):
        if token in _CROSSING:
            text += f"(?>{before}{_between(between)})"
            before, between = _CROSSING[token], []
        else:
            between.append(token)
    return text + before + _between(between)


def _between(tokens: list[str]) -> str:
    """The expression of what holds no `**`. `since`: what follows the last star of this name."""
    text, star, since = "", "", ""
    for token in tokens:
        if token == "*":  # noqa: S105 - no password
            text += f"(?>{star}{since})"
            star, since = "[^/]*?", ""
        elif token == "/":  # noqa: S105
            text += f"{star}{since}/"
            star, since = "", ""
        else:
            since += _one(token)
    return text + star + since


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
