"""Statements of a script, performed one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from seatrial.errors import Interrupted, StageFailed
from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.groovy import calls, casts, direct, exceptions, expensive, objects
from seatrial.pipeline.dialects.jenkins.groovy.expressions import RULES, evaluate, held
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    LABEL,
    MISSING,
    Function,
    Lambda,
    Left,
    Machine,
    Raised,
    Returned,
    Thrown,
    Value,
    Variables,
    Work,
    known,
    of_type,
    raised,
    used,
)
from seatrial.pipeline.dialects.jenkins.groovy.regular import Pattern
from seatrial.pipeline.dialects.jenkins.syntax import Statement
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import Pause


def perform(body: tuple[Statement, ...], block: Variables, machine: Machine) -> Work:
    """Perform statements, and return the value of the last one. Raises Thrown, Returned, Left."""
    value: Value = None
    for statement in body:
        value = direct.done(statement, block, machine)
        if value is MISSING:
            value = yield from _one(statement, block, machine)
    return value


def _one(statement: Statement, block: Variables, machine: Machine) -> Work:
    rule = STATEMENTS.get(type(statement))
    if rule is None:
        return (yield from evaluate(statement, block, machine))
    if machine.spend(statement.at):
        yield Pause()
    return (yield from rule(statement, block, machine))


def _declaration(node: syntax.Declaration, block: Variables, machine: Machine) -> Work:
    if len(node.values) == 1 and len(node.names) > 1 and node.values[0] is not None:
        values = yield from evaluate(node.values[0], block, machine)
        for index, name in enumerate(node.names):
            block.own[name] = objects.item(values, [index], machine, node.at)
        return values
    found: Value = None
    is_typed = casts.is_typed(node.type)
    for name, value in zip(node.names, node.values, strict=False):
        if value is None:
            found = casts.UNSET.get(node.type)
        else:
            read = evaluate if is_typed or block.own is machine.binding else held
            found = yield from read(value, block, machine)
            found = casts.assigned(found, node.type, node.at) if is_typed else found
        block.own[name] = found
        if is_typed:
            block.own[of_type(name)] = node.type
    return found


def _if(node: syntax.If, block: Variables, machine: Machine) -> Work:
    holds = objects.true((yield from evaluate(node.condition, block, machine)))
    return (yield from perform(node.then if holds else node.otherwise, block.inner(), machine))


def _turn(body: tuple[Statement, ...], block: Variables, machine: Machine, label: str) -> Work:
    """One turn of a loop; whether it goes on."""
    try:
        yield from perform(body, block, machine)
    except Left as left:
        if left.label not in ("", label):
            raise
        return left.word == "continue"
    return True


def _label(block: Variables) -> str:
    """The label that stands before a loop."""
    return str(block.own.get(LABEL, ""))


def _for_each(node: syntax.ForEach, block: Variables, machine: Machine) -> Work:
    """All turns have the one variable: a closure that is called later sees the last of its values."""
    values = yield from evaluate(node.values, block, machine)
    label, block = _label(block), block.inner()
    for value in objects.spread(values):
        block.own[node.variable] = value
        if not (yield from _turn(node.body, block.inner(), machine, label)):
            break


def _for(node: syntax.For, block: Variables, machine: Machine) -> Work:
    label, block = _label(block), block.inner()
    yield from perform(node.start, block, machine)
    while node.condition is None or objects.true((yield from evaluate(node.condition, block, machine))):
        if machine.spend(node.at):
            yield Pause()
        if not (yield from _turn(node.body, block.inner(), machine, label)):
            break
        yield from perform(node.update, block, machine)


def _while(node: syntax.While, block: Variables, machine: Machine) -> Work:
    label = _label(block)
    while objects.true((yield from evaluate(node.condition, block, machine))):
        if machine.spend(node.at):
            yield Pause()
        if not (yield from _turn(node.body, block.inner(), machine, label)):
            break


def _switch(node: syntax.Switch, block: Variables, machine: Machine) -> Work:
    """From the case that fits, or from the default, to the next `break`."""
    wanted = yield from evaluate(node.value, block, machine)
    block = block.inner()
    cases = _default_last(node.cases)
    value: Value = None
    try:
        first = yield from _first_case(wanted, cases, block, machine)
        for case in cases[first:]:
            for statement in case.body:
                value = yield from _one(statement, block, machine)
    except Left as left:
        if left.word != "break" or left.label:
            raise
    return value


def _first_case(value: Value, cases: tuple[syntax.Case, ...], block: Variables, machine: Machine) -> Work:
    for index, case in enumerate(cases):
        if case.value is None or (yield from _is_case(value, case.value, block, machine)):
            return index
    return len(cases)


def _default_last(cases: tuple[syntax.Case, ...]) -> tuple[syntax.Case, ...]:
    """Groovy puts it there, wherever it stands."""
    return (*(one for one in cases if one.value is not None), *(one for one in cases if one.value is None))


def _is_case(value: Value, case: syntax.Expression, block: Variables, machine: Machine) -> Work:
    wanted = yield from evaluate(case, block, machine)
    if isinstance(wanted, Pattern):
        yield from expensive.tried(wanted, value)
    if isinstance(wanted, Function):
        return objects.true((yield from used((yield from calls.call(wanted, [value], machine, case.at)))))
    if known(wanted) is None:
        return known(value) is None
    try:
        return objects.is_case(known(value), wanted)
    except (TypeError, re.error) as error:
        message = f"case {written(wanted)}: {error}"
        raise Thrown("java.lang.IllegalArgumentException", message, case.at) from None


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
        handler = next((one for one in node.catches if exceptions.is_caught(value, one.types)), None)
        if handler is None:
            raise
    return (yield from perform(handler.body, block.inner(**{handler.name: value}), machine))


def _leave(node: syntax.Leave, block: Variables, machine: Machine) -> Work:
    if node.word in ("break", "continue"):
        raise Left(node.word, node.value.text if isinstance(node.value, syntax.Name) else "")
    value = None if node.value is None else (yield from evaluate(node.value, block, machine))
    if node.word == "return":
        raise Returned(value)
    thrown = value if isinstance(value, Raised) else Raised("java.lang.Exception", written(value))
    raise thrown.failure or Thrown.of(thrown)


def _assert(node: syntax.Assert, block: Variables, machine: Machine) -> Work:
    if not objects.true((yield from evaluate(node.condition, block, machine))):
        said = None if node.message is None else (yield from evaluate(node.message, block, machine))
        message = "assertion failed" if said is None else written(said)
        raise Thrown("java.lang.AssertionError", message, node.at)
    return None


def _labelled(node: syntax.Labelled, block: Variables, machine: Machine) -> Work:
    is_loop = isinstance(node.statement, syntax.For | syntax.ForEach | syntax.While)
    block = block.inner(**{LABEL: node.label}) if is_loop else block
    return (yield from _one(node.statement, block, machine))


def _method(node: syntax.Method, block: Variables, _machine: Machine) -> Work:
    block.own[node.name] = Function(Lambda(syntax.Closure(node.parameters, node.body, node.at), block))
    yield from ()  # no step is in it
    return None


def _call(node: syntax.Call, block: Variables, machine: Machine) -> Work:
    """What it gives is only used where these statements are a value."""
    return direct.bounded((yield from calls.perform(node, block, machine)), node.at)


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
    syntax.Call: _call,
}
KNOWN = frozenset((*RULES, *STATEMENTS))
