"""Calls of a script: of its closures and methods, of the members of its values, and of Jenkins' steps."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import credentials, showing, syntax
from seatrial.pipeline.dialects.jenkins.declarative import Section
from seatrial.pipeline.dialects.jenkins.groovy import (
    casts,
    classes,
    maps,
    members,
    objects,
    overloads,
    statics,
    steps,
)
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    DELEGATE,
    Bound,
    Chained,
    Function,
    Lambda,
    Machine,
    Returned,
    Thrown,
    Value,
    Variables,
    Work,
    known,
    used,
)
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.syntax import Parameter, Position
from seatrial.pipeline.dialects.jenkins.values import Array, type_name, written
from seatrial.pipeline.step import Credential, Pause


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
    plain, named = yield from _given(name, node, block, machine)
    holder, delegate = block.holder(name), block.delegate()
    if holder is not None:
        return (yield from call(holder[name], _joined(plain, named), machine, node.at))
    if delegate is not None and not any(
        name in known for known in (machine.binding, machine.methods, steps.names())
    ):
        return (yield from members.call(delegate, name, _joined(plain, named), machine, node.at))
    return (yield from of_file(name, plain, named, machine, node.at))


def of_file(name: str, plain: list[Value], named: dict[str, Value], machine: Machine, at: Position) -> Work:
    """Call what the file has by a name: a closure in a variable, a method, a step. Raises Thrown."""
    found = machine.binding.get(name)
    if isinstance(found, Function):
        return (yield from call(found, _joined(plain, named), machine, at))
    if name in machine.methods:
        return (yield from method(machine.methods[name], _joined(plain, named), machine, at))
    if name in machine.binding and not steps.is_step(name):
        if found is None:  # of a local variable it is a NullPointerException
            raise Thrown("groovy.lang.MissingMethodException", f"No signature of method: {name}()", at)
        return (yield from call(found, _joined(plain, named), machine, at))
    if name in steps.DATA:
        return steps.data(name, named)
    return (yield from steps.perform(name, plain, named, at, machine))


def _given(name: str, node: syntax.Call, block: Variables, machine: Machine) -> Work:
    """(values without a name, values by their names) of a call by a name, which may be that of a step."""
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import arguments

    given = node.arguments[-1:] if name in steps.DESCRIBING else node.arguments
    plain, named = yield from arguments(() if name in steps.UNREAD else given, block, machine)
    if name in credentials.BLOCKS:
        named |= yield from _bindings(name, node, block, machine)
    return plain, named


def _bindings(name: str, node: syntax.Call, block: Variables, machine: Machine) -> Work:
    """The credentials that a block asks for, with the ids that are worked out, and what it says beside."""
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import evaluate

    found = []
    section = Section(name, node.arguments[:-1], (), node.at)
    for one in credentials.of_block(section, Remarks(machine.path)):
        if isinstance(one, credentials.Later):
            id_ = yield from evaluate(one.id, block, machine)
            found.append(Credential(written(id_), one.variable, one.part))
        else:
            found.append(one)
    beside = {}
    for each, value in credentials.beside(section):
        beside[each] = yield from evaluate(value, block, machine)
    return {"bindings": tuple(found), "beside": beside}


def owner_of(called: syntax.Property) -> str:
    """The name before the dot, of a class without its package; "" where there is a value."""
    target = called.target
    if isinstance(target, syntax.Name):
        return target.text
    is_class = isinstance(target, syntax.Property) and str(target.name)[:1].isupper()
    return str(target.name) if is_class and isinstance(target, syntax.Property) else ""


def dotted(node: syntax.Expression) -> str:
    """`a.b.c` as it is written; "" where it is anything else."""
    words = []
    while isinstance(node, syntax.Property) and node.operator == "." and isinstance(node.name, str):
        words.append(node.name)
        node = node.target
    return ".".join((node.text, *reversed(words))) if isinstance(node, syntax.Name) else ""


def _of_value(called: syntax.Property, node: syntax.Call, block: Variables, machine: Machine) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import arguments, evaluate

    name = str(called.name)
    owner = owner_of(called)
    is_free = block.holder(owner) is None
    if is_free and (owner, name) in statics.METHODS:
        plain, _ = yield from arguments(node.arguments, block, machine)
        return statics.call(owner, name, list(map(known, plain)), node.at)
    if is_free and owner == "pullRequest" and name in showing.OF_REQUEST and owner not in machine.binding:
        yield from arguments(node.arguments, block, machine)
        return None
    if is_free and (owner, name) in classes.OF_MACHINE:
        return (yield from classes.OF_MACHINE[owner, name](node.at))
    if is_free and owner in objects.OF_FILE:
        plain, named = yield from _given(name, node, block, machine)
        return (yield from of_file(name, plain, named, machine, node.at))
    target = yield from evaluate(called.target, block, machine)
    plain, named = yield from arguments(node.arguments, block, machine)
    if target is None and called.operator in ("?.", "*."):
        return None
    if called.operator != "*.":
        return (yield from members.call(target, name, _joined(plain, named), machine, node.at))
    found = []
    for one in objects.spread(target):
        given = _joined(plain, named)
        value = None if one is None else (yield from members.call(one, name, given, machine, node.at))
        found.append(value)
    return found


def _joined(plain: list[Value], named: dict[str, Value]) -> list[Value]:
    return [named, *plain] if named else plain


def call(
    target: Value,
    given: list[Value] | tuple[Value, ...],
    machine: Machine,
    at: Position,
    delegate: Value = None,
) -> Work:
    """Call a closure, or what has a method `call`. Raises Thrown.

    What a closure calls without a name before it may be the delegate's.
    """
    if not isinstance(target, Function):
        return (yield from members.call(target, "call", list(given), machine, at))
    values = [*target.first, *given, *target.last]
    if delegate is None and target.settings:
        delegate = target.settings.get("delegate")
    if target.known is None:
        return (yield from _called(target.does, values, machine, at, delegate))
    asked = tuple((type_name(one), written(one)) for one in values)
    if asked not in target.known:
        target.known[asked] = yield from _called(target.does, values, machine, at, delegate)
    return target.known[asked]


def _called(
    does: Lambda | Chained | Bound, values: list[Value], machine: Machine, at: Position, delegate: Value
) -> Work:
    if isinstance(does, Bound):
        return (yield from _of_bound(does, values, machine, at))
    if isinstance(does, Chained):
        for part in does.parts:
            values = [(yield from used((yield from call(part, values, machine, at))))]
        return values[0]
    closure = does.closure
    own = Variables({} if delegate is None else {DELEGATE: delegate}, does.around)
    if closure.parameters is None:
        own.own["it"] = values[0] if values else None
        return (yield from _body(closure.body, own, machine, at))
    if len(values) == 1 and len(closure.parameters) > 1 and isinstance(values[0], list | maps.Entry):
        values = list(values[0][:2] if isinstance(values[0], maps.Entry) else values[0])
    yield from _bind(closure.parameters, values, own, machine)
    return (yield from _body(closure.body, own, machine, at))


def _of_bound(bound: Bound, given: list[Value], machine: Machine, at: Position) -> Work:
    kind = bound.target.simple_name if isinstance(bound.target, objects.JavaClass) else ""
    if (kind, bound.name) in statics.METHODS:
        return statics.call(kind, bound.name, list(map(known, given)), at)
    if bound.target is not None:
        return (yield from members.call(bound.target, bound.name, given, machine, at))
    if bound.name in machine.methods:
        return (yield from method(machine.methods[bound.name], given, machine, at))
    if steps.is_step(bound.name):
        return (yield from steps.perform(bound.name, given, {}, at, machine))
    raise Thrown("groovy.lang.MissingMethodException", f"No signature of method: {bound.name}()", at)


def method(
    named: overloads.Methods,
    given: list[Value],
    machine: Machine,
    at: Position,
    around: Variables | None = None,
) -> Work:
    """Call a method, which sees nothing of where it is called, and of the file what is `around`."""
    own = Variables({}, around)
    one = overloads.chosen(named, given, at)
    yield from _bind(one.parameters, given, own, machine)
    for parameter in one.parameters:
        value = own.own[parameter.name]
        if value is not None and casts.is_typed(parameter.type):
            own.own[parameter.name] = casts.assigned(value, parameter.type, at)
    return (yield from _body(one.body, own, machine, at))


def _bind(parameters: tuple[Parameter, ...], given: list[Value], own: Variables, machine: Machine) -> Work:
    """What is given goes to those without a default first; what is left over to the others, in order."""
    from seatrial.pipeline.dialects.jenkins.groovy.expressions import evaluate

    values = _gathered(parameters, list(given))
    spare = len(values) - sum(one.default is None for one in parameters)
    for parameter in parameters:
        if parameter.default is not None and spare <= 0:
            own.own[parameter.name] = yield from evaluate(parameter.default, own, machine)
            continue
        spare -= parameter.default is not None
        own.own[parameter.name] = values.pop(0) if values else None


def _gathered(parameters: tuple[Parameter, ...], given: list[Value]) -> list[Value]:
    """The values, those of a last parameter that is an array in one."""
    first = len(parameters) - 1
    if not overloads.is_variable(parameters) or (len(given) == first + 1 and isinstance(given[first], list)):
        return given
    return [*given[:first], Array(given[first:])]


def _body(body: tuple[syntax.Statement, ...], own: Variables, machine: Machine, at: Position) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import statements

    machine.enter(at)
    if machine.spend(at):
        yield Pause()
    try:
        return (yield from statements.perform(body, own, machine))
    except Returned as returned:
        return returned.value
    finally:
        machine.leave()
