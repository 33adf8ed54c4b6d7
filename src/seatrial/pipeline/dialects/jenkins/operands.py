"""Tokens → what stands between binary operators: prefixes, calls, properties, indexes, literals."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import lexer
from seatrial.pipeline.dialects.jenkins.cursor import MAX_CHAIN, Cursor, too_long
from seatrial.pipeline.dialects.jenkins.lexer import PRIMITIVES, Token
from seatrial.pipeline.dialects.jenkins.literals import (
    arguments,
    closure,
    constant,
    gstring,
    list_or_map,
)
from seatrial.pipeline.dialects.jenkins.syntax import (
    Argument,
    Call,
    Cast,
    Expression,
    Index,
    ListLiteral,
    Name,
    New,
    Number,
    Position,
    Property,
    Step,
    Text,
    Unary,
)
from seatrial.pipeline.dialects.jenkins.typenames import read_type, type_end

_PREFIXES = frozenset({"!", "~", "-", "+", "++", "--"})
_DOTS = frozenset({".", "?.", "*.", ".&", ".@"})
_STARTS = frozenset({lexer.NAME, lexer.NUMBER, lexer.STRING, lexer.QUOTE})


def operand(cursor: Cursor) -> Expression:
    """A primary expression with its prefixes and all that is chained on it."""
    prefixes: list[tuple[str, Position]] = []
    while True:
        if cursor.token.kind == lexer.OPERATOR and cursor.token.text in _PREFIXES:
            token = cursor.advance()
            prefixes.append((token.text, token.at))
        elif (cast := _cast_type(cursor)) is not None:
            prefixes.append(cast)
        else:
            break
        if len(prefixes) > MAX_CHAIN:
            raise too_long(cursor.token.at)
    value = chain(cursor)
    for text, at in reversed(prefixes):
        value = Unary(text, value, at) if text in _PREFIXES else Cast(text, value, False, at)
    return value


def _cast_type(cursor: Cursor) -> tuple[str, Position] | None:
    """Read `(Type)` if a cast begins here: a type that looks like one, and a value after it."""
    if not cursor.at_operator("("):
        return None
    word, end = cursor.peek(), type_end(cursor, 1)
    if end is None or cursor.peek(end).text != ")" or not (word.text in PRIMITIVES or word.text[0].isupper()):
        return None
    if not _begins_value(cursor.peek(end + 1)) and word.text not in PRIMITIVES:
        return None
    at = cursor.advance().at
    name = read_type(cursor)
    cursor.advance()
    return name, at


def _begins_value(token: Token) -> bool:
    return token.kind in _STARTS or token.text in ("new", "this", "{", "!", "[")


def chain(cursor: Cursor, statement: bool = False) -> Expression:
    """A primary and its `.name`, `(…)`, `[…]` and `{…}`. `statement`: a `{` may stand on the next line."""
    value = continue_chain(cursor, primary(cursor), statement)
    if cursor.token.kind == lexer.OPERATOR and cursor.token.text in ("++", "--"):
        value = Step(value, cursor.advance().text, value.at)
    return value


def continue_chain(cursor: Cursor, value: Expression, statement: bool = False) -> Expression:
    links = 0
    while (longer := _link(cursor, value, statement)) is not None:
        value = longer
        links += 1
        if links > MAX_CHAIN:
            raise too_long(cursor.token.at)
    return value


def _link(cursor: Cursor, value: Expression, statement: bool) -> Expression | None:
    token = cursor.token
    if token.kind == lexer.NEWLINE:
        return _link_on_next_line(cursor, value, statement)
    if token.kind != lexer.OPERATOR:
        return None
    if token.text in _DOTS:
        return _property(cursor, value)
    if token.text == "(":
        cursor.advance()
        return Call(value, _closed_arguments(cursor, ")"), value.at)
    if token.text == "[":
        cursor.advance()
        return Index(value, _closed_arguments(cursor, "]"), value.at)
    return with_closure(cursor, value) if token.text == "{" else None


def _link_on_next_line(cursor: Cursor, value: Expression, statement: bool) -> Expression | None:
    token = cursor.past_newlines()
    if token.kind != lexer.OPERATOR:
        return None
    if token.text in _DOTS:
        cursor.skip_newlines()
        return _property(cursor, value)
    if token.text == "{" and statement and isinstance(value, Name | Call):
        cursor.skip_newlines()
        return with_closure(cursor, value)
    return None


def _closed_arguments(cursor: Cursor, closing: str) -> tuple[Argument, ...]:
    read = arguments(cursor, closing)
    cursor.expect(closing, "after the arguments")
    return read


def with_closure(cursor: Cursor, value: Expression) -> Expression:
    """`value {…}`: a call with one more argument."""
    block = closure(cursor)
    argument = Argument(None, block, block.at)
    if isinstance(value, Call):
        return value._replace(arguments=(*value.arguments, argument))
    return Call(value, (argument,), value.at)


def _property(cursor: Cursor, target: Expression) -> Expression:
    operator = cursor.advance()
    cursor.skip_newlines()
    token = cursor.token
    if token.kind in (lexer.NAME, lexer.KEYWORD, lexer.STRING):
        return Property(target, operator.text, cursor.advance().text, target.at)
    if token.kind == lexer.QUOTE:
        return Property(target, operator.text, gstring(cursor), target.at)
    raise cursor.unexpected(f"a name after '{operator.text}'")


def primary(cursor: Cursor) -> Expression:
    token = cursor.token
    kind = token.kind
    if kind == lexer.NAME:
        return Name(cursor.advance().text, token.at)
    if kind == lexer.STRING:
        return Text(cursor.advance().text, token.at)
    if kind == lexer.QUOTE:
        return gstring(cursor)
    if kind == lexer.NUMBER:
        return Number(cursor.advance().text.replace("_", ""), token.at)
    if kind == lexer.KEYWORD:
        return _word(cursor)
    if kind == lexer.OPERATOR and token.text in _BRACKETS:
        return _BRACKETS[token.text](cursor)
    raise cursor.unexpected("an expression", _stray(cursor))


def _stray(cursor: Cursor) -> str:
    if cursor.token.text in ("&&", "||"):
        return "Groovy ends the statement at the end of the line: put the operator there, or use parentheses"
    return ""


def _word(cursor: Cursor) -> Expression:
    token = cursor.token
    if token.text in ("true", "false", "null"):
        return constant(cursor)
    if token.text == "new":
        return _new(cursor)
    if token.text in ("this", "super") or token.text in PRIMITIVES:
        return Name(cursor.advance().text, token.at)
    raise cursor.unexpected("an expression")


def _new(cursor: Cursor) -> Expression:
    at = cursor.advance().at
    name = read_type(cursor, "a type after 'new'")
    if cursor.accept("("):
        values = _closed_arguments(cursor, ")")
        return New(name, (*values, *_anonymous_body(cursor)), at)
    if cursor.accept("["):
        size = arguments(cursor, "]")
        cursor.expect("]")
        return New(f"{name}[]", size, at)
    if name.endswith("[]") and cursor.at_operator("{"):
        return New(name, _anonymous_body(cursor), at)
    raise cursor.unexpected("'(' after the type")


def _anonymous_body(cursor: Cursor) -> tuple[Argument, ...]:
    if not cursor.at_operator("{"):
        return ()
    body = closure(cursor)
    return (Argument(None, body, body.at),)


def _parenthesized(cursor: Cursor) -> Expression:
    at = cursor.advance().at
    value = cursor.grammar.expression(cursor)
    if cursor.at_operator(","):  # (a, b) = pair
        items = [value]
        while cursor.accept(","):
            items.append(cursor.grammar.expression(cursor))
        value = ListLiteral(tuple(items), at)
    cursor.expect(")", f"to close the '(' of line {at.line}")
    return value


_BRACKETS = {"(": _parenthesized, "[": list_or_map, "{": closure}
