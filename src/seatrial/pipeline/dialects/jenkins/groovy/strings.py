"""The methods of strings and characters."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from decimal import Decimal
from textwrap import dedent
from typing import Any

from seatrial.pipeline.dialects.jenkins.groovy import regular
from seatrial.pipeline.dialects.jenkins.groovy.machine import Value
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.values import Array, Char, Chars, Long, Set, written

_WIDEST = 10_000
_MOST_TIMES = 1_000_000


def number_of(text: str, radix: int = 10, bits: int = 32) -> int:
    """A whole number as Java reads it. Raises Unfit."""
    if re.fullmatch(r"[-+]?[0-9a-zA-Z]+", text):
        try:
            value = int(text, radix)
        except ValueError:
            value = 1 << bits
        if -(1 << bits - 1) <= value < 1 << bits - 1:
            return value
    raise Unfit(f'java.lang.NumberFormatException: For input string: "{text}"')


def real_of(text: str) -> float:
    """A double as Java reads it. Raises Unfit."""
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[dDfF]?", text.strip()):
        return float(text.strip().rstrip("dDfF"))
    raise Unfit(f'java.lang.NumberFormatException: For input string: "{text}"')


def is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", text) is not None


def hash_of(text: str) -> int:
    """Java's, of a string."""
    found = 0
    for sign in text:
        found = (31 * found + ord(sign)) % (1 << 32)
    return found - (1 << 32) if found >= 1 << 31 else found


def bytes_of(text: str, charset: Value = "UTF-8") -> Array:
    """As Java's bytes, which have a sign."""
    try:
        encoded = text.encode(written(charset))
    except LookupError:
        raise Unfit(f"java.io.UnsupportedEncodingException: {written(charset)}") from None
    return Array(one - 256 if one > 127 else one for one in encoded)


def text_of(values: list[int], charset: Value = "UTF-8") -> str:
    """A text of Java's bytes."""
    return bytes(one % 256 for one in values).decode(written(charset), "replace")


def _ordered(text: str, other: str) -> int:
    """As Java: by the first characters that differ, else by the lengths."""
    differ = ((ord(one), ord(two)) for one, two in zip(text, other, strict=False) if one != two)
    one, two = next(differ, (len(text), len(other)))
    return one - two


