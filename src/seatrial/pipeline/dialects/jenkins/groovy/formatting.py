"""`String.format` as Java has it."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.values import Value, is_number, truth, type_name, written

_DIRECTIVE = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")
_MOST_DIGITS = 3  # of a width


def formatted(text: str, given: list[Value]) -> str:
    """Raises Unfit, TypeError."""
    waiting = iter(given)

    def part(one: re.Match[str]) -> str:
        index, flags, width, precision, kind = one.groups()
        if any(len(number or "") > _MOST_DIGITS for number in (width, precision)):
            raise Unfit("java.lang.OutOfMemoryError: a width of more than three digits")
        if kind in "n%":
            return _wide("\n" if kind == "n" else "%", flags, width)
        try:
            value = given[int(index) - 1] if index else next(waiting)
        except (StopIteration, IndexError):
            raise Unfit(f"java.util.MissingFormatArgumentException: Format specifier '{one[0]}'") from None
        shown = _shown(
            value, kind.lower(), flags, int(width or 0), None if precision is None else int(precision)
        )
        return _wide(shown.upper() if kind.isupper() else shown, flags, width)

    return _DIRECTIVE.sub(part, text)


def _wide(text: str, flags: str, width: str | None) -> str:
    columns = int(width or 0)
    return text.ljust(columns) if "-" in flags else text.rjust(columns)


def _shown(value: Value, kind: str, flags: str, width: int, precision: int | None) -> str:
    if kind == "b":
        return written(truth(value) if isinstance(value, bool) else value is not None)[:precision]
    if value is None:
        return "null"[:precision]
    if kind == "s":
        return _by_java(value)[:precision]
    if kind == "c":
        return value if isinstance(value, str) and len(value) == 1 else chr(value)
    if kind in "xo" and isinstance(value, int):
        return _signed(format(value % (1 << 32) if value < 0 else value, kind), False, flags, width)
    if kind == "d" and isinstance(value, int) and not isinstance(value, bool):
        return _signed(f"{abs(value):{',' if ',' in flags else ''}d}", value < 0, flags, width)
    if kind in "fe" and is_number(value) and not isinstance(value, int):
        digits = 6 if precision is None else precision
        return _signed(_real(abs(value), kind, flags, digits), value < 0, flags, width)
    if kind not in "xodfe":
        raise Unfit(f"java.util.UnknownFormatConversionException: Conversion = '{kind}'")
    what = f"{kind} != {type_name(value)}"
    raise Unfit(f"java.util.IllegalFormatConversionException: {what}")


def _by_java(value: Value) -> str:
    """As Java writes it: a map in other brackets than Groovy's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_by_java(key)}={_by_java(one)}" for key, one in value.items()) + "}"
    return f"[{', '.join(map(_by_java, value))}]" if isinstance(value, list) else written(value)


def _real(value: Value, kind: str, flags: str, digits: int) -> str:
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if kind == "e":
        return f"{exact:.{digits}e}" if exact == 0 else _exponential(exact, digits)
    rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=10_000))
    return f"{rounded:{',' if ',' in flags else ''}f}"


def _exponential(value: Decimal, digits: int) -> str:
    mantissa, exponent = f"{Context(prec=digits + 1, rounding=ROUND_HALF_UP).plus(value):.{digits}e}".split(
        "e"
    )
    return f"{mantissa}e{int(exponent):+03d}"


def _signed(digits: str, negative: bool, flags: str, width: int) -> str:
    sign = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    if negative and "(" in flags:
        return f"({digits})"
    return sign + (digits.zfill(width - len(sign)) if "0" in flags else digits)
