"""Tokens → expressions: assignment, `? :`, `?:`, and binary operators by precedence, without recursion."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.pipeline.dialects.jenkins import lexer
from seatrial.pipeline.dialects.jenkins.cursor import MAX_CHAIN, Cursor, too_long
from seatrial.pipeline.dialects.jenkins.operands import operand
from seatrial.pipeline.dialects.jenkins.syntax import (
    Assignment,
    Binary,
    Cast,
    Elvis,
    Expression,
    Name,
    Position,
    Ternary,
)
from seatrial.pipeline.dialects.jenkins.typenames import read_type

# How tightly a binary operator binds; what binds alike groups from the left.
_LEVELS = {
    operator: level
    for level, operators in enumerate(
        (
            "||",
            "&&",
            "|",
            "^",
            "&",
            "=~ ==~",
            "== != <=> === !==",
            "< > <= >= in instanceof as",
            "<< >> >>> .. ..<",
            "+ -",
            "* / %",
            "**",
        )
    )
    for operator in operators.split()
}
_ASSIGNMENTS = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^="])


Rule = Callable[[Cursor], Expression]


def expression(cursor: Cursor) -> Expression:
    """An expression with all that may hang on it. Raises Unreadable."""
    cursor.descend()
    value = expression_from(cursor, operand(cursor), expression)
    cursor.ascend()
    return value


def expression_from(cursor: Cursor, first: Expression, assigned: Rule) -> Expression:
    """Go on after the first operand. `assigned` reads what stands on the right of an assignment."""
    left = _binary(cursor, first)
    if cursor.token.kind == lexer.OPERATOR and cursor.token.text in _ASSIGNMENTS:
        return _assignment(cursor, left, assigned)
    return _conditional(cursor, left, left.at) if _at_question(cursor) else left


def _assignment(cursor: Cursor, target: Expression, assigned: Rule) -> Assignment:
    operator = cursor.advance()
    cursor.skip_newlines()
    return Assignment(target, operator.text, assigned(cursor), target.at)


def _at_question(cursor: Cursor) -> bool:
    """Groovy lets `?` and `?:` begin a line."""
    token = cursor.token
    if token.kind == lexer.NEWLINE:
        token = cursor.past_newlines()
    return token.kind == lexer.OPERATOR and token.text in ("?", "?:")


def _conditional(cursor: Cursor, condition: Expression, at: Position) -> Expression:
    cursor.skip_newlines()
    operator = cursor.advance().text
    cursor.skip_newlines()
    then = expression(cursor)
    if operator == "?:":
        return Elvis(condition, then, at)
    cursor.skip_newlines()
    cursor.expect(":", "of '? :'")
    cursor.skip_newlines()
    return Ternary(condition, then, expression(cursor), at)


def _binary(cursor: Cursor, first: Expression) -> Expression:
    operands = [first]
    operators: list[str] = []
    count = 0
    while operator := _operator(cursor):
        while operators and _LEVELS[operators[-1]] >= _LEVELS[operator]:
            _reduce(operands, operators)
        count += 1
        if count > MAX_CHAIN:
            raise too_long(cursor.token.at)
        for _ in range(len(operator) if operator[0] == ">" and operator != ">=" else 1):
            cursor.advance()
        cursor.skip_newlines()
        operators.append(operator)
        operands.append(_right_side(cursor, operator))
    while operators:
        _reduce(operands, operators)
    return operands[0]


def _operator(cursor: Cursor) -> str:
    """The binary operator here, or "". `>` is always a token of its own; side by side they shift."""
    token = cursor.token
    if token.text not in _LEVELS or token.kind not in (lexer.OPERATOR, lexer.KEYWORD):
        return ""
    width = 1
    if token.text == ">":
        line, column = token.at
        while (
            width < 3 and cursor.peek(width).text == ">" and cursor.peek(width).at == (line, column + width)
        ):
            width += 1
    return token.text * width


def _right_side(cursor: Cursor, operator: str) -> Expression:
    if operator in ("instanceof", "as"):
        at = cursor.token.at
        return Name(read_type(cursor), at)
    return operand(cursor)


def _reduce(operands: list[Expression], operators: list[str]) -> None:
    right, left, operator = operands.pop(), operands.pop(), operators.pop()
    if operator == "as" and isinstance(right, Name):
        operands.append(Cast(right.text, left, True, left.at))
    else:
        operands.append(Binary(left, operator, right, left.at))
