"""Expressions that run no step, at once: most of what a script computes, without a generator for each part.

What is not sure to be one of these is MISSING here, and left to `expressions`. It has changed nothing then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.evaluator import MAX_TEXT, number
from seatrial.pipeline.dialects.jenkins.groovy import casts, members, objects, operators
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    MISSING,
    Function,
    Lazy,
    Machine,
    Thrown,
    Value,
    Variables,
    of_type,
)
from seatrial.pipeline.dialects.jenkins.groovy.regular import Matcher
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Position
from seatrial.pipeline.dialects.jenkins.values import with_holes, written

# Of two operands, and nothing beside them.
_OTHERWISE = frozenset(("&&", "||", "=~", "==~", "instanceof", "!instanceof"))


def value(node: Expression, block: Variables, machine: Machine) -> Value:
    """The value of an expression; MISSING where it may run a step. Raises Thrown."""
    rule = _RULES.get(type(node))
    if rule is None:
        return MISSING
    machine.spent[0] += 1
    return rule(node, block, machine)


def done(statement: Expression, block: Variables, machine: Machine) -> Value:
    """The value of a statement, which may give it to a variable; MISSING as above. Raises Thrown."""
    if isinstance(statement, syntax.Assignment | syntax.Step):
        return _given(statement, block, machine)
    return value(statement, block, machine)


def _given(node: syntax.Assignment | syntax.Step, block: Variables, machine: Machine) -> Value:
    target = node.target if isinstance(node, syntax.Assignment) else node.operand
    if not isinstance(target, syntax.Name):
        return MISSING
    machine.spent[0] += 1
    before = None if node.operator == "=" else _name(target, block, machine)
    found = 1 if isinstance(node, syntax.Step) else value(node.value, block, machine)
    if before is MISSING or found is MISSING:
        return MISSING
    if node.operator != "=":
        operator = node.operator[0] if isinstance(node, syntax.Step) else node.operator.removesuffix("=")
        found = bounded(operators.binary(before, operator, found, node.at), node.at)
    assigned = assign(target, found, block, machine)
    return before if isinstance(node, syntax.Step) else assigned


def assign(target: syntax.Name, found: Value, block: Variables, machine: Machine) -> Value:
    """Give a variable its value: one that was declared with a type keeps it."""
    holder = block.holder(target.text)
    if holder is not None:
        kind = holder.get(of_type(target.text), "")
        holder[target.text] = casts.assigned(found, kind, target.at) if kind else found
        return holder[target.text]
    delegate = block.delegate()
    (delegate if isinstance(delegate, dict) else machine.binding)[target.text] = found
    return found


def read(name: str, block: Variables, machine: Machine) -> Value:
    """A variable of a script, or what Groovy and Jenkins call by a name; MISSING where there is none."""
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
    if name == "params":
        return objects.parameters(machine)
    if name in objects.NAMES:
        return objects.Special(name)
    return objects.JavaClass(objects.TYPES[name][0]) if name in objects.TYPES else MISSING


def bounded(found: Value, at: Position) -> Value:
    if isinstance(found, str | list) and len(found) > MAX_TEXT:
        raise Thrown("java.lang.OutOfMemoryError", f"a value of more than {MAX_TEXT:,} characters", at)
    return found


def _plain(node: syntax.Text | syntax.Constant, _block: Variables, _machine: Machine) -> Value:
    return node.value


def _number(node: syntax.Number, _block: Variables, _machine: Machine) -> Value:
    return number(node.text)


def _name(node: syntax.Name, block: Variables, machine: Machine) -> Value:
    found = read(node.text, block, machine)
    return MISSING if isinstance(found, Lazy) else found


def _gstring(node: syntax.GString, block: Variables, machine: Machine) -> Value:
    parts = []
    for part in node.parts:
        found = part if isinstance(part, str) else value(part, block, machine)
        if found is MISSING or isinstance(found, Function):
            return MISSING
        parts.append(written(found))
    return bounded(with_holes(parts), node.at)


def _binary(node: syntax.Binary, block: Variables, machine: Machine) -> Value:
    left = value(node.left, block, machine)
    if left is MISSING or node.operator in _OTHERWISE:
        return MISSING if left is MISSING else _otherwise(left, node, block, machine)
    right = value(node.right, block, machine)
    if right is MISSING:
        return MISSING
    return bounded(operators.binary(left, node.operator, right, node.at), node.at)


def _otherwise(left: Value, node: syntax.Binary, block: Variables, machine: Machine) -> Value:
    """`&&` and `||`; asking whether a matcher holds moves it on, so that is not done here."""
    if node.operator not in ("&&", "||") or isinstance(left, Matcher):
        return MISSING
    if objects.true(left) == (node.operator == "||"):
        return node.operator == "||"
    right = value(node.right, block, machine)
    return MISSING if right is MISSING or isinstance(right, Matcher) else objects.true(right)


def _unary(node: syntax.Unary, block: Variables, machine: Machine) -> Value:
    found = MISSING if node.operator not in ("!", "-") else value(node.operand, block, machine)
    if found is MISSING or isinstance(found, Matcher):
        return MISSING
    if node.operator == "!":
        return not objects.true(found)
    return -found if type(found) is int else MISSING


def _property(node: syntax.Property, block: Variables, machine: Machine) -> Value:
    """Of a map that a variable holds; of `params`, the one, for another may not be known yet."""
    name = node.target.text if isinstance(node.target, syntax.Name) else ""
    if not isinstance(node.name, str) or node.operator not in (".", "?."):
        return MISSING
    holder = block.holder(name)
    if name == "params" and holder is None and block.delegate() is None and name not in machine.binding:
        return objects.parameters(machine, node.name).get(node.name)
    found = None if holder is None else holder[name]
    return found.get(node.name) if isinstance(found, dict) else MISSING


def _index(node: syntax.Index, block: Variables, machine: Machine) -> Value:
    """One item of a plain list or map."""
    target = value(node.target, block, machine)
    if type(target) not in (list, dict) or len(node.arguments) != 1:
        return MISSING
    key = value(node.arguments[0].value, block, machine)
    if not isinstance(key, str | int):
        return MISSING
    return objects.item(target, [key], machine, node.at)


def _call(node: syntax.Call, block: Variables, machine: Machine) -> Value:
    """A call that only asks a value for something."""
    called = node.target
    if not (isinstance(called, syntax.Property) and called.operator == "." and isinstance(called.name, str)):
        return MISSING
    if isinstance(called.target, syntax.Name) and called.target.text[:1].isupper():
        return MISSING  # a class, perhaps
    target = value(called.target, block, machine)
    if target is MISSING or not members.is_asking(target, called.name):
        return MISSING
    given = []
    for one in node.arguments:
        found = MISSING if one.name is not None else value(one.value, block, machine)
        if found is MISSING or isinstance(found, Function):
            return MISSING
        given.append(found)
    return bounded(members.plain(target, called.name, given, machine, node.at), node.at)


_RULES: dict[type, Callable[[Any, Variables, Machine], Value]] = {
    syntax.Text: _plain,
    syntax.Number: _number,
    syntax.Constant: _plain,
    syntax.Name: _name,
    syntax.GString: _gstring,
    syntax.Binary: _binary,
    syntax.Unary: _unary,
    syntax.Property: _property,
    syntax.Index: _index,
    syntax.Call: _call,
}
