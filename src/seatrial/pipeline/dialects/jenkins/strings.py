"""The inside of Groovy's string literals: quotes, escapes, and where a hole begins."""

from __future__ import annotations

import re

from seatrial.named_tuple import NamedTuple

HOLE = "hole"  # ${ expression }
PATH = "path"  # $name.name
END = "end"


class Quote(NamedTuple):
    """A way to write a string. `plain` matches what needs no second look."""

    close: str
    plain: re.Pattern[str]
    holes: bool  # ${…} is read
    lines: bool  # it may go over several lines
    escapes: str  # "java", "slashy" or "dollar"


SINGLE = Quote("'", re.compile(r"[^'\\\n]+"), False, False, "java")
DOUBLE = Quote('"', re.compile(r'[^"\\\n$]+'), True, False, "java")
TRIPLE_SINGLE = Quote("'''", re.compile(r"[^'\\]+"), False, True, "java")
TRIPLE_DOUBLE = Quote('"""', re.compile(r'[^"\\$]+'), True, True, "java")
SLASHY = Quote("/", re.compile(r"[^/\\$]+"), True, True, "slashy")
DOLLAR_SLASHY = Quote("/$", re.compile(r"[^/$]+"), True, True, "dollar")

# The longest opening first: ''' before '.
OPENINGS = (
    ("'''", TRIPLE_SINGLE),
    ('"""', TRIPLE_DOUBLE),
    ("'", SINGLE),
    ('"', DOUBLE),
    ("$/", DOLLAR_SLASHY),
    ("/", SLASHY),
)

NAME_AFTER_DOLLAR = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_UNICODE = re.compile(r"u+([0-9a-fA-F]{4})")
_OCTAL = re.compile(r"[0-3]?[0-7]{1,2}")
_LETTERS = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "$": "$",
    "\n": "",
}


def unescape(text: str, at: int, quote: Quote) -> tuple[str, int] | None:
    """What the backslash at `at` stands for and where the text goes on; None when Groovy refuses it."""
    after = text[at + 1 : at + 2]
    unicode = _UNICODE.match(text, at + 1)
    if unicode:
        return chr(int(unicode[1], 16)), unicode.end()
    if quote.escapes == "slashy":
        return ("/", at + 2) if after == "/" else ("\\", at + 1)
    if after and after in _LETTERS:
        return _LETTERS[after], at + 2
    octal = _OCTAL.match(text, at + 1)
    return (chr(int(octal[0], 8)), octal.end()) if octal else None


def undollar(text: str, at: int, quote: Quote) -> tuple[str, int]:
    """The `$` at `at` of a slashy or dollar-slashy string, where no hole begins."""
    if quote.escapes == "dollar" and text.startswith("$/", at) and not text.startswith("$/$", at):
        return "/", at + 2
    return "$", at + (2 if quote.escapes == "dollar" and text.startswith("$$", at) else 1)
