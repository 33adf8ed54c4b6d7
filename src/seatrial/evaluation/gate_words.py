"""The words of the gate language: names, numbers with units, quoted texts and signs."""

from __future__ import annotations

from math import isfinite

from seatrial.errors import BadInput, Place
from seatrial.named_tuple import NamedTuple

NAME, NUMBER, QUOTED, SIGN = "name", "number", "quoted", "sign"

# The longest first, so that "<=" is not read as "<".
_SIGNS = (">=", "<=", ">", "<", "(", ")", "*", "+", "-", "=")
# What a unit makes of a number.
_UNITS = {"": 1.0, "%": 0.01, "pp": 0.01, "ms": 0.001, "s": 1.0}
_LONGEST = 1000  # characters of a gate
_DIGITS = "0123456789"


class Word(NamedTuple):
    kind: str
    text: str  # of a quoted text: what is inside
    offset: int  # in the gate, from 0
    value: float = 0.0  # of a number, in the unit's base: shares, seconds
    unit: str = ""


def words(text: str, place: Place) -> tuple[Word, ...]:
    """Split a gate into words. Raises BadInput with the column of what is none."""
    if len(text) > _LONGEST:
        raise BadInput(f"a gate has at most {_LONGEST} characters, this has {len(text)}", place=place)
    found: list[Word] = []
    offset = 0
    while offset < len(text):
        if text[offset].isspace():
            offset += 1
            continue
        word, offset = _word(text, offset, place)
        found.append(word)
    return tuple(found)


def _word(text: str, offset: int, place: Place) -> tuple[Word, int]:
    first = text[offset]
    if first in "'\"":
        return _quoted(text, offset, place)
    if first in _DIGITS or (first == "." and text[offset + 1 : offset + 2] in tuple(_DIGITS)):
        return _number(text, offset, place)
    if _in_name(first):
        end = _end_of_name(text, offset)
        return Word(NAME, text[offset:end], offset), end
    for sign in _SIGNS:
        if text.startswith(sign, offset):
            return Word(SIGN, sign, offset), offset + len(sign)
    raise _error(text, offset, place, f"{first!r} has no meaning here")


def _quoted(text: str, offset: int, place: Place) -> tuple[Word, int]:
    """Up to the next quote of its kind that is not doubled: two stand for one."""
    quote = text[offset]
    end = text.find(quote, offset + 1)
    while text[end : end + 2] == quote * 2 and end > 0:
        end = text.find(quote, end + 2)
    if end < 0:
        raise _error(text, offset, place, f"the quote {quote} is never closed")
    return Word(QUOTED, text[offset + 1 : end].replace(quote * 2, quote), offset), end + 1


def as_word(name: str) -> str:
    """A name as a gate writes it: as it is where it is one word, else quoted."""
    try:
        found = words(name, Place(""))
    except BadInput:
        return quoted(name)
    kinds = [word.kind for word in found]
    is_one = kinds in ([NAME], [NUMBER]) or (kinds == [SIGN, NUMBER] and found[0].text == "-")
    return name if is_one and "".join(word.text for word in found) == name else quoted(name)


def quoted(name: str) -> str:
    """In the quotes that it does not have itself; where it has both kinds, its own are doubled."""
    if '"' in name and "'" not in name:
        return f"'{name}'"
    return '"' + name.replace('"', '""') + '"'


def _in_name(character: str) -> bool:
    return character.isalnum() or character == "_"


def _end_of_name(text: str, offset: int) -> int:
    """A "-" belongs to a name between letters (production-eu), not before a number (production-0.02)."""
    end = offset
    while end < len(text) and (
        _in_name(text[end])
        or (text[end] == "-" and text[end + 1 : end + 2].isalpha() and _in_name(text[end - 1]))
    ):
        end += 1
    return end


def _number(text: str, offset: int, place: Place) -> tuple[Word, int]:
    end = _skip(text, offset, _DIGITS + ".")
    if text[end : end + 1] in ("e", "E"):
        sign = end + 1 + (text[end + 1 : end + 2] in ("+", "-"))
        if text[sign : sign + 1] in tuple(_DIGITS):
            end = _skip(text, sign, _DIGITS)
    after = end + 1 if text[end : end + 1] == "%" else _end_of_name(text, end) if _letter(text, end) else end
    unit = text[end:after]
    try:
        value = float(text[offset:end])
    except ValueError:
        raise _error(text, offset, place, f"{text[offset:after]!r} is no number") from None
    if not isfinite(value):
        raise _error(text, offset, place, f"{text[offset:after]!r} is too large")
    if unit not in _UNITS:
        return _name_of_digits(text, offset, after, place)
    # Divided and not multiplied, so that 78% is exactly 0.78.
    scaled = value / round(1 / _UNITS[unit])
    return Word(NUMBER, text[offset:after], offset, scaled, unit), after


def _letter(text: str, offset: int) -> bool:
    return offset < len(text) and _in_name(text[offset])


def _skip(text: str, offset: int, characters: str) -> int:
    while offset < len(text) and text[offset] in characters:
        offset += 1
    return offset


def _name_of_digits(text: str, offset: int, end: int, place: Place) -> tuple[Word, int]:
    """3d, 2nd: names of classes and slices may begin with a digit."""
    word = text[offset:end]
    if not all(_in_name(character) or character == "-" for character in word) or word.isdigit():
        raise _error(text, offset, place, f"{word!r} is no number", "units are %, pp, ms and s")
    return Word(NAME, word, offset), end


def _error(text: str, offset: int, place: Place, message: str, hint: str = "") -> BadInput:
    column = max(place.column, 1) + offset
    return BadInput(f"gate {text!r}: {message}", hint, place._replace(column=column))
