"""A place in the tokens: what the reader's functions share."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import lexer
from seatrial.pipeline.dialects.jenkins.lexer import Token
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Position, Statement, Unreadable

# How deep statements and expressions may nest, and how long a chain of operators or of calls may be. Real
# files stay below 20; the bounds keep the reader, and whoever walks the tree, within Python's stack.
MAX_DEPTH = 60
MAX_CHAIN = 200


class Grammar(NamedTuple):
    """The two rules that the others come back to: closures hold statements, brackets expressions."""

    expression: Callable[[Cursor], Expression]
    statement: Callable[[Cursor], Statement]


class Cursor:
    """Moves over tokens; one file's reading has one."""

    def __init__(self, tokens: list[Token], grammar: Grammar) -> None:
        self.tokens = [*tokens, tokens[-1], tokens[-1]]  # who peeks past the end finds it again
        self.index = 0
        self.token = tokens[0]
        self.depth = 0
        self.grammar = grammar

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[self.index + ahead]

    def advance(self) -> Token:
        """The present token; the cursor moves to the next, but never past END."""
        token = self.token
        if token.kind != lexer.END:
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def reset(self, index: int) -> None:
        self.index = index
        self.token = self.tokens[index]

    def at_operator(self, text: str) -> bool:
        return self.token.text == text and self.token.kind == lexer.OPERATOR

    def at_keyword(self, text: str) -> bool:
        return self.token.text == text and self.token.kind == lexer.KEYWORD

    def accept(self, operator: str) -> bool:
        if self.at_operator(operator):
            self.advance()
            return True
        return False

    def accept_keyword(self, word: str) -> bool:
        if self.at_keyword(word):
            self.advance()
            return True
        return False

    def expect(self, operator: str, why: str = "") -> Token:
        if not self.at_operator(operator):
            raise self.unexpected(f"'{operator}'{why and ' ' + why}")
        return self.advance()

    def name(self, what: str) -> str:
        if self.token.kind != lexer.NAME:
            raise self.unexpected(what)
        return self.advance().text

    def skip_newlines(self) -> None:
        while self.token.kind == lexer.NEWLINE:
            self.advance()

    def past_newlines(self) -> Token:
        """The first token that is no newline, from the present one on; the cursor stays."""
        index = self.index
        while self.tokens[index].kind == lexer.NEWLINE:
            index += 1
        return self.tokens[index]

    def at_separator(self) -> bool:
        return self.token.kind == lexer.NEWLINE or self.at_operator(";")

    def at_close(self) -> bool:
        return self.token.kind in (lexer.END, lexer.HOLE_END) or self.at_operator("}")

    def sequence(self, read: Callable[[Cursor], Statement]) -> tuple[Statement, ...]:
        """Statements that `read` reads, with separators between them, up to a `}` or the end, which stays."""
        statements: list[Statement] = []
        while True:
            while self.at_separator():
                self.advance()
            if self.at_close():
                return tuple(statements)
            statements.append(read(self))
            if not self.at_separator() and not self.at_close():
                raise self.unexpected("the end of the statement (a new line or ';')")

    def descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(
                self.token.at, f"nested more than {MAX_DEPTH} levels deep", "split it into smaller parts"
            )

    def ascend(self) -> None:
        self.depth -= 1

    def unexpected(self, wanted: str, hint: str = "") -> Unreadable:
        return Unreadable(self.token.at, f"expected {wanted}, found {spelled(self.token)}", hint)


def too_long(at: Position) -> Unreadable:
    return Unreadable(
        at, f"a chain of more than {MAX_CHAIN} operators or calls", "split it into smaller parts"
    )


def spelled(token: Token) -> str:
    """A token as an error names it."""
    if token.kind == lexer.END:
        return "the end of the file"
    if token.kind == lexer.NEWLINE:
        return "the end of the line"
    if token.kind in (lexer.STRING, lexer.QUOTE, lexer.TEXT, lexer.QUOTE_END):
        return "a string"
    return f"'{token.text}'"
