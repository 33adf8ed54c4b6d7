"""Expressions of a script → values. Every rule is a generator: any part of one may run a step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.evaluator import MAX_TEXT, Names
from seatrial.pipeline.dialects.jenkins.evaluator import evaluate as evaluate_plain
from seatrial.pipeline.dialects.jenkins.groovy import calls, classes, expensive, objects
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Lambda,
    Machine,
    Raised,
    Thrown,
    Value,
    Variables,
    Work,
)
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Position
from seatrial.pipeline.dialects.jenkins.values import Long, compare, plus, written
from seatrial.pipeline.step import SetVariable

_LARGEST_BITS = 1 << 20  # of a power
_NO_NAMES = Names(lambda _: None, complete=True)


def evaluate(node: Expression, block: Variables, machine: Machine) -> Work:
    """The value of an expression. Raises Thrown."""
    machine.spend(node.at)
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
        if isinstance(value, Lambda):  # "${-> x}"
            value = yield from calls.call(value, (), machine, node.at)
        parts.append(written(objects.shown(value)))
    return "".join(parts)


def _name(node: syntax.Name, block: Variables, machine: Machine) -> Work:
    yield from ()  # no step is in it
    return read(node.text, block, machine, node.at)


def read(name: str, block: Variables, machine: Machine, at: Position) -> Value:
    holder = block.holder(name)
    if holder is not None:
        return holder[name]
    if name in machine.binding:
        return machine.binding[name]
    if name in objects.NAMES:
        return objects.Special(name)
    value = machine.variable(name)
    if value is None:
        what = f"No such property: {name} for class: WorkflowScript"
        raise Thrown("groovy.lang.MissingPropertyException", what, at)
    return value


def _property(node: syntax.Property, block: Variables, machine: Machine) -> Work:
    target = yield from evaluate(node.target, block, machine)
    name = yield from _property_name(node, block, machine)
    if node.operator == "*.":
        return [objects.member(one, name, machine, node.at) for one in target or []]
    if target is None and node.operator == "?.":
        return None
    return objects.member(target, name, machine, node.at)


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
        return objects.part(target, first, last - (only.operator == "..<"), node.at)
    keys = yield from _values(node.arguments, block, machine)
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
        value = yield from evaluate(entry.value, block, machine)
        if entry.name is None or isinstance(entry.name, str):
            key: Value = entry.name
        else:
            key = yield from evaluate(entry.name, block, machine)
        found[objects.key(key, node.at)] = value
    return found


def _closure(node: syntax.Closure, block: Variables, _machine: Machine) -> Work:
    yield from ()  # no step is in it
    return Lambda(node, block)


def _unary(node: syntax.Unary, block: Variables, machine: Machine) -> Work:
    if node.operator in ("++", "--"):
        value = yield from evaluate(node.operand, block, machine)
        return (yield from assign(node.operand, _next(value, node.operator, node.at), block, machine))
    value = yield from evaluate(node.operand, block, machine)
    if node.operator == "!":
        return not objects.true(value)
    if node.operator == "~":
        return ~value if isinstance(value, int) else objects.Pattern(written(value))
    if isinstance(value, str | bool | list | dict | None):
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
        if operator in ("=~", "==~"):
            return _matched(written(left), operator, written(right))
        if operator in ("..", "..<"):
            return _range(left, operator, right)
        if operator in _OF_ANY:
            return _OF_ANY[operator](left, right)
        if operator in ("*", "+", "-") and _are_whole(left, right):
            return _whole(left, operator, right)
        if operator == "*" and isinstance(left, list):
            return left * (right if len(left) * right <= MAX_TEXT else _too_large())
        if operator == "+" and isinstance(left, dict) and isinstance(right, dict):
            return {**left, **right}
        if operator == "-" and isinstance(left, list):
            gone = right if isinstance(right, list) else [right]
            return [one for one in left if one not in gone]
        return plus(left, right) if operator == "+" else compare(left, operator, right)
    except (TypeError, ValueError, ArithmeticError, re.error):
        message = f"{written(objects.shown(left))} {operator} {written(objects.shown(right))}"
        raise Thrown("groovy.lang.MissingMethodException", message, at) from None


def _power(left: Value, right: Value) -> Value:
    if any(isinstance(one, str | list | dict | bool | None) for one in (left, right)):
        raise TypeError(left)
    if not isinstance(right, int) or right < 0:
        return float(left) ** float(right)
    bits = left.bit_length() if isinstance(left, int) else 64
    return left**right if bits * right <= _LARGEST_BITS else _too_large()


def _ordered(left: Value, right: Value) -> Value:
    if isinstance(left, list):
        raise TypeError(left)
    return (left > right) - (left < right)


_OF_ANY = {"**": _power, "<=>": _ordered, "<<": objects.appended}


def _too_large() -> Value:
    raise ValueError


def _are_whole(left: Value, right: Value) -> bool:
    return all(isinstance(one, int) and not isinstance(one, bool) for one in (left, right))


def _whole(left: int, operator: str, right: int) -> Value:
    """Java's Integer, or Long where one of the two needs it: what is too large begins again from below."""
    result = {"+": left + right, "-": left - right, "*": left * right}[operator]
    is_long = any(isinstance(one, Long) or not -(1 << 31) <= one < 1 << 31 for one in (left, right))
    half = 1 << (63 if is_long else 31)
    wrapped = (result + half) % (2 * half) - half
    return Long(wrapped) if is_long else wrapped


