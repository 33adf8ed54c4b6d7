"""Operators between two values of a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any

from seatrial.pipeline.dialects.jenkins.evaluator import MAX_TEXT
from seatrial.pipeline.dialects.jenkins.groovy import classes, maps, members, numbers, objects, order, regular
from seatrial.pipeline.dialects.jenkins.groovy.fixed import Range
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    MISSING,
    Chained,
    Function,
    Thrown,
    Value,
    known,
)
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import (
    Char,
    Long,
    Untold,
    compare,
    is_number,
    plus,
    untold,
    written,
)

_LARGEST_BITS = 1 << 20  # of a power


def binary(left: Value, operator: str, right: Value, at: Position) -> Value:
    """`left operator right` of values. Raises Thrown."""
    quick = _quick(left, operator, right) if type(left) is type(right) else MISSING
    if quick is not MISSING:
        return quick
    if operator != "<<":  # a list holds what it is given
        left, right = known(left), known(right)
    if operator != "+" and (isinstance(left, Untold) or isinstance(right, Untold)):
        return untold(left, operator, right)
    try:
        return _binary_of(operator)(left, operator, right)
    except Unfit as unfit:
        raise Thrown.by(unfit, at) from None
    except ZeroDivisionError as error:
        raise Thrown("java.lang.ArithmeticException", str(error), at) from None
    except (TypeError, ValueError, ArithmeticError, re.error):
        kind = "java.lang.NullPointerException" if left is None else "groovy.lang.MissingMethodException"
        raise Thrown(kind, f"{written(left)} {operator} {written(right)}", at) from None


def _quick(left: Value, operator: str, right: Value) -> Value:
    """Of two small whole numbers or two texts, with a result that is one again or true or false."""
    known = _QUICK.get(type(left), {}).get(operator)
    if known is None:
        return MISSING
    found = known(left, right)
    if type(found) is not int or -_HALF <= min(left, right, found) <= max(left, right, found) < _HALF:
        return found
    return MISSING


_HALF = 1 << 31
_QUICK: dict[type, dict[str, Callable[[Any, Any], Value]]] = {
    int: {"+": add, "-": sub, "*": mul, "==": eq, "!=": ne, "<": lt, ">": gt, "<=": le, ">=": ge},
    str: {"+": add, "==": eq, "!=": ne},
}


def _binary_of(operator: str) -> Callable[[Value, str, Value], Value]:
    return _OPERATORS.get(operator, compare)


def _plus(left: Value, _operator: str, right: Value) -> Value:
    if isinstance(left, classes.Moment) and isinstance(right, int):
        return left.later(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    return _whole(left, "+", right) if _are_whole(left, right) else plus(left, right)


def _minus(left: Value, _operator: str, right: Value) -> Value:
    if isinstance(left, classes.Moment) and isinstance(right, int):
        return left.later(-right)
    if isinstance(left, classes.Moment) and isinstance(right, classes.Moment):
        return int((left.millis - right.millis) / 86_400_000)
    if isinstance(left, list | str) and not isinstance(left, Char):
        return members.minus(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return maps.METHODS["minus"](left, right)
    return _whole(left, "-", right) if _are_whole(left, right) else compare(left, "-", right)


def _times(left: Value, _operator: str, right: Value) -> Value:
    if isinstance(left, list):
        return left * int(right if len(left) * right <= MAX_TEXT else _too_large())
    return _whole(left, "*", right) if _are_whole(left, right) else compare(left, "*", right)


def _shifted(left: Value, operator: str, right: Value) -> Value:
    if isinstance(left, Function):
        return Function(Chained((left, right) if operator == ">>" else (right, left)))
    return objects.appended(left, right) if operator == "<<" else compare(left, operator, right)


def _power(left: Value, _operator: str, right: Value) -> Value:
    if not (is_number(left) and is_number(right)):
        raise TypeError(left)
    bits = left.bit_length() if isinstance(left, int) else 64
    if not isinstance(right, int) or right < 0 or isinstance(left, float):
        found = numbers.power_of_doubles(left, right)
        return int(found) if found.is_integer() and abs(found) < 1 << 63 else found
    if bits * right > _LARGEST_BITS:
        return _too_large()
    return left**right if isinstance(left, int) else Context(prec=10_000).power(left, right)


_COMPARED: dict[str, Callable[[int], bool]] = {
    "<": lambda found: found < 0,
    ">": lambda found: found > 0,
    "<=": lambda found: found <= 0,
    ">=": lambda found: found >= 0,
}


def _ordered(left: Value, operator: str, right: Value) -> Value:
    if operator == "<=>":
        return order.compared(left, right)
    return _COMPARED[operator](order.compared(left, right))


def _too_large() -> Value:
    raise ValueError


def _are_whole(left: Value, right: Value) -> bool:
    return all(isinstance(one, int) and not isinstance(one, bool) for one in (left, right))


def _whole(left: int, operator: str, right: int) -> Value:
    """Java's Integer, or Long where one of the two needs it: what is too large begins again from below."""
    result = {"+": left + right, "-": left - right, "*": left * right}[operator]
    if max(abs(left), abs(right)) >= 1 << 63:  # a BigInteger
        return result
    is_long = any(isinstance(one, Long) or not -(1 << 31) <= one < 1 << 31 for one in (left, right))
    half = 1 << (63 if is_long else 31)
    wrapped = (result + half) % (2 * half) - half
    return Long(wrapped) if is_long else wrapped


def _matched(left: Value, operator: str, right: Value) -> Value:
    text, pattern = written(left), written(right)
    if operator == "==~":
        return regular.compiled(pattern).fullmatch(text) is not None
    return regular.Matcher(text, pattern)


def _range(left: Value, operator: str, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        codes = _range(ord(left), operator, ord(right))
        return Range([chr(code) for code in codes], left, right, operator)
    if operator == "..<" and left == right:
        return Range([], left, right, operator)
    last = right - (1 if left < right else -1) * (operator == "..<")
    if abs(last - left) > MAX_TEXT:
        raise ValueError(last)
    return Range(_between(left, last), left, right, operator)


def _between(left: Value, last: Value) -> list[Value]:
    if type(left) is int and type(last) is int:
        return list(range(left, last + 1)) if left <= last else list(range(left, last - 1, -1))
    return [type(left)(left + (at if left <= last else -at)) for at in range(int(abs(last - left)) + 1)]


_OPERATORS: dict[str, Callable[[Value, str, Value], Value]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "**": _power,
    **dict.fromkeys(("<<", ">>"), _shifted),
    **dict.fromkeys(("=~", "==~"), _matched),
    **dict.fromkeys(("..", "..<"), _range),
    **dict.fromkeys(("<=>", *_COMPARED), _ordered),
    "in": lambda left, _operator, right: objects.is_case(left, right),
}
