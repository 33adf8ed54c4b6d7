"""Conditions in one text, such as `pipeline.git.branch == "main" and not pipeline.parameters.quick`."""

from __future__ import annotations

import re

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.circleci.nodes import Findings
from seatrial.pipeline.finding import error
from seatrial.pipeline.yaml_document import Scalar, place_at

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<expression>/(?:[^/\\]|\\.)+/)|(?P<sign>[=!]=|[()])"""
    r"""|(?P<word>[\w.-]+))"""
)
_SIGNS = ("==", "!=", "matches", "starts-with", "ends-with")
_DEEPEST = 30


class Operand(NamedTuple):
    text: str
    is_name: bool = False  # of a value of the pipeline


class Compared(NamedTuple):
    """Without a sign: whether the left is true."""

    left: Operand
    sign: str = ""
    right: Operand = Operand("")


class Negated(NamedTuple):
    inner: Sentence


class Joined(NamedTuple):
    word: str
    parts: tuple[Sentence, ...]


Sentence = Compared | Negated | Joined


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


class _BadError(ValueError):
    """What stands there is no condition; the argument is the token."""


def is_one(text: str) -> bool:
    return "pipeline." in text and "<<" not in text


def parse(node: Scalar, findings: Findings) -> Sentence:
    """The condition; where it is none, a finding, and one that holds."""
    try:
        found = _whole(_tokens(node.text))
    except _BadError as bad:
        token: _Token = bad.args[0]
        message = f"`{token.text}` is not expected in a condition"
        findings.append(
            error(place_at(node, token.offset), message, "values, ==, !=, and, or, not, brackets")
        )
        return Compared(Operand("true"))
    return found


def _whole(tokens: list[_Token]) -> Sentence:
    found, at = _either(tokens, 0, 0)
    if tokens[at].kind != "end":
        raise _BadError(tokens[at])
    return found


def _tokens(text: str) -> list[_Token]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _BadError(_Token("bad", text[at:end].strip()[:1], at))
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return [*found, _Token("end", "the end", end)]


def _either(tokens: list[_Token], at: int, depth: int) -> tuple[Sentence, int]:
    return _chain(tokens, at, depth, "or")


def _chain(tokens: list[_Token], at: int, depth: int, word: str) -> tuple[Sentence, int]:
    parts: list[Sentence] = []
    while True:
        part, at = _chain(tokens, at, depth, "and") if word == "or" else _one(tokens, at, depth)
        parts.append(part)
        if tokens[at].kind != "word" or tokens[at].text != word:
            return (parts[0] if len(parts) == 1 else Joined(word, tuple(parts))), at
        at += 1


def _one(tokens: list[_Token], at: int, depth: int) -> tuple[Sentence, int]:
    token = tokens[at]
    if depth > _DEEPEST:
        raise _BadError(token)
    if token.kind == "word" and token.text == "not":
        inner, at = _one(tokens, at + 1, depth + 1)
        return Negated(inner), at
    if token.text == "(":
        inner, at = _either(tokens, at + 1, depth + 1)
        if tokens[at].text != ")":
            raise _BadError(tokens[at])
        return inner, at + 1
    left, sign = _operand(token), tokens[at + 1]
    if sign.kind not in ("sign", "word") or sign.text not in _SIGNS:
        return Compared(left), at + 1
    return Compared(left, sign.text, _operand(tokens[at + 2])), at + 3


def _operand(token: _Token) -> Operand:
    if token.kind in ("quoted", "expression"):
        return Operand(token.text[1:-1])
    if token.kind == "word" and token.text not in ("and", "or", "not", *_SIGNS):
        return Operand(token.text, token.text.startswith("pipeline."))
    raise _BadError(token)
