"""Groovy's rules for values: what is true, how a value is written, how two are joined and compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

Value = Any


class Long(int):
    """A whole number of 64 bits."""

    __slots__ = ()


class Char(str):
    """A `char`: a text of one character that is a number beside one."""

    __slots__ = ()


class GString(str):
    """A text with holes, filled: to Java's collections and its `equals` never the same as a String."""

    __slots__ = ()


BY_NAME = " by its name"  # what an untold text is asked that is read by a name alone


class Untold(str):
    """A text of which only the run can tell a part, as a script is followed before it.

    What a script asks of it goes to `asked` and `compared`; a text that it is put into is one, by `like`.
    """

    __slots__ = ()

    def asked(self, method: str, given: list[Value]) -> Value:
        raise NotImplementedError

    def compared(self, operator: str, other: Value) -> Value:
        raise NotImplementedError

    def like(self, text: str) -> Untold:
        raise NotImplementedError

    def __add__(self, other: str) -> Untold:
        return self.like(str.__add__(self, other))

    def __radd__(self, other: str) -> Untold:
        return self.like(str.__add__(other, self))

    def __str__(self) -> Untold:
        return self


# An operator as it is asked from the other side.
_TURNED = {"==": "==", "!=": "!=", "in": "contains"}


def untold(left: Value, operator: str, right: Value) -> Value:
    """The operator between two values one of which is untold."""
    if isinstance(left, Untold):
        return left.compared(operator, right)
    assert isinstance(right, Untold)
    return right.compared(_TURNED.get(operator, ""), left)


def joined(parts: Iterable[str], between: str = "") -> str:
    """Texts as one."""
    parts = list(parts)
    whole = between.join(parts)
    one = next((part for part in parts if isinstance(part, Untold)), None)
    return whole if one is None else one.like(whole)


def with_holes(parts: Iterable[str]) -> str:
    """A text with holes, which these parts fill."""
    whole = joined(parts)
    return whole if isinstance(whole, Untold) else GString(whole)


class Array(list[Any]):
    """An array: a list whose type has another name."""

    __slots__ = ()


class Chars(Array):
    """A `char[]`, which is written as a text."""

    __slots__ = ()

    def __str__(self) -> str:
        return "".join(self)


class Set(list[Any]):
    """A set: it holds a value once, in the order in which they came."""

    __slots__ = ()
    __hash__ = None

    def __init__(self, values: Iterable[Value] = ()) -> None:
        super().__init__(distinct(values))

    def append(self, value: Value) -> None:
        if value not in self:
            super().append(value)

    def extend(self, values: Iterable[Value]) -> None:
        self[:] = distinct([*self, *values])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Set) and len(self) == len(other) and all(one in other for one in self)

    def __ne__(self, other: object) -> bool:
        return not self == other


def alike(values: list[Value]) -> type[list[Value]]:
    """What a list that is made of another one is: whatever cannot be changed makes what can."""
    return next((kind for kind in (Set, Array) if isinstance(values, kind)), list)


def distinct(values: Iterable[Value]) -> list[Value]:
    """Each of some values once."""
    values = list(values)
    try:
        return list(dict.fromkeys(values))
    except TypeError:  # a list or a map is among them
        found: list[Value] = []
        for one in values:
            if one not in found:
                found.append(one)
        return found


_JAVA = {
    Long: "java.lang.Long",
    Char: "java.lang.Character",
    GString: "org.codehaus.groovy.runtime.GStringImpl",
    Array: "[Ljava.lang.String;",
    Set: "java.util.LinkedHashSet",
    float: "java.lang.Double",
    str: "java.lang.String",
    int: "java.lang.Integer",
    bool: "java.lang.Boolean",
    list: "java.util.ArrayList",
    dict: "java.util.LinkedHashMap",
    type(None): "null",
}
_LONGEST_INT = 1 << 31


