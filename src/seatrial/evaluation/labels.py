"""What two labels being the same means, whatever file each comes from.

A label is compared as text, and a number is written in one way only: as a plain decimal, without zeros at the
end of its fraction, every digit kept. So 1, 1.0, 1.00 and 1e+00 are all the label 1 (pandas turns a column of
integers with a gap into 1.0, 2.0, …), and 0.50 is 0.5. "01", "+1", ".5" and "1e3" are texts, for names and
hashes look like them. True, TRUE and the boolean are all "true". An empty text, null and NaN are no label.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite, isnan

# What programs write for a number. An exponent has its sign, or a fraction: else it may be a hash.
_is_number = re.compile(
    r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][0-9]{1,3})?|(?:\.[0-9]+)?[eE][+-][0-9]{1,3})?"
).fullmatch


def text(value: object) -> str | None:
    """A cell as the text that it is compared by; None where there is no value."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _of_float(value)
    if isinstance(value, Decimal):
        return _plain(value)
    return _of_text(value if isinstance(value, str) else str(value))


def _of_float(value: float) -> str | None:
    if isnan(value):
        return None
    return _plain(Decimal(repr(value))) if isfinite(value) else repr(value)


def _of_text(value: str) -> str | None:
    if not value:
        return None
    if value in ("True", "TRUE", "False", "FALSE"):
        return value.lower()
    if value.isdecimal() or not _is_number(value):
        return value
    return _plain(Decimal(value))


def _plain(number: Decimal) -> str:
    if not number:
        return "0"
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def in_order(names: list[str]) -> list[str]:
    """Numbers by value, else by text: the order of a confusion matrix."""
    try:
        return sorted(sorted(names), key=_finite)
    except (ValueError, OverflowError):
        return sorted(names)


def _finite(name: str) -> float:
    """ValueError for the text "nan" too, which has no place among numbers."""
    number = float(name)
    if isnan(number):
        raise ValueError(name)
    return number
