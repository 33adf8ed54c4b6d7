"""Groovy's rules for values: what is true, how a value is written, how two are joined and compared."""

from __future__ import annotations

from typing import Any

Value = Any


class Long(int):
    """A whole number of 64 bits."""

    __slots__ = ()


_JAVA = {
    Long: "java.lang.Long",
    float: "java.lang.Double",
    str: "java.lang.String",
    int: "java.lang.Integer",
    bool: "java.lang.Boolean",
    list: "java.util.ArrayList",
    dict: "java.util.LinkedHashMap",
    type(None): "null",
}


def type_name(value: Value) -> str:
    """The type of a value as Groovy's messages name it."""
    return _JAVA.get(type(value), "java.math.BigDecimal")


def truth(value: Value) -> bool:
    """Groovy's truth: null, false, 0, "" and empty collections are false."""
    return bool(value)


def written(value: Value) -> str:
    """A value as it appears in a string."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{written(key)}:{written(item)}" for key, item in value.items())
        return f"[{pairs or ':'}]"
    return str(value)


def plus(left: Value, right: Value) -> Value:
    """`left + right`. Raises TypeError where Groovy has no such method."""
    if isinstance(left, list):
        return [*left, *right] if isinstance(right, list) else [*left, right]
    if isinstance(left, str) or isinstance(right, str):
        return written(left) + written(right)
    _require_numbers(left, right)
    return left + right


def compare(left: Value, operator: str, right: Value) -> Value:
    """The other operators. Raises TypeError or ArithmeticError."""
    left, right = _alike(left, right, operator)
    if operator == "==":
        return left == right and isinstance(left, bool) == isinstance(right, bool)
    if operator == "!=":
        return not compare(left, "==", right)
    if operator == "in":
        return right is not None and left in right
    if operator == "-" and isinstance(left, str):
        return left.replace(written(right), "", 1)
    if operator == "*" and isinstance(left, str):
        return _repeated(left, right)
    if operator in _ORDER:
        return _ORDER[operator](left, right)
    if operator in ("&", "|", "^") and isinstance(left, bool) and isinstance(right, bool):
        return bool(_OF_BITS[operator](left, right))
    _require_numbers(left, right)
    return _divided(left, right) if operator == "/" else _arithmetic(left, operator, right)


def _alike(left: Value, right: Value, operator: str) -> tuple[Value, Value]:
    """A string of one character beside a number is the number of the character."""
    if operator in _ORDER or operator in ("==", "!="):
        if _is_number(left) and isinstance(right, str) and len(right) == 1:
            return left, ord(right)
        if _is_number(right) and isinstance(left, str) and len(left) == 1:
            return ord(left), right
    return left, right


def _is_number(value: Value) -> bool:
    return not isinstance(value, str | bool | list | dict | None)


_ORDER = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_LONGEST = 1_000_000


def _repeated(text: str, times: Value) -> str:
    if not isinstance(times, int) or times < 0 or len(text) * times > _LONGEST:
        raise ValueError(times)
    return text * times


def _arithmetic(left: Value, operator: str, right: Value) -> Value:
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if not (isinstance(left, int) and isinstance(right, int)):
        raise TypeError(operator)
    if operator in _OF_BITS:
        return _OF_BITS[operator](left, right)
    # Java's remainder has the sign of the dividend.
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


_OF_BITS = {
    "&": lambda left, right: left & right,
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    "<<": lambda left, right: left << (right % 64),
    ">>": lambda left, right: left >> (right % 64),
    ">>>": lambda left, right: (left % (1 << 32)) >> (right % 32),
}


def _divided(left: Value, right: Value) -> Value:
    """Two whole numbers make a decimal: 1 / 2 is 0.5.

    Groovy's rule (BigDecimalMath): the exact quotient; where it has no end, ten digits more than the longer
    operand has, and as many after the point as either has, or ten.
    """
    from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

    one, other = Decimal(left), Decimal(right)
    exact = Context(prec=400, traps=[Inexact])
    scales = [max(-int(number.as_tuple().exponent), 0) for number in (one, other)]
    try:
        quotient = exact.divide(one, other)
    except Inexact:
        digits = max(len(number.as_tuple().digits) for number in (one, other)) + 10
        quotient = Context(prec=digits, rounding=ROUND_HALF_UP).divide(one, other)
        if -int(quotient.as_tuple().exponent) > (most := max(*scales, 10)):
            quotient = quotient.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
        return quotient
    whole = quotient == quotient.to_integral_value()
    return int(quotient) if whole and scales[0] <= scales[1] else _with_scale(quotient, scales[0] - scales[1])


def _with_scale(quotient: Value, scale: int) -> Value:
    """Without the zeros at its end, but with at least so many digits after the point."""
    from decimal import Decimal

    plain = quotient.normalize()
    return plain if -int(plain.as_tuple().exponent) >= scale else plain.quantize(Decimal(1).scaleb(-scale))


def _require_numbers(*values: Value) -> None:
    if any(isinstance(value, str | bool | list | dict) or value is None for value in values):
        raise TypeError(values)
