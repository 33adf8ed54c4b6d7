"""What a value becomes by `as`, and what a variable, a parameter or a cast of a type makes of it."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.pipeline.dialects.jenkins.groovy import builder, numbers, strings
from seatrial.pipeline.dialects.jenkins.groovy.machine import PassedOver, Thrown, Value, known
from seatrial.pipeline.dialects.jenkins.groovy.maps import entries
from seatrial.pipeline.dialects.jenkins.groovy.objects import NUMBERS, TYPES, is_a, true
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import Array, Char, Long, Set, Untold, type_name, written


def short(kind: str) -> str:
    """The name of a type without its package, and without what it holds."""
    return kind.rpartition(".")[2].partition("<")[0]


def cast(value: Value, kind: str, at: Position) -> Value:
    """`value as kind`. Raises Thrown."""
    name = short(kind)
    if isinstance(value, Untold):
        return value.asked("asType", [name])
    try:
        if known(value) is None or name not in _CASTS:
            return _unchanged(value, name, at)
        return _CASTS[name](value)
    except Unfit as unfit:
        raise Thrown.by(unfit, at) from None
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        raise _unfit(value, kind, at) from None


def assigned(value: Value, kind: str, at: Position) -> Value:
    """`kind x = value` and `(kind) value`, which make less of a value than `as` does. Raises Thrown."""
    name = short(kind)
    if isinstance(value, Untold):
        return value.asked("asType", [name])
    is_null = known(value) is None
    if is_null and name in _NEVER_NULL:
        raise _unfit(value, kind, at)
    try:
        if name.endswith("[]") and not isinstance(value, PassedOver):
            return Array(assigned(one, name[:-2], at) for one in value)
        is_any = name not in _GIVEN or (is_null and name != "boolean")
        return value if is_any else _GIVEN[name](value)
    except (TypeError, ValueError, ArithmeticError, Unfit):
        raise _unfit(value, kind, at) from None


def _unfit(value: Value, kind: str, at: Position) -> Thrown:
    full = TYPES[short(kind)][0] if short(kind) in TYPES else kind
    message = f"Cannot cast object '{written(value)}' with class '{type_name(value)}' to class '{full}'"
    return Thrown("org.codehaus.groovy.runtime.typehandling.GroovyCastException", message, at)


def _unchanged(value: Value, name: str, at: Position) -> Value:
    if name in ("Object", "def", "", "Closure") or known(value) is None or is_a(value, name):
        return value
    if name.endswith("[]"):
        return Array(cast(one, name[:-2], at) for one in value)
    raise TypeError(value)


def _whole(value: Value, bits: int = 32) -> int:
    if isinstance(value, Char):
        return ord(value)
    if isinstance(value, str):
        return strings.number_of(value.strip(), 10, bits)
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        raise TypeError(value)
    return numbers.whole(value, bits)


def _sign(value: Value) -> Char:
    if isinstance(value, str) and len(value) != 1:
        raise TypeError(value)
    return Char(value if isinstance(value, str) else chr(int(value)))


def _real(value: Value) -> float:
    return strings.real_of(value) if isinstance(value, str) and not isinstance(value, Char) else float(value)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else written(value)


def _gathered(value: Value) -> list[Value]:
    if not isinstance(value, list | dict | str):
        raise TypeError(value)
    return list(entries(value)) if isinstance(value, dict) else list(value)


def _as_list(value: Value) -> list[Value]:
    return value if is_a(value, "List") else _gathered(value)


_CASTS: dict[str, Callable[[Value], Value]] = {
    "String": written,
    **dict.fromkeys(("GString", "CharSequence"), _text),
    **dict.fromkeys(("Integer", "int", "short", "byte", "Short", "Byte"), _whole),
    **dict.fromkeys(("Long", "long"), lambda value: Long(_whole(value, 64))),
    "BigInteger": lambda value: _whole(value, 10_000),
    "BigDecimal": numbers.decimal_of,
    **dict.fromkeys(("double", "Double", "float", "Float"), _real),
    **dict.fromkeys(("char", "Character"), _sign),
    "char[]": strings.METHODS["toCharArray"],
    **dict.fromkeys(("Boolean", "boolean"), true),
    **dict.fromkeys(("List", "Collection", "Iterable"), _as_list),
    **dict.fromkeys(("ArrayList", "LinkedList"), _gathered),
    **dict.fromkeys(("Set", "HashSet", "LinkedHashSet"), lambda value: Set(_gathered(value))),
    **dict.fromkeys(("StringBuilder", "StringBuffer"), lambda value: builder.Builder(written(value))),
}


def _number(value: Value) -> Value:
    """A text is none, but that a single character is the number of it."""
    if isinstance(value, str) and len(value) == 1:
        return ord(value)
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        raise TypeError(value)
    return value


def _only(*kinds: str) -> Callable[[Value], Value]:
    def only(value: Value) -> Value:
        if not any(is_a(value, kind) for kind in kinds):
            raise TypeError(value)
        return list(value) if isinstance(value, Array) else value

    return only


def _set_of(value: Value) -> Set:
    if not isinstance(value, list):
        raise TypeError(value)
    return value if isinstance(value, Set) else Set(value)


_LISTS = ("List", "String[]")
_GIVEN: dict[str, Callable[[Value], Value]] = {
    "String": written,
    **dict.fromkeys(
        ("Integer", "int", "short", "byte", "Short", "Byte"), lambda value: numbers.whole(_number(value))
    ),
    **dict.fromkeys(("Long", "long"), lambda value: numbers.whole(_number(value), 64)),
    "BigInteger": lambda value: numbers.whole(_number(value), 10_000),
    "BigDecimal": lambda value: numbers.decimal_of(_number(value)),
    **dict.fromkeys(("double", "Double", "float", "Float"), lambda value: float(_number(value))),
    **dict.fromkeys(("char", "Character"), _sign),
    **dict.fromkeys(("Boolean", "boolean"), true),
    **dict.fromkeys(("List", "ArrayList"), _only(*_LISTS)),
    **dict.fromkeys(("Collection", "Iterable"), _only(*_LISTS, "Set")),
    "LinkedList": lambda value: list(_only(*_LISTS)(value)),
    **dict.fromkeys(("Set", "HashSet", "LinkedHashSet"), _set_of),
    **dict.fromkeys(("Map", "HashMap", "LinkedHashMap"), _only("Map")),
    "Closure": _only("Closure"),
}
_NEVER_NULL = frozenset(("int", "short", "byte", "long", "double", "float", "char"))
# What variables of Java's own types are where nothing gives them a value.
UNSET: dict[str, Value] = {
    "boolean": False,
    **dict.fromkeys(("int", "short", "byte"), 0),
    "long": Long(0),
    **dict.fromkeys(("double", "float"), 0.0),
}


def is_typed(kind: str) -> bool:
    """Whether a variable of the type does not take whatever it is given."""
    return short(kind) in _GIVEN or kind.endswith("[]")
