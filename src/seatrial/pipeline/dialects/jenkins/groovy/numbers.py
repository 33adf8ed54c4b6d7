"""The methods of numbers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from math import floor, inf, nan
from math import pow as power_of
from typing import Any

from seatrial.pipeline.dialects.jenkins.groovy.machine import Value
from seatrial.pipeline.dialects.jenkins.groovy.order import compared
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.values import Long, compare, written

# Java's modes of rounding, in the order of the numbers that `BigDecimal.ROUND_…` are.
ROUNDING = {
    "UP": ROUND_UP,
    "DOWN": ROUND_DOWN,
    "CEILING": ROUND_CEILING,
    "FLOOR": ROUND_FLOOR,
    "HALF_UP": ROUND_HALF_UP,
    "HALF_DOWN": ROUND_HALF_DOWN,
    "HALF_EVEN": ROUND_HALF_EVEN,
    "UNNECESSARY": "",
}
_LONGEST = 10_000
_MOST_BITS = 1 << 20


def scaled(value: Value, digits: int, mode: Value = "UNNECESSARY") -> Decimal:
    """With so many digits after the point. Raises Unfit."""
    exact = decimal_of(value)
    rounding = ROUNDING[mode if isinstance(mode, str) else list(ROUNDING)[mode]]
    found = exact.quantize(Decimal(1).scaleb(-digits), rounding or ROUND_DOWN, Context(prec=_LONGEST))
    if not rounding and found != exact:
        raise Unfit("java.lang.ArithmeticException: Rounding necessary")
    return found


def decimal_of(value: Value) -> Decimal:
    """Raises Unfit."""
    try:
        return value if isinstance(value, Decimal) else Decimal(written(value))
    except InvalidOperation:
        raise Unfit("java.lang.NumberFormatException: null") from None


def rounded(value: Value, digits: int = 0) -> Value:
    """`Math.round`, and `round` of a double: half of it upwards."""
    if digits:
        return float(scaled(value, digits, "HALF_UP"))
    return Long(floor(decimal_of(value) + Decimal("0.5")))


def whole(value: Value, bits: int = 32) -> int:
    """Less what is behind the point, as Java's `int`, or as its `long` of 64 bits."""
    half = 1 << bits - 1
    number = (int(value) + half) % (2 * half) - half
    return Long(number) if bits > 32 else number


def _divided(value: Value, other: Value) -> int:
    if not (isinstance(value, int) and isinstance(other, int)):
        raise TypeError(other)
    if other == 0:
        raise Unfit("java.lang.ArithmeticException: / by zero")
    quotient = abs(value) // abs(other)
    return quotient if (value < 0) == (other < 0) else -quotient


def _stripped(value: Value) -> Decimal:
    return decimal_of(value).normalize(Context(prec=_LONGEST))


def power_of_doubles(value: Value, other: Value) -> float:
    """Java's `Math.pow`, which always has an answer."""
    try:
        return power_of(float(value), float(other))
    except OverflowError:
        return inf
    except ValueError:
        return inf if value == 0 else nan


def _power(value: Value, other: Value) -> Value:
    if isinstance(value, int) and value.bit_length() * abs(other) > _MOST_BITS:
        raise Unfit("java.lang.OutOfMemoryError: a number of too many digits")
    if isinstance(value, int) and isinstance(other, int) and other >= 0:
        return value**other
    return power_of_doubles(value, other)


def _hash(value: Value) -> int:
    """As Java has it of whole numbers, and of decimals that a whole number of 32 bits can hold."""
    if not isinstance(value, Decimal):
        return int(value)
    scale = -int(value.as_tuple().exponent)
    return 31 * int(value.scaleb(scale)) + scale


def _no_method() -> Value:
    raise TypeError


METHODS: dict[str, Callable[..., Any]] = {
    "intdiv": _divided,
    "abs": abs,
    "negate": lambda value: -value,
    "toInteger": whole,
    "toLong": lambda value: whole(value, 64),
    "toDouble": float,
    "toFloat": float,
    "toBigInteger": int,
    "toBigDecimal": decimal_of,
    "intValue": whole,
    "longValue": lambda value: whole(value, 64),
    "doubleValue": float,
    "floatValue": float,
    "minus": lambda value, other: compare(value, "-", other),
    "multiply": lambda value, other: compare(value, "*", other),
    "div": lambda value, other: compare(value, "/", other),
    "divide": lambda value, other: compare(value, "/", other),
    "mod": lambda value, other: compare(value, "%", other),
    "power": _power,
    "next": lambda value: value + 1,
    "previous": lambda value: value - 1,
    "setScale": scaled,
    "scale": lambda value: max(-int(value.as_tuple().exponent), 0),
    "stripTrailingZeros": _stripped,
    "toPlainString": lambda value: f"{decimal_of(value):f}",
    "round": lambda value, *digits: rounded(value, *digits) if isinstance(value, float) else _no_method(),
    "compareTo": compared,
    "hashCode": _hash,
}
