"""The language of `if`: read once, and held against what is known of the commit and of the job (pure).

    branch = main AND NOT (tag =~ ^v OR type IN (push, api)) OR env(DEPLOY) IS present

It is no bash: a variable is `env(NAME)`, and what is no subject is a text. As on Travis, `true` and `false`
are no texts, a subject without a value equals no text, and `^` and `$` of a pattern are those of any line.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from seatrial.named_tuple import NamedTuple

_DEEPEST = 40
_SUBJECT = re.compile(
    r"(?:type|repo|head_repo|os|dist|group|sudo|language|sender|fork|draft|branch|head_branch|tag|"
    r"commit_message)(?=[\s,=)|]|$)"
)
_CALL = re.compile(r"(env|concat)\s*\(", re.IGNORECASE)
_UNTIL = {'"': re.compile(r'([^"]*)"'), "'": re.compile(r"([^']*)'")}
_WORD = re.compile(r"[^\s()\"',=!]+")
_BARE = re.compile(r"\S*[^\s)]+")  # a pattern without slashes
_SLASHED = re.compile(r"/(?P<inside>(?:[^/\\]|\\/|\\)*)/?")
_CONTINUED = re.compile(r"\\\s*[\n\r]")
_AND, _OR = re.compile(r"and|&&", re.IGNORECASE), re.compile(r"or|\|\|", re.IGNORECASE)
_NOT = re.compile(r"not|!", re.IGNORECASE)
_IN = re.compile(r"(not\s+)?in", re.IGNORECASE)
_IS = re.compile(r"is(\s+not)?", re.IGNORECASE)
_STATE = re.compile(r"present|blank|true|false", re.IGNORECASE)
_SIGN = re.compile(r"=~|~=|!~|==|!=|=")
# What Ruby's patterns have and Python's write otherwise.
_OTHERWISE = (
    (r"(?<!\\)\\z", r"\\Z"),
    (r"^\^\*", "^"),
    (r"(?<=\\[wds])-(?=[^\]])", r"\\-"),
    (r"(?<!\\)\\h", "[0-9a-fA-F]"),
    (r"\(\?<(?=[A-Za-z_])", "(?P<"),
    (r"\[:alpha:\]", "A-Za-z"),
    (r"\[:digit:\]", "0-9"),
    (r"\[:alnum:\]", "A-Za-z0-9"),
    (r"\[:space:\]", r"\\s"),
)

Value = str | bool | None


class Unclear(Exception):  # noqa: N818 - it never leaves the dialect
    """A condition cannot be read; `offset` is the character at which it cannot."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


class Known(NamedTuple):
    """What a condition asks about: the subjects that have a value, and the variables of the job."""

    subjects: Mapping[str, Value]
    env: Mapping[str, Value]


class Text(NamedTuple):
    text: str
    offset: int = 0  # in the condition


class Subject(NamedTuple):
    name: str


class Call(NamedTuple):
    """`env(NAME)` or `concat(…)`."""

    name: str
    arguments: tuple[Operand, ...]


class Comparison(NamedTuple):
    """`sign` is "=" or "~", which have one right, "in", or one of the words after `is`, which have none."""

    left: Operand
    sign: str
    right: tuple[Operand, ...] = ()


class Not(NamedTuple):
    inner: Condition


class Every(NamedTuple):
    parts: tuple[Condition, ...]


class Some(NamedTuple):
    parts: tuple[Condition, ...]


Operand = Text | Subject | Call
Condition = Operand | Comparison | Not | Every | Some


def parse(text: str) -> Condition:
    """The condition that a text says. Raises Unclear."""
    reader = _Reader(_CONTINUED.sub(lambda found: " " * len(found[0]), text))
    found = _either(reader, 0)
    if rest := reader.rest():
        raise reader.unclear(f"`{rest[:20]}` is too much")
    return found


