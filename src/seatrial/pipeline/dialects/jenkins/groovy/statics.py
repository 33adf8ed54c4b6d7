"""What scripts use of Java's classes without making one: their methods and their constants."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from math import ceil, e, floor, pi
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from seatrial.pipeline.dialects.jenkins.evaluator import refuse_untold
from seatrial.pipeline.dialects.jenkins.groovy import classes, fixed, lists, numbers, order, regular, strings
from seatrial.pipeline.dialects.jenkins.groovy.formatting import formatted
from seatrial.pipeline.dialects.jenkins.groovy.machine import Thrown, Value
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import Char, Long, written


def call(owner: str, name: str, given: list[Value], at: Position) -> Value:
    """`Class.name(given)`. Raises Thrown."""
    refuse_untold(given)
    try:
        return METHODS[owner, name](*given)
    except Unfit as unfit:
        raise Thrown.by(unfit, at) from None
    except (TypeError, AttributeError, ValueError, ArithmeticError, LookupError) as error:
        raise Thrown("java.lang.IllegalArgumentException", f"{owner}.{name}: {error}", at) from None


def _parsed(bits: int) -> Callable[..., int]:
    def parsed(text: Value, radix: int = 10) -> int:
        value = strings.number_of(text if isinstance(text, str) else written(text), radix, bits)
        return value if bits == 32 else Long(value)

    return parsed


def _is_true(value: Value) -> bool:
    return written(value).lower() == "true"


def _decoded(text: str) -> int:
    """`Integer.decode`: decimal, hexadecimal or octal, as it begins."""
    try:
        return int(re.sub(r"^([-+]?)#", r"\g<1>0x", re.sub(r"^([-+]?)0(?=\d)", r"\g<1>0o", text)), 0)
    except ValueError:
        raise Unfit(f'java.lang.NumberFormatException: For input string: "{text}"') from None


def _of_bits(spelled: str) -> Callable[[int], str]:
    return lambda value: format(value % (1 << 32), spelled)


def _joined(text: str, *given: Value) -> str:
    parts = given[0] if len(given) == 1 and isinstance(given[0], list) else given
    return text.join(map(written, parts))


def _chosen(name: str, choose: Callable[..., Value]) -> Callable[..., Value]:
    def chosen(one: Value, other: Value) -> Value:
        kinds = {type(one), type(other)}
        if Decimal in kinds and kinds <= {Decimal, int, Long} and len(kinds) > 1:
            message = f"Ambiguous method overloading for method java.lang.Math#{name}"
            raise Unfit(f"groovy.lang.GroovyRuntimeException: {message}")
        return _as_java(choose((one, other), key=order.KEY), kinds)

    return chosen


def _as_java(value: Value, kinds: set[type]) -> Value:
    """A double, where one that Java's Math was given is no whole number; else a long, or an int."""
    if not kinds <= {int, Long}:
        return float(value)
    return Long(value) if Long in kinds else value


def _sorted(values: list[Value]) -> None:
    values[:] = order.in_order(values)


