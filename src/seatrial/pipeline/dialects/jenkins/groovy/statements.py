"""Statements of a script, performed one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from seatrial.errors import Interrupted, StageFailed
from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.groovy import expensive, objects
from seatrial.pipeline.dialects.jenkins.groovy.expressions import RULES, evaluate
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Lambda,
    Left,
    Machine,
    Raised,
    Returned,
    Thrown,
    Value,
    Variables,
    Work,
    raised,
)
from seatrial.pipeline.dialects.jenkins.syntax import Statement
from seatrial.pipeline.dialects.jenkins.values import written


def perform(body: tuple[Statement, ...], block: Variables, machine: Machine) -> Work:
    """Perform statements, and return the value of the last one. Raises Thrown, Returned, Left."""
    value: Value = None
    for statement in body:
        value = yield from _one(statement, block, machine)
    return value


def _one(statement: Statement, block: Variables, machine: Machine) -> Work:
    rule = STATEMENTS.get(type(statement))
    if rule is None:
        return (yield from evaluate(statement, block, machine))
    machine.spend(statement.at)
    return (yield from rule(statement, block, machine))


def _declaration(node: syntax.Declaration, block: Variables, machine: Machine) -> Work:
    if len(node.values) == 1 and len(node.names) > 1 and node.values[0] is not None:
        values = yield from evaluate(node.values[0], block, machine)
        for index, name in enumerate(node.names):
            block.own[name] = objects.item(values, [index], machine, node.at)
        return None
    for name, value in zip(node.names, node.values, strict=False):
        block.own[name] = None if value is None else (yield from evaluate(value, block, machine))
    return None


def _if(node: syntax.If, block: Variables, machine: Machine) -> Work:
    holds = objects.true((yield from evaluate(node.condition, block, machine)))
    return (yield from perform(node.then if holds else node.otherwise, block.inner(), machine))


def _turn(body: tuple[Statement, ...], block: Variables, machine: Machine) -> Work:
    """One turn of a loop; whether it goes on."""
    try:
        yield from perform(body, block, machine)
    except Left as left:
        return left.word == "continue"
    return True


def _for_each(node: syntax.ForEach, block: Variables, machine: Machine) -> Work:
    values = yield from evaluate(node.values, block, machine)
    if isinstance(values, dict):
        values = [objects.Entry(key, value) for key, value in values.items()]
    for value in list(values if values is not None else ()):
        if not (yield from _turn(node.body, block.inner(**{node.variable: value}), machine)):
            break
    return None


def _for(node: syntax.For, block: Variables, machine: Machine) -> Work:
    block = block.inner()
    yield from perform(node.start, block, machine)
    while node.condition is None or objects.true((yield from evaluate(node.condition, block, machine))):
        machine.spend(node.at)
        if not (yield from _turn(node.body, block.inner(), machine)):
            break
        for update in node.update:
            yield from evaluate(update, block, machine)
    return None


def _while(node: syntax.While, block: Variables, machine: Machine) -> Work:
    while objects.true((yield from evaluate(node.condition, block, machine))):
        machine.spend(node.at)
        if not (yield from _turn(node.body, block.inner(), machine)):
            break
    return None


def _switch(node: syntax.Switch, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.value, block, machine)
    block = block.inner()
    begun = False
    try:
        for case in _default_last(node.cases):
            if not begun and case.value is not None:
                begun = yield from _is_case(value, case.value, block, machine)
            elif not begun:
                begun = True
            if begun:
                yield from perform(case.body, block, machine)
    except Left as left:
        if left.word != "break":
            raise
    return None


def _is_case(value: Value, case: syntax.Expression, block: Variables, machine: Machine) -> Work:
    if isinstance(case, syntax.Name) and case.text in objects.TYPES and block.holder(case.text) is None:
        return objects.is_a(value, case.text)
    wanted = yield from evaluate(case, block, machine)
    if isinstance(wanted, objects.Pattern):
        yield from expensive.tried(wanted, value)
        return re.fullmatch(wanted, written(value)) is not None
    return value in wanted if isinstance(wanted, list) else value == wanted


def _default_last(cases: tuple[syntax.Case, ...]) -> tuple[syntax.Case, ...]:
    return (*(one for one in cases if one.value is not None), *(one for one in cases if one.value is None))


def _try(node: syntax.Try, block: Variables, machine: Machine) -> Work:
    # No `finally` of Python's: where a script is given up, nothing that it still wants to do is done.
    try:
        value = yield from _caught(node, block, machine)
    except (StageFailed, Interrupted, Returned, Left):
        yield from perform(node.finally_, block.inner(), machine)
        raise
    yield from perform(node.finally_, block.inner(), machine)
    return value


def _caught(node: syntax.Try, block: Variables, machine: Machine) -> Work:
    try:
        return (yield from perform(node.body, block.inner(), machine))
    except (StageFailed, Interrupted) as failure:
        value = raised(failure)
        handler = next((one for one in node.catches if objects.is_caught(value, one.types)), None)
        if handler is None:
            raise
    return (yield from perform(handler.body, block.inner(**{handler.name: value}), machine))


def _leave(node: syntax.Leave, block: Variables, machine: Machine) -> Work:
    value = None if node.value is None else (yield from evaluate(node.value, block, machine))
    if node.word == "return":
        raise Returned(value)
    if node.word == "throw":
        thrown = value if isinstance(value, Raised) else Raised("java.lang.Exception", written(value))
        raise thrown.failure or Thrown(thrown.kind, thrown.message)
    raise Left(node.word)


def _assert(node: syntax.Assert, block: Variables, machine: Machine) -> Work:
    if not objects.true((yield from evaluate(node.condition, block, machine))):
        said = None if node.message is None else (yield from evaluate(node.message, block, machine))
        message = "assertion failed" if said is None else written(objects.shown(said))
        raise Thrown("java.lang.AssertionError", message, node.at)
    return None


def _labelled(node: syntax.Labelled, block: Variables, machine: Machine) -> Work:
    return (yield from _one(node.statement, block, machine))


def _method(node: syntax.Method, block: Variables, _machine: Machine) -> Work:
    block.own[node.name] = Lambda(syntax.Closure(node.parameters, node.body, node.at), block)
    yield from ()  # no step is in it
    return None


STATEMENTS: dict[type, Callable[[Any, Variables, Machine], Work]] = {
    syntax.Declaration: _declaration,
    syntax.If: _if,
    syntax.ForEach: _for_each,
    syntax.For: _for,
    syntax.While: _while,
    syntax.Switch: _switch,
    syntax.Try: _try,
    syntax.Leave: _leave,
    syntax.Assert: _assert,
    syntax.Labelled: _labelled,
    syntax.Method: _method,
}
KNOWN = frozenset((*RULES, *STATEMENTS))
