"""Expressions of a script → values. Every rule is a generator: any part of one may run a step."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context
from typing import Any

from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.evaluator import MAX_TEXT, Names
from seatrial.pipeline.dialects.jenkins.evaluator import evaluate as evaluate_plain
from seatrial.pipeline.dialects.jenkins.groovy import (
    calls,
    classes,
    expensive,
    maps,
    members,
    numbers,
    objects,
    order,
    regular,
    statics,
)
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Bound,
    Chained,
    Function,
    Lambda,
    Lazy,
    Machine,
    Thrown,
    Value,
    Variables,
    Work,
    of_type,
)
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Position
from seatrial.pipeline.dialects.jenkins.values import Char, Long, compare, is_number, plus, written
from seatrial.pipeline.step import Pause, SetVariable

_LARGEST_BITS = 1 << 20  # of a power
_NO_NAMES = Names(lambda _: None, complete=True)


def evaluate(node: Expression, block: Variables, machine: Machine) -> Work:
    """The value of an expression. Raises Thrown."""
    if machine.spend(node.at):
        yield Pause()
    rule = RULES.get(type(node))
    if rule is None:
        what = type(node).__name__.lower()
        raise Thrown("java.lang.UnsupportedOperationException", f"{what} is not supported", node.at)
    value = yield from rule(node, block, machine)
    if isinstance(value, str | list) and len(value) > MAX_TEXT:
        raise Thrown("java.lang.OutOfMemoryError", f"a value of more than {MAX_TEXT:,} characters", node.at)
    return value


def _plain(node: Any, _block: Variables, _machine: Machine) -> Work:
    yield from ()  # no step is in it
    return evaluate_plain(node, _NO_NAMES)


def _gstring(node: syntax.GString, block: Variables, machine: Machine) -> Work:
    parts = []
    for part in node.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = yield from evaluate(part, block, machine)
        if isinstance(value, Function):  # "${-> x}"
            value = yield from calls.call(value, (), machine, node.at)
        parts.append(written(value))
    return "".join(parts)


def _name(node: syntax.Name, block: Variables, machine: Machine) -> Work:
    value = read(node.text, block, machine, node.at)
    if isinstance(value, Lazy):
        value = yield from _gstring(value.text, value.around, machine)
    return value


def held(node: Expression, block: Variables, machine: Machine) -> Work:
    """The value of an expression as a variable holds it."""
    if isinstance(node, syntax.GString) and any(isinstance(part, syntax.Closure) for part in node.parts):
        return Lazy(node, block)
    return (yield from evaluate(node, block, machine))


def read(name: str, block: Variables, machine: Machine, at: Position) -> Value:
    holder = block.holder(name)
    if holder is not None:
        return holder[name]
    delegate = block.delegate()
    if delegate is not None and name == "delegate":
        return delegate
    if isinstance(delegate, dict):
        return delegate.get(name)
    if name in machine.binding:
        return machine.binding[name]
    if name in objects.NAMES:
        return objects.Special(name)
    if name in objects.TYPES:
        return objects.JavaClass(objects.TYPES[name][0])
    value = machine.variable(name)
    if value is None:
        what = f"No such property: {name} for class: WorkflowScript"
        raise Thrown("groovy.lang.MissingPropertyException", what, at)
    return value


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
    if node.operator == "*.":
        members_of = (
            objects.member(one, name, machine, node.at) if one is not None else None
            for one in objects.spread(target)
        )
        return list(members_of)
    if target is None and node.operator == "?.":
        return None
    return objects.member(target, name, machine, node.at)


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
        if only.operator == "..<" and first == last:
            return target[:0]
        last -= (1 if first < last else -1) * (only.operator == "..<")
        return objects.part(target, first, last, node.at)
    keys = yield from _values(node.arguments, block, machine)
    if isinstance(target, maps.Defaulting) and keys[0] not in target:
        target[objects.key(keys[0], node.at)] = yield from calls.call(target.make, keys, machine, node.at)
    return objects.item(target, keys, machine, node.at)


def _values(given: tuple[syntax.Argument, ...], block: Variables, machine: Machine) -> Work:
    found = []
    for one in given:
        if isinstance(one.value, syntax.Spread):
            found += yield from evaluate(one.value.value, block, machine)
        else:
            found.append((yield from evaluate(one.value, block, machine)))
    return found


def _list(node: syntax.ListLiteral, block: Variables, machine: Machine) -> Work:
    found = []
    for one in node.items:
        if isinstance(one, syntax.Spread):
            found += yield from evaluate(one.value, block, machine)
        else:
            found.append((yield from evaluate(one, block, machine)))
    return found


def _map(node: syntax.MapLiteral, block: Variables, machine: Machine) -> Work:
    found: dict[Value, Value] = {}
    for entry in node.entries:
        if isinstance(entry.value, syntax.Spread):
            found |= yield from evaluate(entry.value.value, block, machine)
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
    return -value if node.operator == "-" else value


def _step(node: syntax.Step, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.operand, block, machine)
    yield from assign(node.operand, _next(value, node.operator, node.at), block, machine)
    return value


def _next(value: Value, operator: str, at: Position) -> Value:
    return binary(value, operator[0], 1, at)


def _binary(node: syntax.Binary, block: Variables, machine: Machine) -> Work:
    left = yield from evaluate(node.left, block, machine)
    if node.operator in ("&&", "||"):
        if objects.true(left) == (node.operator == "||"):
            return node.operator == "||"
        return objects.true((yield from evaluate(node.right, block, machine)))
    if node.operator in ("instanceof", "!instanceof") and isinstance(node.right, syntax.Name):
        return objects.is_a(left, node.right.text) == (node.operator == "instanceof")
    right = yield from evaluate(node.right, block, machine)
    if node.operator in ("=~", "==~"):
        yield from expensive.tried(right, left)
    return binary(left, node.operator, right, node.at)


def binary(left: Value, operator: str, right: Value, at: Position) -> Value:
    """`left operator right` of values. Raises Thrown."""
    try:
        return _binary_of(operator)(left, operator, right)
    except ZeroDivisionError as error:
        raise Thrown("java.lang.ArithmeticException", str(error), at) from None
    except (TypeError, ValueError, ArithmeticError, re.error):
        message = f"{written(left)} {operator} {written(right)}"
        raise Thrown("groovy.lang.MissingMethodException", message, at) from None


def _binary_of(operator: str) -> Callable[[Value, str, Value], Value]:
    return _OPERATORS.get(operator, compare)


def _plus(left: Value, _operator: str, right: Value) -> Value:
    if isinstance(left, classes.Moment) and isinstance(right, int):
        return left.later(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    return _whole(left, "+", right) if _are_whole(left, right) else plus(left, right)


def _minus(left: Value, _operator: str, right: Value) -> Value:
    if isinstance(left, classes.Moment) and isinstance(right, int):
        return left.later(-right)
    if isinstance(left, classes.Moment) and isinstance(right, classes.Moment):
        return int((left.millis - right.millis) / 86_400_000)
    if isinstance(left, list | str) and not isinstance(left, Char):
        return members.minus(left, right)
    return _whole(left, "-", right) if _are_whole(left, right) else compare(left, "-", right)


def _times(left: Value, _operator: str, right: Value) -> Value:
    if isinstance(left, list):
        return left * (right if len(left) * right <= MAX_TEXT else _too_large())
    return _whole(left, "*", right) if _are_whole(left, right) else compare(left, "*", right)


def _shifted(left: Value, operator: str, right: Value) -> Value:
    if isinstance(left, Function):
        return Function(Chained((left, right) if operator == ">>" else (right, left)))
    return objects.appended(left, right) if operator == "<<" else compare(left, operator, right)


def _power(left: Value, _operator: str, right: Value) -> Value:
    if not (is_number(left) and is_number(right)):
        raise TypeError(left)
    bits = left.bit_length() if isinstance(left, int) else 64
    if not isinstance(right, int) or right < 0 or isinstance(left, float):
        found = numbers.power_of_doubles(left, right)
        return int(found) if found.is_integer() and abs(found) < 1 << 63 else found
    if bits * right > _LARGEST_BITS:
        return _too_large()
    return left**right if isinstance(left, int) else Context(prec=10_000).power(left, right)


_COMPARED: dict[str, Callable[[int], bool]] = {
    "<": lambda found: found < 0,
    ">": lambda found: found > 0,
    "<=": lambda found: found <= 0,
    ">=": lambda found: found >= 0,
}


def _ordered(left: Value, operator: str, right: Value) -> Value:
    if operator == "<=>":
        return order.compared(left, right)
    return _COMPARED[operator](order.compared(left, right))


def _too_large() -> Value:
    raise ValueError


def _are_whole(left: Value, right: Value) -> bool:
    return all(isinstance(one, int) and not isinstance(one, bool) for one in (left, right))


def _whole(left: int, operator: str, right: int) -> Value:
    """Java's Integer, or Long where one of the two needs it: what is too large begins again from below."""
    result = {"+": left + right, "-": left - right, "*": left * right}[operator]
    if max(abs(left), abs(right)) >= 1 << 63:  # a BigInteger
        return result
    is_long = any(isinstance(one, Long) or not -(1 << 31) <= one < 1 << 31 for one in (left, right))
    half = 1 << (63 if is_long else 31)
    wrapped = (result + half) % (2 * half) - half
    return Long(wrapped) if is_long else wrapped