def type_name(value: Value) -> str:
    """The type of a value as Groovy's messages name it."""
    if type(value) is int and not -_LONGEST_INT <= value < _LONGEST_INT:
        return "java.lang.Long" if -(1 << 63) <= value < 1 << 63 else "java.math.BigInteger"
    named = _JAVA.get(type(value)) or getattr(value, "java", "")
    return named or next((_JAVA[one] for one in type(value).__mro__ if one in _JAVA), "java.math.BigDecimal")


def truth(value: Value) -> bool:
    """Groovy's truth: null, false, 0, "" and empty collections are false."""
    return bool(value)


def written(value: Value) -> str:
    """A value as it appears in a string."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, list) and type(value).__str__ is object.__str__:
        return joined(("[", joined(map(_within, value), ", "), "]"))
    if isinstance(value, dict):
        pairs = ", ".join(f"{written(key)}:{_within(item)}" for key, item in value.items())
        return f"[{pairs or ':'}]"
    return str(value)


def _within(value: Value) -> str:
    """In a list or a map, where a range is written as in a script."""
    spelled = getattr(value, "spelled", None)
    return written(value) if spelled is None else str(spelled(written))


def _double(value: float) -> str:
    """As Java writes it: with an exponent where it is large or small."""
    if not math.isfinite(value):
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}[str(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return str(value)
    spelled = (f"{value:.{digits}e}" for digits in range(1, 18))
    shortest = next(text for text in spelled if float(text) == value)
    mantissa, _, exponent = shortest.partition("e")
    return f"{mantissa}E{int(exponent)}"


def plus(left: Value, right: Value) -> Value:
    """`left + right`. Raises TypeError where Groovy has no such method."""
    if isinstance(left, Char) and not (isinstance(right, str) and not isinstance(right, Char)):
        return plus(ord(left), ord(right) if isinstance(right, Char) else right)
    if isinstance(right, Char) and is_number(left):
        return plus(left, ord(right))
    if isinstance(left, bool | dict):
        raise TypeError(left)
    if isinstance(left, list):
        return alike(left)([*left, *right] if isinstance(right, list) else [*left, right])
    if isinstance(left, str) or isinstance(right, str):
        text = written(left) + written(right)
        return GString(text) if isinstance(left, GString) and not isinstance(text, Untold) else text
    return _calculated(left, "+", right)


def compare(left: Value, operator: str, right: Value) -> Value:
    """The other operators. Raises TypeError or ArithmeticError."""
    if isinstance(left, Untold) or isinstance(right, Untold):
        return untold(left, operator, right)
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
    return _calculated(left, operator, right)


def _alike(left: Value, right: Value, operator: str) -> tuple[Value, Value]:
    """A string of one character beside a number is the number of the character."""
    if operator in _ORDER or operator in ("==", "!="):
        if is_number(left) and isinstance(right, str) and len(right) == 1:
            return left, ord(right)
        if is_number(right) and isinstance(left, str) and len(left) == 1:
            return ord(left), right
    if operator in ("-", "*") and isinstance(left, Char) and (is_number(right) or isinstance(right, Char)):
        return ord(left), ord(right) if isinstance(right, Char) else right
    return left, right


def equals(value: Value, other: Value) -> bool:
    """Java's `equals`: numbers of two types never are, nor are decimals of two lengths."""
    if is_number(value) or isinstance(value, bool):
        return type_name(value) == type_name(other) and written(value) == written(other)
    return bool(value == other) and isinstance(value, GString) == isinstance(other, GString)


def holds(values: Iterable[Value], value: Value) -> bool:
    """Whether a collection of Java's has a value; what stands for itself in Python is found at once."""
    is_found = value in values
    has_kinds = is_found and (is_number(value) or isinstance(value, bool | str))
    return any(equals(one, value) for one in values) if has_kinds else is_found


def is_number(value: Value) -> bool:
    if isinstance(value, int | float):
        return not isinstance(value, bool)
    return type(value).__name__ == "Decimal"


_ORDER = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_LONGEST = 1_000_000


def _repeated(text: str, times: Value) -> str:
    if not is_number(times) or times < 0 or len(text) * times > _LONGEST:
        raise ValueError(times)
    return text * int(times)


