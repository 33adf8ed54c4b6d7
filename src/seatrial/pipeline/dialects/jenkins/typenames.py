"""Types as Groovy writes them (`String`, `java.util.List<String>`, `int[]`) and where declarations begin."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import lexer
from seatrial.pipeline.dialects.jenkins.cursor import Cursor
from seatrial.pipeline.dialects.jenkins.lexer import MODIFIERS, PRIMITIVES, Token

_IN_GENERICS = frozenset({"<", ".", ",", "?", "&", "[", "]"})


def type_end(cursor: Cursor, ahead: int = 0) -> int | None:
    """How many tokens ahead the type that begins `ahead` tokens from here ends; None when there is none."""
    token = cursor.peek(ahead)
    if not (token.kind == lexer.NAME or token.text in PRIMITIVES):
        return None
    ahead += 1
    while cursor.peek(ahead).text == "." and cursor.peek(ahead + 1).kind == lexer.NAME:
        ahead += 2
    if _is(cursor.peek(ahead), "<"):
        end = _generics_end(cursor, ahead)
        if end is None:
            return None
        ahead = end
    while _is(cursor.peek(ahead), "[") and _is(cursor.peek(ahead + 1), "]"):
        ahead += 2
    return ahead


def read_type(cursor: Cursor, what: str = "a type") -> str:
    end = type_end(cursor)
    if end is None:
        raise cursor.unexpected(what)
    return "".join(cursor.advance().text for _ in range(end))


def declared_type_end(cursor: Cursor) -> int | None:
    """Like `type_end`, if a declaration begins here: a type whose last word looks like one, then a name.

    Groovy has the same rule: `String a` declares, `echo a` calls.
    """
    word = cursor.token.text
    if not (word[:1].isupper() or word in PRIMITIVES or cursor.peek().text == "."):
        return None  # nearly always: it is a call
    end = type_end(cursor)
    if end is None:
        return None
    named = cursor.peek(end)
    method = named.kind == lexer.STRING and _is(cursor.peek(end + 1), "(")
    return end if _looks_like_type(cursor, end) and (named.kind == lexer.NAME or method) else None


def _looks_like_type(cursor: Cursor, end: int) -> bool:
    words = [cursor.peek(ahead) for ahead in range(end)]
    if words[0].text in PRIMITIVES:
        return True
    qualified = []
    for word in words:
        if word.kind != lexer.NAME and word.text != ".":
            break
        qualified.append(word.text)
    return qualified[-1][0].isupper()


def is_modifier(token: Token) -> bool:
    return token.kind == lexer.KEYWORD and (token.text == "def" or token.text in MODIFIERS)


def _is(token: Token, text: str) -> bool:
    return token.text == text and token.kind == lexer.OPERATOR


def _generics_end(cursor: Cursor, ahead: int) -> int | None:
    depth = 0
    while True:
        token = cursor.peek(ahead)
        if token.text in (">", ">>="):
            depth -= 1
        elif token.text == "<":
            depth += 1
        elif not (
            token.kind == lexer.NAME
            or token.text in _IN_GENERICS
            or token.text in PRIMITIVES
            or token.text in ("extends", "super")
        ):
            return None
        ahead += 1
        if depth == 0:
            return ahead
