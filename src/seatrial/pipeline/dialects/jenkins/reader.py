"""Text of Groovy → its statements: the lexer, then recursive descent.

The grammar is that of Groovy 2.4, which Jenkins runs, as far as Jenkinsfiles use it; nothing is evaluated.
"""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import lexer
from seatrial.pipeline.dialects.jenkins.cursor import MAX_CHAIN, Cursor, Grammar, too_long
from seatrial.pipeline.dialects.jenkins.declarations import annotated, block, class_, declaration, import_
from seatrial.pipeline.dialects.jenkins.expressions import expression, expression_from
from seatrial.pipeline.dialects.jenkins.lexer import MODIFIERS, PRIMITIVES
from seatrial.pipeline.dialects.jenkins.literals import argument
from seatrial.pipeline.dialects.jenkins.operands import chain, continue_chain, operand
from seatrial.pipeline.dialects.jenkins.syntax import (
    Assert,
    Call,
    Case,
    Catch,
    Expression,
    For,
    ForEach,
    If,
    Index,
    Labelled,
    Leave,
    Name,
    Position,
    Property,
    Statement,
    Switch,
    Try,
    While,
)
from seatrial.pipeline.dialects.jenkins.typenames import declared_type_end, is_modifier, read_type

_ARGUMENT_KINDS = frozenset({lexer.NAME, lexer.NUMBER, lexer.STRING, lexer.QUOTE})
_ARGUMENT_WORDS = frozenset({"true", "false", "null", "new", "this", "super"})


def read(text: str, first_line: int = 1) -> tuple[Statement, ...]:
    """The statements of a file whose lines end with "\\n". Raises Unreadable at the first error."""
    cursor = Cursor(lexer.tokenize(text, first_line), Grammar(expression, statement))
    statements = cursor.sequence(statement)
    if cursor.token.kind != lexer.END:
        raise cursor.unexpected("a statement")
    return statements


def statement(cursor: Cursor) -> Statement:
    cursor.descend()
    token = cursor.token
    if token.kind == lexer.KEYWORD:
        value = _keyword_statement(cursor)
    elif cursor.at_operator("@"):
        value = annotated(cursor)
    elif token.kind in (lexer.NAME, lexer.STRING) and _is_label(cursor):
        value = _labelled(cursor)
    elif token.kind == lexer.NAME and declared_type_end(cursor) is not None:
        value = declaration(cursor, _commanded)
    else:
        value = _commanding(cursor, statement=True)
    cursor.ascend()
    return value


def _is_label(cursor: Cursor) -> bool:
    after = cursor.peek()
    return after.text == ":" and after.kind == lexer.OPERATOR


def _labelled(cursor: Cursor) -> Labelled:
    token = cursor.advance()
    cursor.advance()
    cursor.skip_newlines()
    return Labelled(token.text, statement(cursor), token.at)


def _keyword_statement(cursor: Cursor) -> Statement:
    token = cursor.token
    if token.text in _STATEMENTS:
        return _STATEMENTS[token.text](cursor, token.at)
    modifier = token.text == "def" or token.text in MODIFIERS
    if modifier or (token.text in PRIMITIVES and declared_type_end(cursor) is not None):
        return declaration(cursor, _commanded)
    return _commanding(cursor, statement=True)


def _commanded(cursor: Cursor) -> Expression:
    return _commanding(cursor, statement=False)


def _commanding(cursor: Cursor, statement: bool) -> Expression:
    """An expression that may be a call without parentheses: `sh 'make'`, `x = sh script: 'make'`."""
    cursor.descend()
    if cursor.token.kind != lexer.NAME and cursor.token.text not in ("this", "super"):
        value = expression_from(cursor, operand(cursor), _commanded)
    else:
        first = chain(cursor, statement)
        if _begins_argument(cursor) and isinstance(first, Name | Property | Call | Index):
            value = _command(cursor, first)
        else:
            value = expression_from(cursor, first, _commanded)
    cursor.ascend()
    return value


def _begins_argument(cursor: Cursor) -> bool:
    token = cursor.token
    if token.kind == lexer.KEYWORD:
        return token.text in _ARGUMENT_WORDS or cursor.peek().text == ":"
    return token.kind in _ARGUMENT_KINDS or (token.kind == lexer.OPERATOR and token.text in ("!", "~"))


def _command(cursor: Cursor, called: Expression) -> Expression:
    """`a b, c` and the chain `a b c d`, which is a(b).c(d)."""
    links = 0
    while True:
        given = [argument(cursor)]
        while cursor.accept(","):
            cursor.skip_newlines()
            given.append(argument(cursor))
        called = Call(called, tuple(given), called.at)
        if cursor.token.kind != lexer.NAME:
            return called
        links += 1
        if links > MAX_CHAIN:
            raise too_long(cursor.token.at)
        called = continue_chain(cursor, Property(called, ".", cursor.advance().text, called.at))
        if not _begins_argument(cursor):
            return called


def _condition(cursor: Cursor, word: str) -> Expression:
    cursor.expect("(", f"after '{word}'")
    value = expression(cursor)
    cursor.expect(")", f"to close the condition of '{word}'")
    return value


def _controlled(cursor: Cursor) -> tuple[Statement, ...]:
    """The body of an `if`, `else` or loop: a block, or one statement."""
    cursor.skip_newlines()
    if cursor.at_operator("{"):
        return block(cursor)
    if cursor.accept(";"):
        return ()
    return (statement(cursor),)