def _calculated(left: Value, operator: str, right: Value) -> Value:
    """Of two numbers: doubles where one is, else whole numbers, else exact decimals."""
    if not (is_number(left) and is_number(right)):
        raise TypeError(operator)
    if isinstance(left, float) or isinstance(right, float):
        return _of_doubles(float(left), operator, float(right))
    if operator == "/":
        return _divided(left, right)
    if isinstance(left, int) and isinstance(right, int):
        return _of_whole(left, operator, right)
    return _of_decimals(left, operator, right)


def _of_whole(left: int, operator: str, right: int) -> int:
    if operator in _OF_BITS:
        return _OF_BITS[operator](left, right)
    if operator == "%" and right == 0:
        raise ZeroDivisionError("/ by zero")
    if operator == "%":  # Java's has the sign of the dividend
        return int(math.copysign(1, left)) * (abs(left) % abs(right))
    return {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}[operator](left, right)


def _of_doubles(left: float, operator: str, right: float) -> float:
    if operator == "/" and right == 0:
        return math.nan if left == 0 else math.copysign(math.inf, left)
    if operator not in _OF_DOUBLES:
        raise TypeError(operator)
    return _OF_DOUBLES[operator](left, right)


_OF_DOUBLES: dict[str, Callable[[float, float], float]] = {
    "+": float.__add__,
    "-": float.__sub__,
    "*": float.__mul__,
    "/": float.__truediv__,
}


def _of_decimals(left: Value, operator: str, right: Value) -> Value:
    """Exactly, however many digits it takes."""
    from decimal import Context, Decimal

    exact = Context(prec=10_000)
    of = {"+": exact.add, "-": exact.subtract, "*": exact.multiply}
    if operator not in of:  # Groovy has no remainder of decimals
        raise TypeError(operator)
    return of[operator](Decimal(left), Decimal(right))


_OF_BITS: dict[str, Callable[[int, int], int]] = {
    "&": int.__and__,
    "|": int.__or__,
    "^": int.__xor__,
    "<<": lambda left, right: _signed(left << right % _bits(left), _bits(left)),
    ">>": lambda left, right: left >> right % _bits(left),
    ">>>": lambda left, right: (left % (1 << _bits(left))) >> right % _bits(left),
}


def _bits(value: int) -> int:
    """How many Java keeps the number in."""
    return 64 if isinstance(value, Long) or not -_LONGEST_INT <= value < _LONGEST_INT else 32


def _signed(value: int, bits: int) -> int:
    half = 1 << bits - 1
    wrapped = (value + half) % (2 * half) - half
    return Long(wrapped) if bits == 64 else wrapped


def _divided(left: Value, right: Value) -> Value:
    """Two whole numbers make a decimal: 1 / 2 is 0.5.

    Groovy's rule (BigDecimalMath): the exact quotient; where it has no end, ten digits more than the longer
    operand has, and as many after the point as either has, or ten.
    """
    from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

    one, other = Decimal(left), Decimal(right)
    if other == 0:
        raise ZeroDivisionError("Division by zero")
    exact = Context(prec=400, traps=[Inexact])
    scales = [-int(number.as_tuple().exponent) for number in (one, other)]
    try:
        quotient = exact.divide(one, other)
    except Inexact:
        digits = max(len(number.as_tuple().digits) for number in (one, other)) + 10
        quotient = Context(prec=digits, rounding=ROUND_HALF_UP).divide(one, other)
        if -int(quotient.as_tuple().exponent) > (most := max(*scales, 10)):
            quotient = quotient.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
        return quotient
    return _with_scale(quotient, scales[0] - scales[1])


def _with_scale(quotient: Value, scale: int) -> Value:
    """Without the zeros at its end, but with at least so many digits after the point."""
    from decimal import Decimal

    plain = quotient.normalize()
    is_long = plain and -int(plain.as_tuple().exponent) >= scale
    return plain if is_long else plain.quantize(Decimal(1).scaleb(-scale))
