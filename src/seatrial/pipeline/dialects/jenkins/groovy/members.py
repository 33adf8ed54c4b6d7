"""Calls of methods: those of Groovy's own values, by what the value is; a closure in them may run steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from seatrial.pipeline.dialects.jenkins.evaluator import refuse_untold
from seatrial.pipeline.dialects.jenkins.groovy import (
    build,
    builder,
    casts,
    classes,
    closures,
    expensive,
    fixed,
    lists,
    maps,
    numbers,
    objects,
    regular,
    sonarqube,
    strings,
)
from seatrial.pipeline.dialects.jenkins.groovy.file import Passed
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Function,
    Loaded,
    Machine,
    PassedOver,
    Raised,
    Thrown,
    Value,
    Work,
    known,
)
from seatrial.pipeline.dialects.jenkins.methods import METHODS, Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import Untold, equals, plus, type_name, written

# Methods of strings whose first argument is a regular expression.
_OF_PATTERNS = frozenset(("replaceAll", "replaceFirst", "matches", "split", "findAll", "find"))


def call(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    """`target.name(given)`. Raises Thrown."""
    special = _special(target, name)
    if special is not None:
        return (yield from special(target, name, given, machine, at))
    if isinstance(target, str) and given and name in _OF_PATTERNS:
        yield from expensive.tried(given[0], target)
    if not (given and isinstance(given[-1], Function) and name in closures.METHODS):
        return plain(target, name, given, machine, at)
    try:
        return (yield from closures.METHODS[name](target, given, machine, at))
    except _REFUSALS as refusal:
        raise _thrown(refusal, target, name, given, at) from None


def plain(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Value:
    """`target.name(given)` where that runs no step. Raises Thrown."""
    if isinstance(target, Untold):
        return target.asked(name, given)
    if not isinstance(target, list | dict):
        refuse_untold(given)
        given = list(map(known, given))
    try:
        return _plain(target, name, given, machine, at)
    except _REFUSALS as refusal:
        raise _thrown(refusal, target, name, given, at) from None


# What Python raises where a method does not take its values.
_REFUSALS = (Unfit, TypeError, AttributeError, ValueError, ArithmeticError, LookupError, re.error)


def _thrown(refusal: Exception, target: Value, name: str, given: list[Value], at: Position) -> Thrown:
    if isinstance(refusal, Unfit):
        return Thrown.by(refusal, at)
    words = ", ".join(map(type_name, given))
    message = f"No signature of method: {type_name(target)}.{name}() is applicable for ({words})"
    return Thrown("groovy.lang.MissingMethodException", message, at)


# What only asks a list or a map for something.
_ASKING = frozenset("contains containsKey first get getAt indexOf isEmpty join last size toString".split())  # noqa: SIM905


def is_asking(target: Value, name: str) -> bool:
    """Whether a call changes nothing, runs no step, and takes no time that hangs on a pattern."""
    if isinstance(target, str | int | float):
        return name not in _OF_PATTERNS
    return type(target) in (list, dict) and name in _ASKING and not isinstance(_held(target, name), Function)


def _held(target: Value, name: str) -> Value:
    return target.get(name) if isinstance(target, dict) and name not in maps.OF_JAVA else None


Special = Callable[[Value, str, list[Value], Machine, Position], Work]


def _special(target: Value, name: str) -> Special | None:
    """What performs the methods of a value that are none of Groovy's library."""
    if target is None:
        return _of_null
    if isinstance(target, PassedOver):
        return _of_passed_over
    if isinstance(target, Function) and name in _OF_FUNCTIONS:
        return _of_function
    if isinstance(target, Loaded) and name not in OF_ALL:
        return _of_loaded
    if target in (objects.THIS, objects.STEPS):
        return _of_file
    if build.is_build(target) and build.knows(target, name):
        return build.call
    if isinstance(target, objects.DockerImage | objects.DockerContainer) or target == objects.DOCKER:
        return _of_docker
    if isinstance(_held(target, name), Function):
        return _of_held
    return None


_OF_FUNCTIONS = (
    "call",
    "doCall",
    "curry",
    "rcurry",
    "ncurry",
    "clone",
    "getMaximumNumberOfParameters",
    *(f"memoize{bound}" for bound in ("", "AtMost", "AtLeast", "Between")),
)


def _of_null(_target: Value, name: str, given: list[Value], _machine: Machine, at: Position) -> Work:
    """Groovy's null can be asked a few things, and holds nothing."""
    yield from ()  # no step is in it
    if name in _OF_NULL and (not given or isinstance(given[-1], Function) or name == "equals"):
        return _OF_NULL[name](*given)
    message = f"Cannot invoke method {name}() on null object"
    raise Thrown("java.lang.NullPointerException", message, at)


_OF_NULL: dict[str, Callable[..., Value]] = {
    "toString": lambda: "null",
    "equals": lambda *others: others == (None,),
    "asBoolean": lambda: False,
    "each": lambda *_: None,
    "collect": lambda *_: [],
    "findAll": lambda *_: [],
    "find": lambda *_: None,
    "any": lambda *_: False,
    "every": lambda *_: True,
}