def _matched(text: str, operator: str, pattern: str) -> Value:
    if operator == "==~":
        return re.fullmatch(pattern, text) is not None
    return objects.Matcher(text, pattern)


def _range(left: Value, operator: str, right: Value) -> list[Value]:
    if isinstance(left, str) and isinstance(right, str):
        codes = _range(ord(left), operator, ord(right))
        return [chr(code) for code in codes]
    last = right - 1 if operator == "..<" else right
    if abs(last - left) > MAX_TEXT:
        raise ValueError(last)
    return list(range(left, last + 1)) if left <= last else list(range(left, last - 1, -1))


def _ternary(node: syntax.Ternary, block: Variables, machine: Machine) -> Work:
    holds = objects.true((yield from evaluate(node.condition, block, machine)))
    return (yield from evaluate(node.then if holds else node.otherwise, block, machine))


def _elvis(node: syntax.Elvis, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.value, block, machine)
    return value if objects.true(value) else (yield from evaluate(node.otherwise, block, machine))


def _assignment(node: syntax.Assignment, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.value, block, machine)
    if node.operator != "=":
        before = yield from evaluate(node.target, block, machine)
        operator = node.operator.removesuffix("=")
        value = before if operator == "?" and objects.true(before) else value
        value = value if operator == "?" else binary(before, operator, value, node.at)
    return (yield from assign(node.target, value, block, machine))


def assign(target: Expression, value: Value, block: Variables, machine: Machine) -> Work:
    """Give a variable, a property or an item its value, and return it."""
    if isinstance(target, syntax.Name):
        holder = block.holder(target.text)
        (machine.binding if holder is None else holder)[target.text] = value
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


def _assign_special(owner: objects.Special, name: str, value: Value, machine: Machine, at: Position) -> Work:
    if owner.name == "env":
        machine.assigned[name] = written(objects.shown(value))
        yield SetVariable(name, machine.assigned[name])
    elif owner.name == "currentBuild":
        mark = objects.mark_of(name, value, machine)
        if mark is not None:
            yield mark
    else:
        raise Thrown("groovy.lang.ReadOnlyPropertyException", f"{owner.name}.{name} cannot be set", at)
    return value


def _cast(node: syntax.Cast, block: Variables, machine: Machine) -> Work:
    value = yield from evaluate(node.value, block, machine)
    return objects.cast(value, node.type, node.at)


def _new(node: syntax.New, block: Variables, machine: Machine) -> Work:
    given = yield from _values(node.arguments, block, machine)
    kind = node.type.rpartition(".")[2]
    if kind.endswith(("Exception", "Error")):
        return Raised(objects.full_name(node.type), written(given[0]) if given else "null")
    if kind in ("ArrayList", "LinkedList"):
        return list(given[0]) if given else []
    if kind in ("HashMap", "LinkedHashMap", "TreeMap"):
        return dict(given[0]) if given else {}
    if kind in classes.NAMES:
        return (yield from classes.make(kind, given, node.at))
    raise Thrown("java.lang.UnsupportedOperationException", f"new {node.type}", node.at)


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