_SIGNS: dict[str, Callable[[str], Value]] = {
    "isDigit": str.isdigit,
    "isLetter": str.isalpha,
    "isLetterOrDigit": str.isalnum,
    "isUpperCase": str.isupper,
    "isLowerCase": str.islower,
    "isWhitespace": str.isspace,
    "toUpperCase": lambda sign: Char(sign.upper()),
    "toLowerCase": lambda sign: Char(sign.lower()),
    "toString": str.__str__,
    "getNumericValue": lambda sign: int(sign, 36) if sign.isalnum() else -1,
}
METHODS: dict[tuple[str, str], Callable[..., Any]] = {
    **{("Integer", name): _parsed(32) for name in ("parseInt", "valueOf")},
    **{("Long", name): _parsed(64) for name in ("parseLong", "valueOf")},
    **{("Double", name): lambda text: strings.real_of(written(text)) for name in ("parseDouble", "valueOf")},
    **{("Float", name): lambda text: strings.real_of(written(text)) for name in ("parseFloat", "valueOf")},
    **{("Boolean", name): _is_true for name in ("parseBoolean", "valueOf")},
    **{("Character", name): method for name, method in _SIGNS.items()},
    ("Integer", "decode"): _decoded,
    ("Integer", "toString"): written,
    ("Integer", "compare"): order.compared,
    ("Integer", "toHexString"): _of_bits("x"),
    ("Integer", "toBinaryString"): _of_bits("b"),
    ("Integer", "toOctalString"): _of_bits("o"),
    ("BigDecimal", "valueOf"): numbers.decimal_of,
    ("String", "valueOf"): written,
    ("String", "format"): lambda text, *given: formatted(text, list(given)),
    ("String", "join"): _joined,
    ("JsonOutput", "toJson"): classes.to_json,
    ("JsonOutput", "prettyPrint"): classes.pretty,
    ("Math", "max"): _chosen("max", max),
    ("Math", "min"): _chosen("min", min),
    ("Math", "abs"): lambda value: _as_java(abs(value), {type(value)}),
    ("Math", "floor"): lambda value: float(floor(value)),
    ("Math", "ceil"): lambda value: float(ceil(value)),
    ("Math", "round"): numbers.rounded,
    ("Math", "pow"): numbers.power_of_doubles,
    ("Math", "sqrt"): lambda value: numbers.power_of_doubles(value, 0.5),
    ("Arrays", "asList"): lambda *given: fixed.Sized(given[0] if len(given) == 1 else given),
    ("Collections", "max"): lambda values: max(values, key=order.KEY),
    ("Collections", "min"): lambda values: min(values, key=order.KEY),
    ("Collections", "sort"): _sorted,
    ("Collections", "reverse"): lambda values: values.reverse(),
    ("Collections", "emptyList"): fixed.FixedList,
    ("Collections", "emptyMap"): fixed.FixedMap,
    ("Collections", "emptySet"): fixed.FixedSet,
    ("Collections", "singletonList"): lambda value: fixed.FixedList([value]),
    **{("Collections", f"unmodifiable{kind}"): fixed.fixed for kind in ("Collection", "List", "Map", "Set")},
    ("Collections", "nCopies"): lambda count, value: lists.METHODS["multiply"]([value], count),
    ("Objects", "equals"): lambda one, other: bool(one == other),
    ("Objects", "toString"): lambda value, default="null": default if value is None else written(value),
    ("URLEncoder", "encode"): lambda text, *_: quote_plus(text, safe="*"),
    ("URLDecoder", "decode"): lambda text, *_: unquote_plus(text),
    ("Pattern", "quote"): lambda text: f"\\Q{text}\\E",
    ("Pattern", "compile"): regular.Pattern,
    ("Matcher", "quoteReplacement"): lambda text: text.replace("\\", "\\\\").replace("$", "\\$"),
    ("DateTimeFormatter", "ofPattern"): classes.Format,
    ("TimeZone", "getTimeZone"): lambda name: classes.Zone(written(name)),
}
_STRATEGIES = ("OWNER_FIRST", "DELEGATE_FIRST", "OWNER_ONLY", "DELEGATE_ONLY", "TO_SELF")
CONSTANTS: dict[tuple[str, str], Value] = {
    **{("Closure", name): number for number, name in enumerate(_STRATEGIES)},
    **{("BigDecimal", f"ROUND_{name}"): number for number, name in enumerate(numbers.ROUNDING)},
    **{("RoundingMode", name): name for name in numbers.ROUNDING},
    ("BigDecimal", "ZERO"): numbers.decimal_of(0),
    ("BigDecimal", "ONE"): numbers.decimal_of(1),
    ("Integer", "MAX_VALUE"): (1 << 31) - 1,
    ("Integer", "MIN_VALUE"): -(1 << 31),
    ("Long", "MAX_VALUE"): Long((1 << 63) - 1),
    ("Long", "MIN_VALUE"): Long(-(1 << 63)),
    ("Boolean", "TRUE"): True,
    ("Boolean", "FALSE"): False,
    ("Math", "PI"): pi,
    ("Math", "E"): e,
    ("File", "separator"): "/",
    ("File", "pathSeparator"): ":",
    ("StandardCharsets", "UTF_8"): "UTF-8",
}