def holds(condition: Condition, known: Known) -> bool:
    """Whether it is so. Raises Unclear for a pattern that cannot be read."""
    if isinstance(condition, Every):
        return all(holds(part, known) for part in condition.parts)
    if isinstance(condition, Some):
        return any(holds(part, known) for part in condition.parts)
    if isinstance(condition, Not):
        return not holds(condition.inner, known)
    if isinstance(condition, Comparison):
        return _compare(condition, known)
    return _value(condition, known) not in (None, False)


def cast(text: str | None) -> Value:
    """What a text stands for: `true` and `false` are no texts."""
    return {"true": True, "false": False}.get((text or "").lower(), text)


def _compare(test: Comparison, known: Known) -> bool:
    left = _value(test.left, known)
    right = [_value(one, known) for one in test.right]
    if test.sign == "~":
        return None not in (left, right[0]) and _fits(_shown(left), _shown(right[0]))
    if test.sign in ("=", "in"):
        return any(left == one and type(left) is type(one) for one in right)
    if test.sign in ("present", "blank"):
        return bool(left) == (test.sign == "present")
    return (left not in (None, False)) == (test.sign == "true")


def _value(operand: Operand, known: Known) -> Value:
    if isinstance(operand, Text):
        return cast(operand.text)
    if isinstance(operand, Subject):
        return known.subjects.get(operand.name)
    values = [_value(one, known) for one in operand.arguments]
    if operand.name == "env":
        return known.env.get(_shown(values[0])) if values else None
    return cast("".join(map(_shown, values)))


def _shown(value: Value) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value).lower()


def _fits(text: str, pattern: str) -> bool:
    return compiled(pattern).search(text) is not None


def patterns(condition: Condition) -> Iterator[Text]:
    """The patterns that the condition itself holds."""
    for one in _matches(condition):
        yield from (part for part in one.right if isinstance(part, Text))


def asked(condition: Condition, known: Known) -> Iterator[tuple[str, str]]:
    """The patterns that texts are held against, as Python reads them, each with its text."""
    for one in _matches(condition):
        with suppress(Unclear):
            left, right = _value(one.left, known), _value(one.right[0], known)
            yield f"(?m){compiled(_shown(right)).pattern}", _shown(left)


