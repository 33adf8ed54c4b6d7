"""Tokens → what defines names: variables, methods, classes, imports, annotations."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.pipeline.dialects.jenkins import lexer
from seatrial.pipeline.dialects.jenkins.cursor import Cursor
from seatrial.pipeline.dialects.jenkins.literals import arguments, read_parameters
from seatrial.pipeline.dialects.jenkins.syntax import (
    Annotated,
    Argument,
    Class,
    Declaration,
    Expression,
    Import,
    Method,
    Position,
    Statement,
)
from seatrial.pipeline.dialects.jenkins.typenames import declared_type_end, is_modifier, read_type

Rule = Callable[[Cursor], Expression]
_CLASS_WORDS = ("class", "interface", "enum")


def declaration(cursor: Cursor, value: Rule) -> Statement:
    """What begins with a modifier, `def` or a type. `value` reads what stands on the right of `=`."""
    at = cursor.token.at
    while is_modifier(cursor.token):
        cursor.advance()
    if cursor.token.kind == lexer.KEYWORD and cursor.token.text in _CLASS_WORDS:
        return class_(cursor, at)
    if cursor.accept("("):
        return _destructured(cursor, value, at)
    kind = read_type(cursor) if declared_type_end(cursor) is not None else ""
    if cursor.token.kind in (lexer.NAME, lexer.STRING) and cursor.peek().text == "(":
        return _method(cursor, kind, at)
    return _variables(cursor, kind, value, at)


def _variables(cursor: Cursor, kind: str, value: Rule, at: Position) -> Declaration:
    names: list[str] = []
    values: list[Expression | None] = []
    while True:
        names.append(cursor.name("a name to declare"))
        values.append(_initial(cursor, value))
        if not cursor.accept(","):
            return Declaration(kind, tuple(names), tuple(values), at)
        cursor.skip_newlines()


def _initial(cursor: Cursor, value: Rule) -> Expression | None:
    if not cursor.accept("="):
        return None
    cursor.skip_newlines()
    return value(cursor)


def _destructured(cursor: Cursor, value: Rule, at: Position) -> Declaration:
    names = tuple(parameter.name for parameter in read_parameters(cursor, ")"))
    cursor.expect(")", "after the names")
    cursor.expect("=", "after the names")
    cursor.skip_newlines()
    return Declaration("", names, (value(cursor),), at)


def _method(cursor: Cursor, kind: str, at: Position) -> Method:
    name = cursor.advance().text
    cursor.expect("(")
    parameters = read_parameters(cursor, ")")
    cursor.expect(")", "after the parameters")
    if cursor.accept_keyword("throws"):
        _types(cursor)
    if cursor.past_newlines().text != "{":
        return Method(name, kind, parameters, (), at)
    cursor.skip_newlines()
    return Method(name, kind, parameters, block(cursor), at)


def _types(cursor: Cursor) -> None:
    read_type(cursor)
    while cursor.accept(","):
        cursor.skip_newlines()
        read_type(cursor)


def block(cursor: Cursor) -> tuple[Statement, ...]:
    """`{ statements }`, the brace perhaps on the next line."""
    cursor.skip_newlines()
    at = cursor.expect("{").at
    body = cursor.sequence(cursor.grammar.statement)
    cursor.expect("}", f"to close the '{{' of line {at.line}")
    return body


def class_(cursor: Cursor, at: Position) -> Class:
    word = cursor.advance().text
    name = read_type(cursor, f"a name after '{word}'")
    cursor.skip_newlines()
    while cursor.accept_keyword("extends") or cursor.accept_keyword("implements"):
        cursor.skip_newlines()
        _types(cursor)
        cursor.skip_newlines()
    cursor.expect("{", f"to begin the body of {name}")
    if word == "enum":
        _constants(cursor)
    body = _members(cursor, name)
    cursor.expect("}", f"to close {name}")
    return Class(name, body, at)


def _constants(cursor: Cursor) -> None:
    cursor.skip_newlines()
    while cursor.token.kind == lexer.NAME:
        cursor.advance()
        if cursor.accept("("):
            arguments(cursor, ")")
            cursor.expect(")")
        cursor.skip_newlines()
        cursor.accept(",")
        cursor.skip_newlines()


def _members(cursor: Cursor, name: str) -> tuple[Statement, ...]:
    """The body of a class; a constructor is a method of the class's own name."""
    own = name.partition("<")[0]

    def member(cursor: Cursor) -> Statement:
        if cursor.token.text == own and cursor.peek().text == "(":
            return _method(cursor, own, cursor.token.at)
        return cursor.grammar.statement(cursor)

    return cursor.sequence(member)


def import_(cursor: Cursor) -> Import:
    at = cursor.advance().at
    words = []
    while cursor.token.kind in (lexer.NAME, lexer.KEYWORD) or cursor.token.text in (".", "*"):
        words.append(cursor.advance().text)
    if not words:
        raise cursor.unexpected("a name")
    return Import("".join(f" {word} " if word in ("as", "static") else word for word in words).strip(), at)


def annotated(cursor: Cursor) -> Annotated:
    at = cursor.advance().at
    name = read_type(cursor, "the name of an annotation")
    given: tuple[Argument, ...] = ()
    if cursor.accept("("):
        given = arguments(cursor, ")")
        cursor.expect(")", "after the arguments")
    cursor.skip_newlines()
    last = cursor.at_operator("}") or cursor.token.kind == lexer.END
    return Annotated(name, given, None if last else cursor.grammar.statement(cursor), at)
