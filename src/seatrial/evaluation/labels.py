"""What two labels being the same means, whatever file each comes from.

A label is compared as text. Numbers are written at their shortest, so 1, 1.0 and the text "1.0" are all the
label 1 (pandas turns a column of integers with a gap into 1.0, 2.0, …); "01" is another label. True, TRUE
and the boolean are all "true". An empty text, null and NaN are no label.
"""

from __future__ import annotations

from math import isfinite, isnan


def text(value: object) -> str | None:
    """A cell as the text that it is compared by; None where there is no value."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _of_float(value)
    if isinstance(value, int):
        return str(value)
    return _of_text(value if isinstance(value, str) else str(value))


def _of_float(value: float) -> str | None:
    if isnan(value):
        return None
    if isfinite(value) and value == int(value) and abs(value) < 1 << 53:
        return str(int(value))
    return repr(value)


def _of_text(value: str) -> str | None:
    if not value:
        return None
    if value in ("True", "TRUE", "False", "FALSE"):
        return value.lower()
    whole, dot, fraction = value.partition(".")
    digits = whole.removeprefix("-")
    if dot and fraction and not fraction.strip("0") and digits.isascii() and digits.isdigit():
        return "0" if digits == "0" else value if digits.startswith("0") else whole
    return value


def in_order(names: list[str]) -> list[str]:
    """Numbers by value, else by text: the order of a confusion matrix."""
    try:
        return sorted(sorted(names), key=float)
    except (ValueError, OverflowError):
        return sorted(names)