def _matched(left: Value, operator: str, right: Value) -> Value:
    text, pattern = written(left), written(right)
    if operator == "==~":
        return regular.compiled(pattern).fullmatch(text) is not None
    return regular.Matcher(text, pattern)


def _range(left: Value, operator: str, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        codes = _range(ord(left), operator, ord(right))
        return [chr(code) for code in codes]
    if operator == "..<" and left == right:
        return []
    last = right - (1 if left < right else -1) * (operator == "..<")
    if abs(last - left) > MAX_TEXT:
        raise ValueError(last)
    return list(range(left, last + 1)) if left <= last else list(range(left, last - 1, -1))


_OPERATORS: dict[str, Callable[[Value, str, Value], Value]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "**": _power,
    **dict.fromkeys(("<<", ">>"), _shifted),
    **dict.fromkeys(("=~", "==~"), _matched),
    **dict.fromkeys(("..", "..<"), _range),
    **dict.fromkeys(("<=>", *_COMPARED), _ordered),
    "in": lambda left, _operator, right: objects.is_case(left, right),
}


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
        value = binary(before, node.operator.removesuffix("="), value, node.at)
    else:
        value = yield from evaluate(node.value, block, machine)
    return (yield from assign(node.target, value, block, machine))


def assign(target: Expression, value: Value, block: Variables, machine: Machine) -> Work:
    """Give a variable, a property or an item its value, and return it."""
    if isinstance(target, syntax.Name):
        return _assign_name(target, value, block, machine)
    if isinstance(target, syntax.ListLiteral):  # (a, b) = pair
        for index, one in enumerate(target.items):
            yield from assign(one, objects.item(value, [index], machine, target.at), block, machine)
        return value
    if isinstance(target, syntax.Index):
        owner = yield from evaluate(target.target, block, machine)
        keys = yield from _values(target.arguments, block, machine)
        if isinstance(owner, objects.Special):
            return (yield from _assign_special(owner, written(keys[0]), value, machine, target.at))
        objects.put(owner, keys[0], value, target.at)
        return value
    if isinstance(target, syntax.Property):
        owner = yield from evaluate(target.target, block, machine)
        name = yield from _property_name(target, block, machine)
        if isinstance(owner, objects.Special):
            return (yield from _assign_special(owner, name, value, machine, target.at))
        objects.put(owner, name, value, target.at)
        return value
    raise Thrown("groovy.lang.GroovyRuntimeException", "this cannot be assigned to", target.at)


def _assign_name(target: syntax.Name, value: Value, block: Variables, machine: Machine) -> Value:
    """A variable that was declared with a type keeps it."""
    holder = block.holder(target.text)
    if holder is not None:
        kind = holder.get(of_type(target.text), "")
        holder[target.text] = objects.cast(value, kind, target.at) if kind else value
        return holder[target.text]
    delegate = block.delegate()
    (delegate if isinstance(delegate, dict) else machine.binding)[target.text] = value
    return value


def _assign_special(owner: objects.Special, name: str, value: Value, machine: Machine, at: Position) -> Work:
    if owner.name == "env":
        yield SetVariable(name, written(value))
    elif owner.name == "currentBuild":
        mark = objects.mark_of(name, value, machine)
        if mark is not None:
            yield mark
        if name == "displayName":
            yield SetVariable("BUILD_DISPLAY_NAME", written(value))
    else:
        raise Thrown("groovy.lang.ReadOnlyPropertyException", f"{owner.name}.{name} cannot be set", at)
    return value


def _cast(node: syntax.Cast, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.value, block, machine)
    return objects.cast(value, node.type, node.at)


def _new(node: syntax.New, block: Variables, machine: Machine) -> Work:
    given = yield from _values(node.arguments, block, machine)
    return (yield from classes.make(node.type, given, node.at))


def _call(node: syntax.Call, block: Variables, machine: Machine) -> Work:
    return (yield from calls.perform(node, block, machine))


def arguments(given: tuple[syntax.Argument, ...], block: Variables, machine: Machine) -> Work:
    """(values without a name, values by their names) of a call."""
    plain: list[Value] = []
    named: dict[str, Value] = {}
    for one in given:
        if isinstance(one.value, syntax.Spread):
            plain += yield from evaluate(one.value.value, block, machine)
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
    syntax.Text: _plain,
    syntax.Number: _plain,
    syntax.Constant: _plain,
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