def _of_passed_over(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    """What is in the block of a method is run, but for that of one that goes over what is not there."""
    from seatrial.pipeline.dialects.jenkins.groovy import steps

    last = given[-1] if given and name not in closures.METHODS else None
    block = last if isinstance(last, Function) else None
    return (yield from steps.pass_over(Passed("method", f"{target.name}.{name}"), block, machine, at))


def _of_function(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    if name in ("call", "doCall"):
        return (yield from calls.call(target, given, machine, at))
    try:
        return closures.made(target, name, given)
    except _REFUSALS as refusal:
        raise _thrown(refusal, target, name, given, at) from None


def _of_loaded(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import loading

    return (yield from loading.call(target, name, given, machine, at))


def _of_file(_target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    return (yield from calls.of_file(name, given, {}, machine, at))


def _of_docker(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import docker

    return (yield from docker.call(target, name, given, machine, at))


def _of_held(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    """A closure that a map holds by that name."""
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    return (yield from calls.call(target[name], given, machine, at))


def _plain(target: Value, name: str, given: list[Value], machine: Machine, at: Position) -> Value:
    if isinstance(target, objects.Special):
        return _of_special(target, name, given, machine, at)
    if isinstance(target, classes.Moment | classes.Slurper | classes.Format):
        return classes.call(target, name, given, at)
    if name == "asType":
        return casts.cast(target, given[0].name, at)
    return _method(type(target), name)(target, *given)  # type: ignore[arg-type] # a class can be a key


@cache
def _method(kind: type, name: str) -> Callable[..., Value]:
    """What performs a method of the values of a type. Raises LookupError."""
    for kinds, methods in _OF_KINDS:
        if name in methods and issubclass(kind, kinds) and not (kind is bool and methods is numbers.METHODS):
            return methods[name]
    return OF_ALL.get(name) or METHODS[name]


def _of_special(
    target: objects.Special, name: str, given: list[Value], machine: Machine, at: Position
) -> Value:
    if target.name != "env" or name not in _OF_ENV:
        return OF_ALL[name](target, *given)
    if name == "getEnvironment":
        return dict(machine.env[-1])
    return objects.member(target, written(given[0]), machine, at)


_OF_ENV = ("get", "getProperty", "getAt", "getEnvironment")


_OF_RAISED: dict[str, Callable[..., Value]] = {
    "getMessage": lambda raised: raised.message,
    "getLocalizedMessage": lambda raised: raised.message,
    "getCause": lambda raised: raised.cause,
    "getStackTrace": lambda raised: raised.stack,
    "printStackTrace": lambda _raised: None,
}
_OF_ENTRIES: dict[str, Callable[..., Value]] = {
    "getKey": lambda entry: entry.key,
    "getValue": lambda entry: entry.value,
}
_OF_CLASSES: dict[str, Callable[..., Value]] = {
    "getName": lambda kind: kind.name,
    "getSimpleName": lambda kind: kind.simple_name,
    "isInstance": lambda kind, value: objects.is_a(value, kind.name),
}


def _grep(values: list[Value], wanted: Value) -> list[Value]:
    return [one for one in values if objects.is_case(one, wanted)]


def minus(left: Value, right: Value) -> Value:
    """`left - right` of a list or a text."""
    return (lists if isinstance(left, list) else strings).METHODS["minus"](left, right)


# What a value has to be, and what it then can do; the first that fits is taken.
_OF_KINDS: tuple[tuple[type | tuple[type, ...], Mapping[str, Callable[..., Value]]], ...] = (
    (Raised, _OF_RAISED),
    (maps.Entry, _OF_ENTRIES),
    (sonarqube.Gate, {"getStatus": lambda gate: gate.status}),
    (objects.JavaClass, _OF_CLASSES),
    (regular.Matcher, regular.METHODS),
    (fixed.Range, fixed.OF_RANGES),
    (regular.Pattern, regular.OF_PATTERNS),
    (builder.Builder, builder.METHODS),
    (lists.Iteration, lists.OF_ITERATIONS),
    (dict, maps.METHODS),
    (list, lists.METHODS),
    (list, {"grep": _grep}),
    (str, strings.METHODS),
    (objects.NUMBERS, numbers.METHODS),
)


OF_ALL: dict[str, Callable[..., Value]] = {
    "toString": written,
    "equals": equals,
    "is": lambda value, other: value is other or (isinstance(value, str) and value == other),
    "plus": plus,
    "hashCode": lambda value: strings.hash_of(written(value)),
    "asBoolean": objects.true,
    "getClass": objects.class_of,
    "inspect": strings.inspected,
}
KNOWN = frozenset(
    (
        *METHODS,
        *OF_ALL,
        *closures.METHODS,
        *classes.KNOWN,
        *_OF_FUNCTIONS,
        *(name for _, methods in _OF_KINDS for name in methods),
        "asType",
    )
)