def _matches(condition: Condition) -> Iterator[Comparison]:
    """Where the condition holds something against a pattern."""
    if isinstance(condition, Every | Some):
        for part in condition.parts:
            yield from _matches(part)
    elif isinstance(condition, Not):
        yield from _matches(condition.inner)
    elif isinstance(condition, Comparison) and condition.sign == "~":
        yield condition


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of Ruby's. Raises Unclear."""
    for ruby, python in _OTHERWISE:
        pattern = re.sub(ruby, python, pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sets within sets, which are texts to both
            return re.compile(pattern, re.MULTILINE)
    except (re.error, RecursionError, OverflowError) as problem:
        raise Unclear(f"the pattern `{pattern}` cannot be read: {problem}") from None


class _Reader:
    """A text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def take(self, pattern: re.Pattern[str], *, blank: bool = True) -> re.Match[str] | None:
        """What stands next, behind any space (`blank`), if the pattern fits it."""
        if blank:
            self.skip()
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return match

    def skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def sign(self, character: str) -> bool:
        self.skip()
        found = self._text.startswith(character, self._at)
        self._at += found
        return found

    def rest(self) -> str:
        self.skip()
        return self._text[self._at :]

    def unclear(self, message: str, back: int = 0) -> Unclear:
        """The error at what stands next, or `back` characters before it; where nothing does, at the last."""
        self.skip()
        last = max(len(self._text.rstrip()) - 1, 0)
        return Unclear(message, min(self._at - back, last))


def _either(reader: _Reader, depth: int) -> Condition:
    parts = tuple(_chain(reader, depth, _both, _OR))
    return parts[0] if len(parts) == 1 else Some(parts)


def _both(reader: _Reader, depth: int) -> Condition:
    parts = tuple(_chain(reader, depth, _one, _AND))
    return parts[0] if len(parts) == 1 else Every(parts)


def _chain(
    reader: _Reader, depth: int, part: Callable[[_Reader, int], Condition], word: re.Pattern[str]
) -> Iterator[Condition]:
    yield part(reader, depth)
    while reader.take(word):
        yield part(reader, depth)


def _one(reader: _Reader, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise reader.unclear("it is nested too deep")
    if reader.sign("("):
        found = _either(reader, depth + 1)
        _close(reader)
        return found
    if reader.take(_NOT):
        return Not(_one(reader, depth + 1))
    return _comparison(reader, depth)


def _close(reader: _Reader) -> None:
    if not reader.sign(")"):
        raise reader.unclear("`)` is missing")


def _comparison(reader: _Reader, depth: int) -> Condition:
    left = _operand(reader, depth)
    if found := reader.take(_IN):
        return _negated(Comparison(left, "in", _list(reader, depth)), bool(found[1]))
    if found := reader.take(_IS):
        state = reader.take(_STATE)
        if state is None:
            raise reader.unclear("`IS` takes `present` or `blank`")
        return _negated(Comparison(left, state[0].lower()), bool(found[1]))
    sign = reader.take(_SIGN)
    if sign is None:
        return left
    is_negated = sign[0].startswith("!")
    if "~" in sign[0]:
        return _negated(Comparison(left, "~", (_pattern(reader, depth),)), is_negated)
    return _negated(Comparison(left, "=", (_operand(reader, depth),)), is_negated)


def _negated(condition: Condition, is_negated: bool) -> Condition:
    return Not(condition) if is_negated else condition


def _list(reader: _Reader, depth: int) -> tuple[Operand, ...]:
    if not reader.sign("("):
        raise reader.unclear("`(` is missing")
    return _items(reader, depth)


def _items(reader: _Reader, depth: int) -> tuple[Operand, ...]:
    found = [_operand(reader, depth)]
    while reader.sign(","):
        if reader.sign(")"):
            return tuple(found)
        found.append(_operand(reader, depth))
    _close(reader)
    return tuple(found)


def _operand(reader: _Reader, depth: int) -> Operand:
    if depth > _DEEPEST:
        raise reader.unclear("it is nested too deep")
    if subject := reader.take(_SUBJECT):
        return Subject(subject[0])
    if call := reader.take(_CALL):
        return _call(call[1].lower(), reader, depth)
    for quote in "\"'":
        if reader.sign(quote):
            return _quoted(reader, quote)
    word = reader.take(_WORD)
    if word is None:
        rest = reader.rest()[:20]
        message = f"`{rest}` stands in the place of a value" if rest else "it ends too early"
        raise reader.unclear(message)
    if word[0].startswith("$"):
        name = word[0].strip("${}")
        message = f"`{word[0]}` is no variable here: write `env({name})`, or quote it"
        raise Unclear(message, word.start())
    return Text(word[0], word.start())


def _call(name: str, reader: _Reader, depth: int) -> Call:
    if reader.sign(")"):
        return Call(name, ())
    return Call(name, _items(reader, depth + 1))


def _quoted(reader: _Reader, quote: str) -> Text:
    found = reader.take(_UNTIL[quote], blank=False)
    if found is None:
        raise reader.unclear(f"a {quote} has no end", back=1)
    return Text(found[1], found.start(1))


def _pattern(reader: _Reader, depth: int) -> Operand:
    if call := reader.take(_CALL):
        return _call(call[1].lower(), reader, depth)
    found = reader.take(_SLASHED) or reader.take(_BARE)
    if found is None:
        raise reader.unclear("it ends too early")
    if found.re is _SLASHED:
        return Text(found["inside"], found.start("inside"))
    return Text(found[0].removesuffix("/"), found.start())