def _centred(text: str, width: int, sign: str = " ") -> str:
    missing = max(min(width, _WIDEST) - len(text), 0)
    return _filled(sign, missing // 2) + text + _filled(sign, missing - missing // 2)


def _padded(text: str, width: int, sign: str, *, left: bool) -> str:
    missing = max(min(width, _WIDEST) - len(text), 0)
    return _filled(sign, missing) + text if left else text + _filled(sign, missing)


def _filled(sign: str, length: int) -> str:
    return (sign * length)[:length]


def _without_margin(text: str, sign: str = "|") -> str:
    return re.sub(rf"(?m)^[ \t]*{re.escape(sign)}", "", text)


def _expanded(text: str, stops: int = 8) -> str:
    return text.expandtabs(min(stops, 100))


def _translated(text: str, old: str, new: str) -> str:
    """`tr`: each character of one set by that of the other, of which the last stands for what is missing."""
    source, target = (_with_ranges(one) for one in (old, new))
    target = target.ljust(len(source), target[-1:])
    return text.translate({ord(one): other for one, other in zip(source, target, strict=False)})


def _with_ranges(signs: str) -> str:
    def between(one: re.Match[str]) -> str:
        return "".join(chr(code) for code in range(ord(one[1]), ord(one[2]) + 1))

    return re.sub(r"(.)-(.)", between, signs)


def _without(text: str, part: Value) -> str:
    if isinstance(part, regular.Pattern):
        return regular.replaced(text, part, "", 1)
    return text.replace(written(part), "", 1)


def _at(text: str, index: int) -> Char:
    if not 0 <= index < len(text):
        words = f"index {index}, length {len(text)}"
        raise Unfit(f"java.lang.StringIndexOutOfBoundsException: {words}")
    return Char(text[index])


def inspected(value: Value) -> str:
    """As it would be written in a script."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
        return f"'{escaped}'"
    if isinstance(value, list):
        return f"[{', '.join(map(inspected, value))}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{inspected(key)}:{inspected(one)}" for key, one in value.items())
        return f"[{pairs or ':'}]"
    return written(value)


def _found(text: str, part: Value, *start: int) -> int:
    return text.find(chr(part) if isinstance(part, int) else part, *start)


def _lines(text: str) -> list[str]:
    return re.sub(r"\r\n?", "\n", text).removesuffix("\n").split("\n") if text else []


METHODS: dict[str, Callable[..., Any]] = {
    "replaceAll": regular.replaced,
    "replaceFirst": lambda text, pattern, new: regular.replaced(text, pattern, new, 1),
    "matches": lambda text, pattern: regular.compiled(pattern).fullmatch(text) is not None,
    "split": lambda text, *given: Array(regular.split(text, *given)),
    "normalize": lambda text: re.sub(r"\r\n?", "\n", text),
    "denormalize": lambda text: re.sub(r"\r\n?", "\n", text),
    "findAll": lambda text, pattern: list(regular.Matcher(text, pattern)),
    "find": lambda text, pattern: next((one[0] for one in regular.compiled(pattern).finditer(text)), None),
    "readLines": _lines,
    "isInteger": lambda text: re.fullmatch(r"\s*[-+]?\d+\s*", text) is not None,
    "isLong": lambda text: re.fullmatch(r"\s*[-+]?\d+\s*", text) is not None,
    "isNumber": is_number,
    "isDouble": is_number,
    "isFloat": is_number,
    "isBigDecimal": is_number,
    "isBigInteger": lambda text: re.fullmatch(r"\s*[-+]?\d+\s*", text) is not None,
    "toBoolean": lambda text: text.strip().lower() in ("true", "y", "1"),
    "toInteger": lambda text: number_of(text.strip()),
    "toLong": lambda text: Long(number_of(text.strip(), 10, 64)),
    "toBigInteger": lambda text: number_of(text.strip(), 10, 10_000),
    "toBigDecimal": lambda text: Decimal(f"{text.strip()}") if is_number(text) else real_of(text),
    "toFloat": real_of,
    "toDouble": real_of,
    "reverse": lambda text: text[::-1],
    "padLeft": lambda text, width, sign=" ": _padded(text, int(width), sign, left=True),
    "padRight": lambda text, width, sign=" ": _padded(text, int(width), sign, left=False),
    "center": _centred,
    "stripIndent": dedent,
    "stripMargin": _without_margin,
    "expand": _expanded,
    "tr": _translated,
    "charAt": _at,
    "codePointAt": lambda text, index: ord(_at(text, index)),
    "getAt": lambda text, index: text[index],
    "next": lambda text: text[:-1] + chr(ord(text[-1]) + 1),
    "previous": lambda text: text[:-1] + chr(ord(text[-1]) - 1),
    "uncapitalize": lambda text: text[:1].lower() + text[1:],
    "multiply": lambda text, times: text * min(times, _MOST_TIMES),
    "getBytes": bytes_of,
    "getChars": lambda text: Chars(map(Char, text)),
    "toCharArray": lambda text: Chars(map(Char, text)),
    "decodeBase64": lambda text: bytes_of(b64decode(text).decode("latin-1"), "latin-1"),
    "count": lambda text, part: text.count(part),
    "minus": _without,
    "plus": lambda text, part: text + written(part),
    "compareTo": _ordered,
    "compareToIgnoreCase": lambda text, other: _ordered(text.lower(), other.lower()),
    "toList": list,
    "toSet": Set,
    "isBlank": lambda text: not text.strip(),
    "isAllWhitespace": lambda text: not text.strip(),
    "strip": lambda text: text.strip(),
    "indexOf": _found,
    "inspect": inspected,
}
