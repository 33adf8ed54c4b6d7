"""Expressions of a script → values. Every rule is a generator: any part of one may run a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.groovy import (
    build,
    calls,
    casts,
    classes,
    direct,
    expensive,
    maps,
    objects,
    operators,
    overloads,
    regular,
    statics,
)
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    MISSING,
    Bound,
    Function,
    Lambda,
    Lazy,
    Loaded,
    Machine,
    PassedOver,
    Thrown,
    Value,
    Variables,
    Work,
    known,
    used,
)
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Position
from seatrial.pipeline.dialects.jenkins.values import (
    BY_NAME,
    Untold,
    is_number,
    type_name,
    with_holes,
    written,
)
from seatrial.pipeline.step import Pause, SetVariable


def evaluate(node: Expression, block: Variables, machine: Machine) -> Work:
    """The value of an expression. Raises Thrown."""
    value = direct.value(node, block, machine)
    if value is not MISSING:
        return value
    if machine.spend(node.at):
        yield Pause()
    rule = RULES.get(type(node))
    if rule is None:
        what = type(node).__name__.lower()
        raise Thrown("java.lang.UnsupportedOperationException", f"{what} is not supported", node.at)
    return direct.bounded((yield from rule(node, block, machine)), node.at)


def _gstring(node: syntax.GString, block: Variables, machine: Machine) -> Work:
    parts = []
    for part in node.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = yield from evaluate(part, block, machine)
        if isinstance(value, Function):  # "${-> x}"
            value = yield from used((yield from calls.call(value, (), machine, node.at)))
        parts.append(written(value))
    return with_holes(parts)


def _name(node: syntax.Name, block: Variables, machine: Machine) -> Work:
    value = direct.read(node.text, block, machine)
    if value is MISSING:
        return (yield from _of_file(node, block, machine))
    if isinstance(value, Lazy):
        value = yield from _gstring(value.text, value.around, machine)
    return value


def held(node: Expression, block: Variables, machine: Machine) -> Work:
    """The value of an expression as a variable holds it."""
    if isinstance(node, syntax.GString) and any(isinstance(part, syntax.Closure) for part in node.parts):
        return Lazy(node, block)
    return (yield from evaluate(node, block, machine))


def _of_file(node: syntax.Name, block: Variables, machine: Machine) -> Work:
    """What a method `getName` gives, or a variable of the environment."""
    holder = block.holder("this")
    methods = machine.methods if holder is None else holder["this"].methods
    if named := overloads.getter(methods, node.text):
        around = None if holder is None else holder["this"].block
        return (yield from used((yield from calls.method(named, [], machine, node.at, around))))
    value = machine.variable(node.text)
    if value is None and node.text in machine.unknown:
        return (yield from used(PassedOver(node.text)))
    if value is None:
        what = f"No such property: {node.text} for class: WorkflowScript"
        raise Thrown("groovy.lang.MissingPropertyException", what, node.at)
    return value.asked(BY_NAME, []) if isinstance(value, Untold) else value


def _member(target: Value, name: str, machine: Machine, at: Position) -> Work:
    """`target.name`; what a script has may be what a method of it gives."""
    if target == objects.THIS:
        return (yield from _name(syntax.Name(name, at), Variables({}), machine))
    if isinstance(target, Loaded) and name not in objects.own(target, machine):
        return (yield from _of_file(syntax.Name(name, at), target.block, machine))
    if build.is_build(target):
        return (yield from build.member(target, name, machine, at))
    return objects.member(target, name, machine, at)


def _property(node: syntax.Property, block: Variables, machine: Machine) -> Work:
    owner = calls.owner_of(node)
    if owner and block.holder(owner) is None and (owner, node.name) in statics.CONSTANTS:
        return statics.CONSTANTS[owner, str(node.name)]
    if (kind := _class_named(node)) is not None:
        return kind
    if node.operator == ".&":
        return (yield from _bound(node, block, machine))
    target = yield from evaluate(node.target, block, machine)
    name = yield from _property_name(node, block, machine)
    if node.operator == "*." and target is not None:
        found = []
        for one in objects.spread(target):
            value = None if one is None else (yield from _member(one, name, machine, node.at))
            found.append(value)
        return found
    if target is None and node.operator in ("?.", "*."):
        return None
    return (yield from _member(target, name, machine, node.at))


def _class_named(node: syntax.Property) -> Value:
    """`java.util.List`: a class by its whole name."""
    full, of_type = calls.dotted(node), objects.TYPES.get(str(node.name))
    return objects.JavaClass(full) if of_type is not None and of_type[0] == full else None


def _bound(node: syntax.Property, block: Variables, machine: Machine) -> Work:
    name = yield from _property_name(node, block, machine)
    if isinstance(node.target, syntax.Name) and node.target.text == "this":
        return Function(Bound(None, name))
    return Function(Bound((yield from evaluate(node.target, block, machine)), name))


def _property_name(node: syntax.Property, block: Variables, machine: Machine) -> Work:
    if isinstance(node.name, str):
        return node.name
    return written((yield from evaluate(node.name, block, machine)))


def _index(node: syntax.Index, block: Variables, machine: Machine) -> Work:
    target = yield from evaluate(node.target, block, machine)
    only = node.arguments[0].value if len(node.arguments) == 1 else None
    if isinstance(only, syntax.Binary) and only.operator in ("..", "..<"):
        first = yield from evaluate(only.left, block, machine)
        last = yield from evaluate(only.right, block, machine)
        return objects.part(target, first, only.operator, last, node.at)
    keys = yield from _values(node.arguments, block, machine)
    if isinstance(target, maps.Defaulting) and keys[0] not in target:
        made = yield from used((yield from calls.call(target.make, keys, machine, node.at)))
        target[objects.key(keys[0], node.at)] = made
    if target == objects.THIS or isinstance(target, Loaded) or build.is_build(target):
        return (yield from _member(target, written(keys[0]), machine, node.at))
    return objects.item(target, keys, machine, node.at)


def _values(given: tuple[syntax.Argument, ...], block: Variables, machine: Machine) -> Work:
    found = []
    for one in given:
        if isinstance(one.value, syntax.Spread):
            found += _all_of((yield from evaluate(one.value.value, block, machine)), list, one.value.at)
        else:
            found.append((yield from evaluate(one.value, block, machine)))
    return found


def _list(node: syntax.ListLiteral, block: Variables, machine: Machine) -> Work:
    found = []
    for one in node.items:
        if isinstance(one, syntax.Spread):
            found += _all_of((yield from evaluate(one.value, block, machine)), list, one.at)
        else:
            found.append((yield from evaluate(one, block, machine)))
    return found


def _all_of(value: Value, kind: type, at: Position) -> Value:
    """What `*value` and `*:value` stand for; of a list that is null, null. Raises Thrown."""
    if isinstance(value, kind):
        return value
    if kind is list and known(value) is None:
        return [None]
    message = f"cannot spread the type {type_name(value)} with value {written(value)}"
    raise Thrown("java.lang.IllegalArgumentException", message, at)


def _map(node: syntax.MapLiteral, block: Variables, machine: Machine) -> Work:
    found: dict[Value, Value] = {}
    for entry in node.entries:
        if isinstance(entry.value, syntax.Spread):
            found |= _all_of((yield from evaluate(entry.value.value, block, machine)), dict, entry.value.at)
            continue
        value = yield from evaluate(entry.value, block, machine)
        if entry.name is None or isinstance(entry.name, str):
            key: Value = entry.name
        else:
            key = yield from evaluate(entry.name, block, machine)
        found[objects.key(key, node.at)] = value
    return found


def _closure(node: syntax.Closure, block: Variables, _machine: Machine) -> Work:
    yield from ()  # no step is in it
    return Function(Lambda(node, block), settings={})


def _unary(node: syntax.Unary, block: Variables, machine: Machine) -> Work:
    if node.operator in ("++", "--"):
        value = yield from evaluate(node.operand, block, machine)
        return (yield from assign(node.operand, _next(value, node.operator, node.at), block, machine))
    value = yield from evaluate(node.operand, block, machine)
    if node.operator == "!":
        return not objects.true(value)
    if node.operator == "~":
        return ~value if isinstance(value, int) else regular.Pattern(written(value))
    if not is_number(value):
        raise Thrown("groovy.lang.MissingMethodException", f"'{node.operator}' of {written(value)}", node.at)
    return type(value)(-value) if node.operator == "-" else value


def _step(node: syntax.Step, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.operand, block, machine)
    yield from assign(node.operand, _next(value, node.operator, node.at), block, machine)
    return value


def _next(value: Value, operator: str, at: Position) -> Value:
    return operators.binary(value, operator[0], 1, at)


def _binary(node: syntax.Binary, block: Variables, machine: Machine) -> Work:
    left = yield from evaluate(node.left, block, machine)
    if node.operator in ("&&", "||"):
        if objects.true(left) == (node.operator == "||"):
            return node.operator == "||"
        return objects.true((yield from evaluate(node.right, block, machine)))
    if node.operator in ("instanceof", "!instanceof") and isinstance(node.right, syntax.Name):
        return objects.is_a(left, node.right.text) == (node.operator == "instanceof")
    right = yield from evaluate(node.right, block, machine)
    if node.operator in ("=~", "==~") and not isinstance(left, Untold):
        yield from expensive.tried(right, left)
    return operators.binary(left, node.operator, right, node.at)


def _ternary(node: syntax.Ternary, block: Variables, machine: Machine) -> Work:
    holds = objects.true((yield from evaluate(node.condition, block, machine)))
    return (yield from evaluate(node.then if holds else node.otherwise, block, machine))


def _elvis(node: syntax.Elvis, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.value, block, machine)
    return value if objects.true(value) else (yield from evaluate(node.otherwise, block, machine))


def _assignment(node: syntax.Assignment, block: Variables, machine: Machine) -> Work:
    if node.operator != "=":
        before = yield from evaluate(node.target, block, machine)
        value = yield from evaluate(node.value, block, machine)
        value = operators.binary(before, node.operator.removesuffix("="), value, node.at)
    else:
        value = yield from evaluate(node.value, block, machine)
    return (yield from assign(node.target, value, block, machine))


def assign(target: Expression, value: Value, block: Variables, machine: Machine) -> Work:
    """Give a variable, a property or an item its value, and return it."""
    if isinstance(target, syntax.Name):
        return direct.assign(target, value, block, machine)
    if isinstance(target, syntax.ListLiteral):  # (a, b) = pair
        for index, one in enumerate(target.items):
            yield from assign(one, objects.item(value, [index], machine, target.at), block, machine)
        return value
    if isinstance(target, syntax.Index):
        owner = yield from evaluate(target.target, block, machine)
        keys = yield from _values(target.arguments, block, machine)
        return (yield from _assign_member(owner, keys[0], value, machine, target.at))
    if isinstance(target, syntax.Property):
        owner = yield from evaluate(target.target, block, machine)
        name = yield from _property_name(target, block, machine)
        return (yield from _assign_member(owner, name, value, machine, target.at))
    raise Thrown("groovy.lang.GroovyRuntimeException", "this cannot be assigned to", target.at)


def _assign_member(owner: Value, name: Value, value: Value, machine: Machine, at: Position) -> Work:
    if isinstance(owner, objects.Special) and owner != objects.THIS:
        return (yield from _assign_special(owner, written(name), value, machine, at))
    if owner == objects.THIS or (isinstance(owner, Loaded) and name not in owner.variables):
        owner = machine.binding
    objects.put(owner, name, value, at)
    return value


def _assign_special(owner: objects.Special, name: str, value: Value, machine: Machine, at: Position) -> Work:
    if owner.name == "env":
        yield SetVariable(name, written(value))
    elif owner.name == "currentBuild":
        yield from build.put(name, value, machine, at)
    else:
        raise Thrown("groovy.lang.ReadOnlyPropertyException", f"{owner.name}.{name} cannot be set", at)
    return value


def _cast(node: syntax.Cast, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.value, block, machine)
    return (casts.cast if node.is_wide else casts.assigned)(value, node.type, node.at)


def _new(node: syntax.New, block: Variables, machine: Machine) -> Work:
    given = yield from _values(node.arguments, block, machine)
    if node.type in machine.unknown:
        return (yield from used(PassedOver(node.type)))
    return (yield from classes.make(node.type, [known(one) for one in given], node.at))


def _call(node: syntax.Call, block: Variables, machine: Machine) -> Work:
    return (yield from used((yield from calls.perform(node, block, machine))))


def arguments(given: tuple[syntax.Argument, ...], block: Variables, machine: Machine) -> Work:
    """(values without a name, values by their names) of a call."""
    plain: list[Value] = []
    named: dict[str, Value] = {}
    for one in given:
        if isinstance(one.value, syntax.Spread):
            plain += _all_of((yield from evaluate(one.value.value, block, machine)), list, one.value.at)
            continue
        value = yield from evaluate(one.value, block, machine)
        if one.name is None:
            plain.append(value)
        else:
            named[
                one.name
                if isinstance(one.name, str)
                else written((yield from evaluate(one.name, block, machine)))
            ] = value
    return plain, named


RULES: dict[type, Callable[[Any, Variables, Machine], Work]] = {
    syntax.GString: _gstring,
    syntax.Name: _name,
    syntax.Property: _property,
    syntax.Index: _index,
    syntax.ListLiteral: _list,
    syntax.MapLiteral: _map,
    syntax.Closure: _closure,
    syntax.Unary: _unary,
    syntax.Step: _step,
    syntax.Binary: _binary,
    syntax.Ternary: _ternary,
    syntax.Elvis: _elvis,
    syntax.Assignment: _assignment,
    syntax.Cast: _cast,
    syntax.New: _new,
    syntax.Call: _call,
}
