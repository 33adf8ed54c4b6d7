"""The syntax of Groovy as plain values: what the lexer and the reader make of a Jenkinsfile.

Every node ends with `at`, where it begins. Nothing here knows what a pipeline is.
"""

from __future__ import annotations

from typing import Protocol

from seatrial.named_tuple import NamedTuple


class Position(NamedTuple):
    """A point in the file; both count from 1."""

    line: int
    column: int


START = Position(1, 1)


class Unreadable(Exception):  # noqa: N818 - caught inside the dialect, where it becomes a finding
    """The text is not Groovy, or not Groovy that a Jenkinsfile can hold. Reading ends at the first."""

    def __init__(self, at: Position, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint


class Node(Protocol):
    """Any value below. (A union of them all would be exact, but mypy takes minutes over recursive tuples.)"""

    @property
    def at(self) -> Position: ...


Expression = Node
Statement = Node  # an expression is one too

# Expressions


class Text(NamedTuple):
    value: str
    at: Position


class GString(NamedTuple):
    """A string with holes: its texts (`str`) and the expressions between them, in order."""

    parts: tuple[str | Expression, ...]
    at: Position


class Number(NamedTuple):
    """`text` is as written, less underscores and suffix."""

    text: str
    at: Position


class Constant(NamedTuple):
    value: bool | None
    at: Position


class Name(NamedTuple):
    text: str
    at: Position


class Property(NamedTuple):
    """`target.name`; `operator` is one of `.`, `?.`, `*.`, `.&`, `.@`."""

    target: Expression
    operator: str
    name: str | GString
    at: Position


class Argument(NamedTuple):
    """One of a call, a list or a map; `name` is the key, when there is one."""

    name: str | Expression | None
    value: Expression
    at: Position


class Index(NamedTuple):
    target: Expression
    arguments: tuple[Argument, ...]
    at: Position


class Call(NamedTuple):
    """`target(arguments)`, however it was written; closures after the parentheses are arguments too."""

    target: Expression
    arguments: tuple[Argument, ...]
    at: Position


class Parameter(NamedTuple):
    name: str
    type: str
    default: Expression | None
    at: Position


class Closure(NamedTuple):
    parameters: tuple[Parameter, ...] | None  # None: not written, so `it` is the one parameter
    body: tuple[Statement, ...]
    at: Position


class ListLiteral(NamedTuple):
    items: tuple[Expression, ...]
    at: Position


class MapLiteral(NamedTuple):
    entries: tuple[Argument, ...]
    at: Position


class Spread(NamedTuple):
    """`*list` or `*: map`."""

    value: Expression
    at: Position


class Unary(NamedTuple):
    """`operator` is one of `! ~ - + ++ --`."""

    operator: str
    operand: Expression
    at: Position


class Step(NamedTuple):
    """`operand++` or `operand--`."""

    operand: Expression
    operator: str
    at: Position


class Binary(NamedTuple):
    left: Expression
    operator: str
    right: Expression
    at: Position


class Ternary(NamedTuple):
    condition: Expression
    then: Expression
    otherwise: Expression
    at: Position


class Elvis(NamedTuple):
    value: Expression
    otherwise: Expression
    at: Position


class Assignment(NamedTuple):
    target: Expression
    operator: str
    value: Expression
    at: Position


class Cast(NamedTuple):
    """`(type) value`; `value as type` makes more of a value, and is wide."""

    type: str
    value: Expression
    is_wide: bool
    at: Position


class New(NamedTuple):
    type: str
    arguments: tuple[Argument, ...]
    at: Position


# Statements


class Declaration(NamedTuple):
    """`def a = 1`, `String a, b`: a value for each name; `def (a, b) = pair`: one value for all."""

    type: str
    names: tuple[str, ...]
    values: tuple[Expression | None, ...]
    at: Position


class Method(NamedTuple):
    name: str
    type: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    at: Position


class Class(NamedTuple):
    name: str
    body: tuple[Statement, ...]
    at: Position


class Annotated(NamedTuple):
    """`@Name(arguments) statement`; the statement is None at the end of a file or block."""

    name: str
    arguments: tuple[Argument, ...]
    statement: Statement | None
    at: Position


class Import(NamedTuple):
    """An `import` or a `package`."""

    name: str
    at: Position


class If(NamedTuple):
    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    at: Position


class ForEach(NamedTuple):
    variable: str
    values: Expression
    body: tuple[Statement, ...]
    at: Position


class For(NamedTuple):
    start: tuple[Statement, ...]
    condition: Expression | None
    update: tuple[Expression, ...]
    body: tuple[Statement, ...]
    at: Position


class While(NamedTuple):
    condition: Expression
    body: tuple[Statement, ...]
    at: Position


class Case(NamedTuple):
    """`case value:`; the value is None for `default:`."""

    value: Expression | None
    body: tuple[Statement, ...]
    at: Position


class Switch(NamedTuple):
    value: Expression
    cases: tuple[Case, ...]
    at: Position


class Catch(NamedTuple):
    types: tuple[str, ...]
    name: str
    body: tuple[Statement, ...]
    at: Position


class Try(NamedTuple):
    body: tuple[Statement, ...]
    catches: tuple[Catch, ...]
    finally_: tuple[Statement, ...]
    at: Position


class Leave(NamedTuple):
    """`return`, `throw`, `break`, `continue`: `word` says which."""

    word: str
    value: Expression | None
    at: Position


class Assert(NamedTuple):
    condition: Expression
    message: Expression | None
    at: Position


class Labelled(NamedTuple):
    """`label: statement`."""

    label: str
    statement: Statement
    at: Position
