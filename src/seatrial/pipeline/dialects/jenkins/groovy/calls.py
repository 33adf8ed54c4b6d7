"""Calls of a script: of its closures and methods, of the members of its values, and of Jenkins' steps."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import credentials, syntax
from seatrial.pipeline.dialects.jenkins.declarative import Section
from seatrial.pipeline.dialects.jenkins.groovy import members, objects, steps
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Lambda,
    Machine,
    Returned,
    Thrown,
    Value,
    Variables,
    Work,
)
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.syntax import Parameter, Position
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import Credential


def perform(node: syntax.Call, block: Variables, machine: Machine) -> Work:
    """The value of a call. Raises Thrown."""
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import arguments, evaluate

    if isinstance(node.target, syntax.Name):
        return (yield from _by_name(node.target.text, node, block, machine))
    if isinstance(node.target, syntax.Property):
        return (yield from _of_value(node.target, node, block, machine))
    target = yield from evaluate(node.target, block, machine)
    plain, named = yield from arguments(node.arguments, block, machine)
    return (yield from call(target, _joined(plain, named), machine, node.at))


def _by_name(name: str, node: syntax.Call, block: Variables, machine: Machine) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import arguments

    holder = block.holder(name)
    found = holder[name] if holder is not None else machine.binding.get(name)
    given = node.arguments[-1:] if name == "withCredentials" else node.arguments  # bindings are no calls
    given = () if name in steps.UNREAD else given
    plain, named = yield from arguments(given, block, machine)
    if name == "withCredentials":
        named["bindings"] = yield from _bindings(node, block, machine)
    if isinstance(found, Lambda):
        return (yield from call(found, _joined(plain, named), machine, node.at))
    if name in machine.methods:
        return (yield from _method(machine.methods[name], _joined(plain, named), machine, node.at))
    if name in steps.DATA:
        return {"kind": name, **named}
    return (yield from steps.perform(name, plain, named, node, machine))


def _bindings(node: syntax.Call, block: Variables, machine: Machine) -> Work:
    """The credentials of a `withCredentials`, with the ids that are worked out."""
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import evaluate

    found = []
    section = Section("withCredentials", node.arguments[:-1], (), node.at)
    for one in credentials.of_block(section, Remarks(machine.path)):
        if isinstance(one, credentials.Later):
            id_ = yield from evaluate(one.id, block, machine)
            found.append(Credential(written(objects.shown(id_)), one.variable, one.part))
        else:
            found.append(one)
    return tuple(found)


def owner_of(called: syntax.Property) -> str:
    """The name before the dot, of a class without its package; "" where there is a value."""
    target = called.target
    if isinstance(target, syntax.Name):
        return target.text
    is_class = isinstance(target, syntax.Property) and str(target.name)[:1].isupper()
    return str(target.name) if is_class and isinstance(target, syntax.Property) else ""


def _of_value(called: syntax.Property, node: syntax.Call, block: Variables, machine: Machine) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import arguments, evaluate

    name = str(called.name)
    owner = owner_of(called)
    is_free = block.holder(owner) is None
    if is_free and (owner, name) in members.OF_CLASSES:
        plain, _ = yield from arguments(node.arguments, block, machine)
        return members.of_class(owner, name, plain, node.at)
    if is_free and owner in ("this", "steps", "script"):
        plain, named = yield from arguments(node.arguments, block, machine)
        return (yield from steps.perform(name, plain, named, node, machine))
    target = yield from evaluate(called.target, block, machine)
    plain, named = yield from arguments(node.arguments, block, machine)
    if target is None and called.operator == "?.":
        return None
    if called.operator != "*.":
        return (yield from members.call(target, name, _joined(plain, named), machine, node.at))
    found = []
    for one in target or []:
        value = yield from members.call(one, name, _joined(plain, named), machine, node.at)
        found.append(value)
    return found


def _joined(plain: list[Value], named: dict[str, Value]) -> list[Value]:
    return [named, *plain] if named else plain


def call(target: Value, given: list[Value] | tuple[Value, ...], machine: Machine, at: Position) -> Work:
    """Call a closure. Raises Thrown."""
    if not isinstance(target, Lambda):
        raise Thrown("groovy.lang.MissingMethodException", "this is no closure", at)
    closure = target.closure
    own = target.around.inner()
    if closure.parameters is None:
        own.own["it"] = given[0] if given else None
        return (yield from _body(closure.body, own, machine, at))
    values = list(given)
    if len(values) == 1 and len(closure.parameters) > 1 and isinstance(values[0], list | objects.Entry):
        values = list(values[0])
    yield from _bind(closure.parameters, values, own, machine)
    return (yield from _body(closure.body, own, machine, at))


def _method(method: syntax.Method, given: list[Value], machine: Machine, at: Position) -> Work:
    own = Variables({})
    if len(given) > len(method.parameters):
        message = f"No signature of method: {method.name}() for {len(given)} arguments"
        raise Thrown("groovy.lang.MissingMethodException", message, at)
    yield from _bind(method.parameters, given, own, machine)
    return (yield from _body(method.body, own, machine, at))


def _bind(parameters: tuple[Parameter, ...], given: list[Value], own: Variables, machine: Machine) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import evaluate

    for index, parameter in enumerate(parameters):
        if index < len(given):
            own.own[parameter.name] = given[index]
        elif parameter.default is not None:
            own.own[parameter.name] = yield from evaluate(parameter.default, own, machine)
        else:
            own.own[parameter.name] = None


def _body(body: tuple[syntax.Statement, ...], own: Variables, machine: Machine, at: Position) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import statements

    machine.enter(at)
    try:
        return (yield from statements.perform(body, own, machine))
    except Returned as returned:
        return returned.value
    finally:
        machine.leave()
