"""Expressions → values: the small part of Groovy that arguments and environment values use. Pure.

Values are Python's: str, int, float, bool, None, list, dict. The same function serves the translation, where
a name may be unknown yet (`Undetermined`), and the run, where an unknown name is Groovy's error (`Failure`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.methods import METHODS, Unfit
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
    Node,
    Number,
    Position,
    Property,
    Ternary,
    Text,
    Unary,
)
from seatrial.pipeline.dialects.jenkins.values import (
    BY_NAME,
    Long,
    Untold,
    compare,
    joined,
    plus,
    truth,
    type_name,
    written,
)

Value = Any


class Undetermined(Exception):  # noqa: N818 - not an error: only the run can tell
    """The value hangs on a variable that the file does not set."""


def refuse_untold(values: Iterable[Value]) -> None:
    """Raises Undetermined where only the run can tell one of the texts, for what looks into them."""
    if any(isinstance(one, Untold) for one in values):
        raise Undetermined


class Failure(Exception):  # noqa: N818 - becomes a failed step
    """What Groovy would throw, and where."""

    def __init__(self, at: Position, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class Names(NamedTuple):
    """The variables in reach. `complete`: what `lookup` answers with None does not exist."""

    lookup: Callable[[str], str | None]
    complete: bool
    booleans: frozenset[str] = frozenset()  # the parameters that are true or false
    lenient: bool = False  # what does not exist is null
    bound: Mapping[str, Value] = {}  # what scripts have set, which is read by its name alone, and first


def evaluate(node: Expression, names: Names) -> Value:
    """The value of an expression in which `unsupported` finds nothing. Raises Undetermined, Failure."""
    return _RULES[type(node)](node, names)


def unsupported(node: Expression) -> Iterator[tuple[Position, str]]:
    """Every part of an expression that `evaluate` does not know: where it stands and what it is."""
    waiting: list[tuple[Node, int]] = [(node, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield one.at, f"an expression of more than {MAX_DEPTH} levels"
            return
        what = _refusal(one)
        if what:
            yield one.at, what
        else:
            waiting += [(child, depth + 1) for child in _children(one)]


def reads(node: Expression) -> Iterator[Name | Property]:
    """Where an expression reads a variable: as `X` or as `env.X`."""
    waiting: list[Node] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name) or (isinstance(one, Property) and _is_variable(one)):
            yield one
        else:
            waiting += _children(one)


# Evaluation takes three frames of Python's stack for each level of the tree.
MAX_DEPTH = 100
# No value grows beyond this, whatever refers to what how often.
MAX_TEXT = 4_000_000

_OPERATORS = frozenset(["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "in"])


def _refusal(node: Node) -> str:
    if type(node) not in _RULES:
        return _KINDS.get(type(node).__name__, "this kind of expression")
    if isinstance(node, Name) and node.text in _OBJECTS:
        return f"'{node.text}'"
    if isinstance(node, Binary) and node.operator not in _OPERATORS:
        return f"the operator '{node.operator}'"
    if isinstance(node, Unary) and node.operator not in ("!", "-", "+"):
        return f"the operator '{node.operator}'"
    if isinstance(node, Property) and not _is_variable(node):
        return _refused_property(node)
    return _refused_call(node) if isinstance(node, Call) else ""


_KINDS = {
    "Closure": "a closure",
    "New": "'new'",
    "Cast": "a cast",
    "Assignment": "an assignment",
    "Step": "'++' or '--'",
}
_OBJECTS = frozenset({"env", "params", "currentBuild", "scm", "docker", "this", "super", "pipeline", "steps"})


def _is_variable(node: Node) -> bool:
    """`env.X` or `params.X`."""
    return (
        isinstance(node, Property)
        and isinstance(node.target, Name)
        and node.target.text in ("env", "params")
        and isinstance(node.name, str)
        and node.operator in (".", "?.")
    )


def _refused_property(node: Property) -> str:
    if isinstance(node.target, Name) and node.target.text in _OBJECTS:
        return f"'{node.target.text}.{node.name if isinstance(node.name, str) else '…'}'"
    return f"the property '{node.name if isinstance(node.name, str) else '…'}'"


def _refused_call(node: Call) -> str:
    target = node.target
    if isinstance(target, Name):
        return f"a call of '{target.text}'"
    if not isinstance(target, Property) or not isinstance(target.name, str):
        return "a call of a value"
    if isinstance(target.target, Name) and target.target.text in _OBJECTS:
        return f"'{target.target.text}.{target.name}()'"
    if target.name not in METHODS or target.operator not in (".", "?."):
        return f"the method '{target.name}'"
    return ""


_LEAVES = frozenset((Text, Number, Constant, Name))


def _children(node: Node) -> list[Node]:
    if type(node) in _LEAVES:
        return []
    if isinstance(node, Call) and isinstance(node.target, Property):
        return [node.target.target, *(argument.value for argument in node.arguments)]
    found: list[Node] = []
    if _is_variable(node):
        return found
    for field in node[:-1] if isinstance(node, tuple) else ():
        found += _nodes(field)
    return found


def _nodes(field: object) -> list[Node]:
    if isinstance(field, Argument):
        return [*_nodes(field.name), field.value]
    if type(field) is tuple:
        return [node for part in field for node in _nodes(part)]
    return [field] if hasattr(field, "at") else []


def _text(node: Text, _names: Names) -> Value:
    return node.value


def _gstring(node: GString, names: Names) -> Value:
    parts = [part if isinstance(part, str) else written(evaluate(part, names)) for part in node.parts]
    return _bounded(joined(parts), node.at)


def _bounded(value: Value, at: Position) -> Value:
    if isinstance(value, str | list) and len(value) > MAX_TEXT:
        raise Failure(at, f"a value of more than {MAX_TEXT:,} characters")
    return value


def _number(node: Number, _names: Names) -> Value:
    return number(node.text)


@lru_cache(1000)
def number(written: str) -> Value:
    """The value of a number as it is written."""
    text = written.rstrip("gGlLiIdDfF") if not written.lower().startswith("0x") else written
    if text[0] == "0" and text.isdigit() and len(text) > 1:
        return int(text, 8)
    is_based = text[:2].lower() in ("0x", "0b")
    if written[-1:] in ("d", "D", "f", "F") and not is_based:
        return float(text)
    if not (text.isdigit() or is_based):
        return _decimal(text)
    return Long(int(text, 0)) if written[-1:] in ("l", "L") else int(text, 0)


def _decimal(text: str) -> Value:
    from decimal import Decimal

    return Decimal(text)


def _constant(node: Constant, _names: Names) -> Value:
    return node.value


def _name(node: Name, names: Names) -> Value:
    if node.text in names.bound:
        return names.bound[node.text]
    value = names.lookup(node.text)
    if value is not None:
        return value.asked(BY_NAME, []) if isinstance(value, Untold) else value
    if not names.complete:
        raise Undetermined
    if names.lenient:
        return None
    what = f"No such property: {node.text} for class: groovy.lang.Binding"
    raise Failure(node.at, f"groovy.lang.MissingPropertyException: {what}")


def _property(node: Property, names: Names) -> Value:
    """`env.X` or `params.X`, which is null when there is no X."""
    value = names.lookup(str(node.name))
    if value is None and not names.complete:
        raise Undetermined
    is_boolean = node.name in names.booleans and node.target == Name("params", node.target.at)
    return value == "true" if is_boolean and value is not None else value


def _index(node: Index, names: Names) -> Value:
    target = evaluate(node.target, names)
    key = evaluate(node.arguments[0].value, names) if len(node.arguments) == 1 else None
    if isinstance(target, dict):
        return target.get(key)
    if target is None or not isinstance(key, int):
        raise Failure(node.at, f"java.lang.NullPointerException: cannot index {written(target)}")
    if isinstance(target, list):
        return target[key] if -len(target) <= key < len(target) else None
    if isinstance(target, str) and -len(target) <= key < len(target):
        return target[key]
    raise Failure(node.at, f"java.lang.StringIndexOutOfBoundsException: String index out of range: {key}")


def _list(node: ListLiteral, names: Names) -> Value:
    return [evaluate(item, names) for item in node.items]


def _map(node: MapLiteral, names: Names) -> Value:
    return {_key(entry, names): evaluate(entry.value, names) for entry in node.entries}


def _key(entry: Argument, names: Names) -> Value:
    if entry.name is None or isinstance(entry.name, str | Name):
        return entry.name.text if isinstance(entry.name, Name) else entry.name
    found = evaluate(entry.name, names)
    return found if isinstance(entry.name, Number) else written(found)


def _unary(node: Unary, names: Names) -> Value:
    value = evaluate(node.operand, names)
    if node.operator == "!":
        return not truth(value)
    if isinstance(value, str | bool | list | dict | None):
        raise Failure(node.at, f"groovy.lang.MissingMethodException: '{node.operator}' of {written(value)}")
    return -value if node.operator == "-" else value


def _binary(node: Binary, names: Names) -> Value:
    left = evaluate(node.left, names)
    if node.operator == "&&":
        return truth(left) and truth(evaluate(node.right, names))
    if node.operator == "||":
        return truth(left) or truth(evaluate(node.right, names))
    right = evaluate(node.right, names)
    try:
        value = plus(left, right) if node.operator == "+" else compare(left, node.operator, right)
    except ZeroDivisionError as error:
        raise Failure(node.at, f"java.lang.ArithmeticException: {error}") from None
    except (TypeError, ValueError, ArithmeticError):
        raise Failure(
            node.at,
            f"groovy.lang.MissingMethodException: {written(left)} {node.operator} {written(right)}",
        ) from None
    return _bounded(value, node.at)


def _ternary(node: Ternary, names: Names) -> Value:
    return evaluate(node.then if truth(evaluate(node.condition, names)) else node.otherwise, names)


def _elvis(node: Elvis, names: Names) -> Value:
    value = evaluate(node.value, names)
    return value if truth(value) else evaluate(node.otherwise, names)


def _call(node: Call, names: Names) -> Value:
    assert isinstance(node.target, Property)
    name = str(node.target.name)
    target = evaluate(node.target.target, names)
    if target is None:
        if node.target.operator == "?.":
            return None
        raise Failure(
            node.at, f"java.lang.NullPointerException: Cannot invoke method {name}() on null object"
        )
    given = [evaluate(argument.value, names) for argument in node.arguments]
    if isinstance(target, Untold):
        return target.asked(name, given)
    refuse_untold(given)
    try:
        return _bounded(METHODS[name](target, *given), node.at)
    except Unfit as unfit:
        raise Failure(node.at, str(unfit)) from None
    except (TypeError, AttributeError, ValueError, IndexError):
        called = f"{type_name(target)}.{name}({', '.join(map(type_name, given))})"
        message = f"groovy.lang.MissingMethodException: No signature of method: {called}"
        raise Failure(node.at, message) from None


_RULES: dict[type, Callable[[Any, Names], Value]] = {
    Text: _text,
    GString: _gstring,
    Number: _number,
    Constant: _constant,
    Name: _name,
    Property: _property,
    Index: _index,
    ListLiteral: _list,
    MapLiteral: _map,
    Unary: _unary,
    Binary: _binary,
    Ternary: _ternary,
    Elvis: _elvis,
    Call: _call,
}
