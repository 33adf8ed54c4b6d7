"""Tokens → strings with holes, lists, maps, closures, and the arguments of calls."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import lexer
from seatrial.pipeline.dialects.jenkins.cursor import Cursor
from seatrial.pipeline.dialects.jenkins.syntax import (
    Argument,
    Closure,
    Constant,
    Expression,
    GString,
    ListLiteral,
    MapLiteral,
    Name,
    Number,
    Parameter,
    Position,
    Property,
    Spread,
    Text,
)
from seatrial.pipeline.dialects.jenkins.typenames import is_modifier, read_type, type_end

_KEY_KINDS = frozenset({lexer.NAME, lexer.KEYWORD, lexer.STRING, lexer.NUMBER})


def constant(cursor: Cursor) -> Constant:
    token = cursor.advance()
    return Constant({"true": True, "false": False, "null": None}[token.text], token.at)


def gstring(cursor: Cursor) -> GString:
    at = cursor.advance().at
    parts: list[str | Expression] = []
    while cursor.token.kind != lexer.QUOTE_END:
        token = cursor.advance()
        if token.kind == lexer.TEXT:
            parts.append(token.text)
        elif token.kind == lexer.PATH:
            parts.append(_path(token.text, token.at))
        else:
            parts.append(_hole(cursor, token.at))
    cursor.advance()
    return GString(tuple(parts), at)


def _path(text: str, at: Position) -> Expression:
    first, *rest = text.split(".")
    value: Expression = Name(first, at)
    for name in rest:
        value = Property(value, ".", name, at)
    return value


def _hole(cursor: Cursor, at: Position) -> Expression:
    """What stands in `${ … }`: mostly an expression; several statements are a closure; empty is null."""
    written = cursor.accept("->")
    body = cursor.sequence(cursor.grammar.statement)
    if cursor.token.kind != lexer.HOLE_END:
        raise cursor.unexpected("'}' to close '${'")
    cursor.advance()
    if len(body) == 1 and not written:
        return body[0]
    return Closure((), body, at) if body else Constant(None, at)


def list_or_map(cursor: Cursor) -> Expression:
    at = cursor.advance().at
    if cursor.at_operator(":") and cursor.peek().text == "]":
        cursor.advance()
        cursor.advance()
        return MapLiteral((), at)
    items = arguments(cursor, "]")
    cursor.expect("]", f"to close the '[' of line {at.line}")
    if any(item.name is not None for item in items):
        return MapLiteral(items, at)
    return ListLiteral(tuple(item.value for item in items), at)


def arguments(cursor: Cursor, closing: str) -> tuple[Argument, ...]:
    """What stands between brackets, up to the closing one, which stays.

    Groovy passes over one empty place: a comma may end it, or two may follow one another.
    """
    read: list[Argument] = []
    has_gap = False
    while has_gap or not cursor.at_operator(closing):
        read.append(argument(cursor))
        if not cursor.accept(","):
            break
        has_gap = has_gap or cursor.accept(",")
    return tuple(read)


def argument(cursor: Cursor) -> Argument:
    at = cursor.token.at
    key = cursor.peek()
    if cursor.token.kind in _KEY_KINDS and key.text == ":" and key.kind == lexer.OPERATOR:
        name: str | Expression = cursor.token.text
        if cursor.token.kind == lexer.NUMBER:
            name = Number(cursor.token.text, at)
        cursor.advance()
        cursor.advance()
        return Argument(name, _value(cursor), at)
    if cursor.accept("*"):
        mapped = cursor.accept(":")
        return Argument("*" if mapped else None, Spread(cursor.grammar.expression(cursor), at), at)
    value = cursor.grammar.expression(cursor)
    if cursor.accept(":"):
        return Argument(_key(value), _value(cursor), at)
    return Argument(None, value, at)


def _key(value: Expression) -> str | Expression:
    return value.value if isinstance(value, Text) else value


def _value(cursor: Cursor) -> Expression:
    cursor.skip_newlines()
    return cursor.grammar.expression(cursor)


def closure(cursor: Cursor) -> Closure:
    at = cursor.expect("{").at
    parameters = None
    if _has_parameters(cursor):
        cursor.skip_newlines()
        parameters = read_parameters(cursor, "->")
        cursor.expect("->", "after the parameters")
    body = cursor.sequence(cursor.grammar.statement)
    cursor.expect("}", f"to close the '{{' of line {at.line}")
    return Closure(parameters, body, at)


def _has_parameters(cursor: Cursor) -> bool:
    """Is there a `->` before the closure's first statement can begin?"""
    ahead, previous = 0, ","
    while True:
        token = cursor.peek(ahead)
        if token.kind in (lexer.QUOTE, lexer.END):
            return False
        if token.kind == lexer.OPERATOR and token.text in ("->", "{", "}", ";"):
            return token.text == "->"
        if token.kind != lexer.NEWLINE:
            previous = token.text
        elif previous not in (",", "="):
            return False
        ahead += 1


def read_parameters(cursor: Cursor, closing: str) -> tuple[Parameter, ...]:
    """`a, String b = 'x', int... c` up to the closing token, which stays."""
    read: list[Parameter] = []
    cursor.skip_newlines()
    while not cursor.at_operator(closing):
        read.append(_parameter(cursor))
        cursor.skip_newlines()
        if not cursor.accept(","):
            break
        cursor.skip_newlines()
    return tuple(read)


def _parameter(cursor: Cursor) -> Parameter:
    at = cursor.token.at
    while is_modifier(cursor.token):
        cursor.advance()
    end = type_end(cursor)
    typed = end is not None and (cursor.peek(end).kind == lexer.NAME or cursor.peek(end).text == "...")
    kind = read_type(cursor) if typed else ""
    kind += "[]" if cursor.accept("...") else ""
    name = cursor.name("the name of a parameter")
    default = cursor.grammar.expression(cursor) if cursor.accept("=") else None
    return Parameter(name, kind, default, at)
