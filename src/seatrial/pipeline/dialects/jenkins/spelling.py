"""Expressions → Groovy again, for records and messages; of what only scripts know, its parts."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.pipeline.dialects.jenkins.syntax import (
    Argument,
    Binary,
    Call,
    Constant,
    Elvis,
    Expression,
    GString,
    Index,
    ListLiteral,
    MapLiteral,
    Name,
    Number,
    Position,
    Property,
    Ternary,
    Text,
    Unary,
)


def spell(node: Expression) -> str:
    """One line of Groovy that means the same."""
    if isinstance(node, Text):
        return "'" + _escaped(node.value, "'") + "'"
    if isinstance(node, GString):
        return '"' + "".join(map(_part, node.parts)) + '"'
    if isinstance(node, Name | Number):
        return node.text
    if isinstance(node, Constant):
        return {True: "true", False: "false", None: "null"}[node.value]
    return _spell_compound(node)


def _spell_compound(node: Expression) -> str:
    if isinstance(node, Property):
        name = node.name if isinstance(node.name, str) else spell(node.name)
        return f"{spell(node.target)}{node.operator}{name}"
    if isinstance(node, Call):
        return f"{spell(node.target)}({_arguments(node.arguments)})"
    if isinstance(node, Index):
        return f"{spell(node.target)}[{_arguments(node.arguments)}]"
    if isinstance(node, ListLiteral):
        return f"[{', '.join(map(spell, node.items))}]"
    if isinstance(node, MapLiteral):
        return f"[{_arguments(node.entries) or ':'}]"
    return f"({_spell_operation(node)})"


def _spell_operation(node: Expression) -> str:
    if isinstance(node, Unary):
        return f"{node.operator}{spell(node.operand)}"
    if isinstance(node, Binary):
        return f"{spell(node.left)} {node.operator} {spell(node.right)}"
    if isinstance(node, Ternary):
        return f"{spell(node.condition)} ? {spell(node.then)} : {spell(node.otherwise)}"
    if isinstance(node, Elvis):
        return f"{spell(node.value)} ?: {spell(node.otherwise)}"
    return f"{type(node).__name__.lower()} {' '.join(_parts(node))}"


def _parts(node: object) -> Iterator[str]:
    """The words and the nodes in a node, outer before inner, however deep it is."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, tuple) and not isinstance(one, Position):
            waiting += reversed(one)


def _arguments(arguments: tuple[Argument, ...]) -> str:
    return ", ".join(f"{_key(one)}{spell(one.value)}" for one in arguments)


def _key(argument: Argument) -> str:
    if argument.name is None:
        return ""
    return f"{argument.name}: " if isinstance(argument.name, str) else f"({spell(argument.name)}): "


def _part(part: str | Expression) -> str:
    return _escaped(part, '"$') if isinstance(part, str) else f"${{{spell(part)}}}"


def _escaped(text: str, quotes: str) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    for quote in quotes:
        text = text.replace(quote, f"\\{quote}")
    return text