def _if(cursor: Cursor, at: Position) -> If:
    """A chain of `else if` is read in a loop, so its length costs no stack."""
    branches: list[tuple[Expression, tuple[Statement, ...], Position]] = []
    otherwise: tuple[Statement, ...] = ()
    while True:
        at_if = cursor.advance().at
        branches.append((_condition(cursor, "if"), _controlled(cursor), at_if))
        if len(branches) > MAX_CHAIN:
            raise too_long(cursor.token.at)
        if not _accept_next(cursor, "else"):
            break
        cursor.skip_newlines()
        if not cursor.at_keyword("if"):
            otherwise = _controlled(cursor)
            break
    condition, then, _ = branches.pop()
    chained = If(condition, then, otherwise, at_if if branches else at)
    for condition, then, at_branch in reversed(branches):
        chained = If(condition, then, (chained,), at_branch)
    return chained


def _accept_next(cursor: Cursor, word: str) -> bool:
    """Take a keyword that continues a statement, perhaps on a later line."""
    index = cursor.index
    while cursor.at_separator():
        cursor.advance()
    if cursor.accept_keyword(word):
        return True
    cursor.reset(index)
    return False


def _for(cursor: Cursor, at: Position) -> Statement:
    cursor.advance()
    cursor.expect("(", "after 'for'")
    index = cursor.index
    while is_modifier(cursor.token):
        cursor.advance()
    if declared_type_end(cursor) is not None:
        read_type(cursor)
    if cursor.token.kind == lexer.NAME and cursor.peek().text in ("in", ":"):
        return _for_each(cursor, at)
    cursor.reset(index)
    return _for_loop(cursor, at)


def _for_each(cursor: Cursor, at: Position) -> ForEach:
    name = cursor.advance().text
    cursor.advance()
    values = expression(cursor)
    cursor.expect(")", "to close 'for ('")
    return ForEach(name, values, _controlled(cursor), at)


def _for_loop(cursor: Cursor, at: Position) -> For:
    start = () if cursor.at_operator(";") else (statement(cursor),)
    cursor.expect(";", "after the start of 'for'")
    condition = None if cursor.at_operator(";") else expression(cursor)
    cursor.expect(";", "after the condition of 'for'")
    update = [] if cursor.at_operator(")") else [expression(cursor)]
    while cursor.accept(","):
        update.append(expression(cursor))
    cursor.expect(")", "to close 'for ('")
    return For(start, condition, tuple(update), _controlled(cursor), at)


def _while(cursor: Cursor, at: Position) -> While:
    cursor.advance()
    return While(_condition(cursor, "while"), _controlled(cursor), at)


def _switch(cursor: Cursor, at: Position) -> Switch:
    cursor.advance()
    value = _condition(cursor, "switch")
    cursor.skip_newlines()
    cursor.expect("{", "to begin the cases")
    cases: list[Case] = []
    while True:
        while cursor.at_separator():
            cursor.advance()
        if cursor.accept("}"):
            return Switch(value, tuple(cases), at)
        cases.append(_case(cursor))


def _case(cursor: Cursor) -> Case:
    at = cursor.token.at
    if cursor.accept_keyword("default"):
        chosen = None
    elif cursor.accept_keyword("case"):
        chosen = expression(cursor)
    else:
        raise cursor.unexpected("'case', 'default' or '}'")
    cursor.expect(":", "after the case")
    body: list[Statement] = []
    while True:
        while cursor.at_separator():
            cursor.advance()
        if cursor.at_close() or cursor.at_keyword("case") or cursor.at_keyword("default"):
            return Case(chosen, tuple(body), at)
        body.append(statement(cursor))


def _try(cursor: Cursor, at: Position) -> Try:
    cursor.advance()
    body = block(cursor)
    catches = []
    while _accept_next(cursor, "catch"):
        catches.append(_catch(cursor))
    finally_ = block(cursor) if _accept_next(cursor, "finally") else ()
    return Try(body, tuple(catches), finally_, at)


def _catch(cursor: Cursor) -> Catch:
    at = cursor.token.at
    cursor.expect("(", "after 'catch'")
    types = []
    while is_modifier(cursor.token):
        cursor.advance()
    while cursor.peek().text != ")":
        types.append(read_type(cursor, "the type of an exception"))
        if not cursor.accept("|"):
            break
    name = cursor.name("the name of the exception")
    cursor.expect(")", "to close 'catch ('")
    return Catch(tuple(types), name, block(cursor), at)


def _leave(cursor: Cursor, at: Position) -> Leave:
    word = cursor.advance().text
    value = None if cursor.at_separator() or cursor.at_close() else _commanded(cursor)
    return Leave(word, value, at)


def _assert(cursor: Cursor, at: Position) -> Assert:
    cursor.advance()
    condition = expression(cursor)
    message = expression(cursor) if cursor.accept(":") or cursor.accept(",") else None
    return Assert(condition, message, at)


_STATEMENTS = {
    "if": _if,
    "for": _for,
    "while": _while,
    "switch": _switch,
    "try": _try,
    "return": _leave,
    "throw": _leave,
    "break": _leave,
    "continue": _leave,
    "assert": _assert,
    "import": lambda cursor, _at: import_(cursor),
    "package": lambda cursor, _at: import_(cursor),
    "class": class_,
    "interface": class_,
    "enum": class_,
}
