"""The objects of a script: what has which members and items, what is true, and what may be cast to what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.groovy import builder, classes, exceptions, strings
from seatrial.pipeline.dialects.jenkins.groovy.fixed import FixedMap, FixedSet, Range, Sized
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Function,
    Loaded,
    Machine,
    PassedOver,
    Raised,
    Thrown,
    Value,
)
from seatrial.pipeline.dialects.jenkins.groovy.maps import Entry, entries
from seatrial.pipeline.dialects.jenkins.groovy.maps import found as found_in
from seatrial.pipeline.dialects.jenkins.groovy.regular import Matcher, Pattern, compiled
from seatrial.pipeline.dialects.jenkins.groovy.sonarqube import Gate
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import (
    Array,
    Char,
    GString,
    Set,
    Untold,
    compare,
    holds,
    truth,
    type_name,
    written,
)

# The file itself, and Jenkins' steps: one thing here.
OF_FILE = frozenset(("this", "steps", "script"))
NAMES = frozenset(("env", "params", "currentBuild", "scm", "docker", "this", "steps"))
_JAVA = {
    "env": "org.jenkinsci.plugins.workflow.cps.EnvActionImpl",
    "currentBuild": "org.jenkinsci.plugins.workflow.support.steps.build.RunWrapper",
    "docker": "org.jenkinsci.plugins.docker.workflow.Docker",
    "scm": "hudson.plugins.git.GitSCM",
    "this": "WorkflowScript",
    "steps": "org.jenkinsci.plugins.workflow.cps.DSL",
}


class Special(NamedTuple):
    """One of NAMES."""

    name: str

    @property
    def java(self) -> str:
        return _JAVA[self.name]

    def __str__(self) -> str:
        return self.name


DOCKER = Special("docker")
CURRENT_BUILD = Special("currentBuild")
THIS, STEPS = Special("this"), Special("steps")


class DockerImage(NamedTuple):
    id: str

    def __str__(self) -> str:
        return self.id


class DockerContainer(NamedTuple):
    id: str

    def __str__(self) -> str:
        return self.id


class JavaClass(NamedTuple):
    """A class as a value: `String`, `x.class`."""

    name: str

    @property
    def java(self) -> str:
        return "java.lang.Class"

    def __str__(self) -> str:
        return f"{'interface' if self.simple_name in _INTERFACES else 'class'} {self.name}"

    @property
    def simple_name(self) -> str:
        name = self.name.rpartition(".")[2].rpartition("$")[2]
        return f"{name[:-1]}[]" if self.name[0] == "[" else name


def class_of(value: Value) -> JavaClass:
    return JavaClass(value.kind if isinstance(value, Raised) else type_name(value))


_NEVER_EMPTY = (Special, Function, Loaded, Raised, Entry, DockerImage, DockerContainer, JavaClass)


def true(value: Value) -> bool:
    if isinstance(value, Matcher):
        return value.find()
    return True if isinstance(value, _NEVER_EMPTY) else truth(value)


def spread(target: Value) -> list[Value]:
    """What `*.` goes over."""
    if isinstance(target, dict):
        return list(entries(target))
    return list(target or ()) if isinstance(target, list | str | PassedOver | None) else [target]


def is_case(value: Value, wanted: Value) -> bool:
    """Whether a `case`, an `in` or a `grep` of what is wanted takes the value."""
    if isinstance(wanted, JavaClass):
        return is_a(value, wanted.simple_name)
    if isinstance(wanted, Pattern) and isinstance(value, Untold):
        return bool(value.compared("==~", wanted))
    if isinstance(wanted, Pattern):
        return compiled(wanted).fullmatch(written(value)) is not None
    if isinstance(wanted, list):
        return holds(wanted, value)
    if isinstance(wanted, dict):
        return not isinstance(value, list | dict) and true(wanted.get(value))
    if isinstance(wanted, str) and not isinstance(wanted, Char):
        return value is not None and written(value) == wanted
    return wanted is not None and bool(compare(wanted, "==", value))


def key(value: Value, at: Position) -> Value:
    if isinstance(value, list | dict):
        raise Thrown("java.lang.UnsupportedOperationException", "a list or a map as a key", at)
    return value


def member(target: Value, name: str, machine: Machine, at: Position) -> Value:
    """`target.name`. Raises Thrown."""
    if isinstance(target, Special | PassedOver):
        return _special(target, name, machine)
    if isinstance(target, dict):
        return target.get(name)
    if isinstance(target, JavaClass):
        return _of_class(target, name, at)
    if name in (held := own(target, machine)):
        return held[name]
    if (type(target), name) in _FIELDS:
        return getattr(target, _FIELDS[type(target), name])
    if name == "class":
        return class_of(target)
    if isinstance(target, str) and name in _OF_TEXTS:
        return target.asked(name, []) if isinstance(target, Untold) else _OF_TEXTS[name](target)
    if isinstance(target, list):
        return _of_list(target, name, machine, at)
    if target is None:
        message = f"Cannot get property '{name}' on null object"
        raise Thrown("java.lang.NullPointerException", message, at)
    message = f"No such property: {name} for class: {type_name(target)}"
    raise Thrown("groovy.lang.MissingPropertyException", message, at)


def own(target: Value, machine: Machine) -> Mapping[str, Value]:
    """What a closure, or a loaded script, has been given by names."""
    if isinstance(target, Loaded):
        return {**machine.binding, **target.variables}
    return (target.settings or {}) if isinstance(target, Function) else {}


def _of_list(target: list[Value], name: str, machine: Machine, at: Position) -> Value:
    """What a list has itself, or that of each in it."""
    if isinstance(target, Matcher) and name == "count":
        return target.count()
    if isinstance(target, Array) and name == "length":
        return len(target)
    if name == "empty":
        return not target
    return [member(one, name, machine, at) for one in target]


OF_CLASSES = frozenset(("name", "simpleName", "canonicalName", "class"))


def _of_class(target: JavaClass, name: str, at: Position) -> Value:
    if name in OF_CLASSES:
        return target.simple_name if name == "simpleName" else target.name
    message = f"No such property: {name} for class: {target.name}"
    raise Thrown("groovy.lang.MissingPropertyException", message, at)


_OF_TEXTS: dict[str, Callable[[Value], Value]] = {
    "bytes": strings.bytes_of,
    "chars": strings.METHODS["getChars"],
    "empty": lambda text: not text,
}
_FIELDS = {
    (Range, "from"): "least",
    (Range, "to"): "most",
    (Range, "reverse"): "is_reverse",
    (Raised, "cause"): "cause",
    (Raised, "message"): "message",
    (Raised, "localizedMessage"): "message",
    (Raised, "stackTrace"): "stack",
    (DockerImage, "id"): "id",
    (DockerContainer, "id"): "id",
    (classes.Moment, "time"): "millis",
    (Gate, "status"): "status",
    (Entry, "key"): "key",
    (Entry, "value"): "value",
}


def _special(owner: Special | PassedOver, name: str, machine: Machine) -> Value:
    if isinstance(owner, PassedOver):
        return PassedOver(f"{owner.name}.{name}")
    return machine.variable(name) if owner.name == "env" else None


def parameters(machine: Machine, *names: str) -> FixedMap:
    """`params`; only those of some names, where they are given."""
    every = (one.name for one in machine.parameters)
    found = {name: machine.variable(name) for name in every if not names or name in names}
    return FixedMap(
        (name, value == "true" if name in machine.booleans else value)
        for name, value in found.items()
        if value is not None
    )


def item(target: Value, keys: list[Value], machine: Machine, at: Position) -> Value:
    """`target[key]`. Raises Thrown."""
    first = keys[0] if keys else None
    if isinstance(target, Special | PassedOver):
        return _special(target, written(first), machine)
    if isinstance(target, dict):
        return found_in(target, key(written(first) if isinstance(first, GString) else first, at))
    if isinstance(target, Entry) and isinstance(first, str):
        return member(target, first, machine, at)
    if isinstance(target, list | str) and isinstance(first, Range) and len(keys) == 1 and first:
        return part(target, first.first, first.operator, first.last, at)
    if isinstance(target, list | str) and (isinstance(first, list) or len(keys) > 1):
        wanted = first if isinstance(first, list) and len(keys) == 1 else keys
        parts = [(one, item(target, [one], machine, at)) for one in wanted]
        found = [each for one, part in parts for each in (part if isinstance(one, list) else [part])]
        return "".join(found) if isinstance(target, str) else found
    if isinstance(target, Matcher) and isinstance(first, int):
        return _find(target, first, at)
    if isinstance(target, list) and isinstance(first, int):
        if not -len(target) <= first < len(target) and isinstance(target, Array):
            message = f"Index {first} out of bounds for length {len(target)}"
            raise Thrown("java.lang.ArrayIndexOutOfBoundsException", message, at)
        return target[first] if -len(target) <= first < len(target) else None
    if isinstance(target, str) and isinstance(first, int) and -len(target) <= first < len(target):
        return target[first]
    raise _outside(target, first, at)


def _outside(target: Value, first: Value, at: Position) -> Thrown:
    if target is None:
        return Thrown("java.lang.NullPointerException", "Cannot invoke method getAt() on null object", at)
    if not isinstance(first, int):
        words = f"{type_name(target)}.getAt() is applicable for ({type_name(first)})"
        message = f"No signature of method: {words}"
        return Thrown("groovy.lang.MissingMethodException", message, at)
    kind = "StringIndexOutOfBoundsException" if isinstance(target, str) else "IndexOutOfBoundsException"
    return Thrown(f"java.lang.{kind}", f"{written(target)}[{written(first)}]", at)


def _find(target: Matcher, index: int, at: Position) -> Value:
    try:
        return target.at(index)
    except Unfit as unfit:
        raise Thrown.by(unfit, at) from None


def part(target: Value, first: Value, operator: str, last: Value, at: Position) -> Value:
    """`target[first..last]` of a string or a list; what is negative counts from the end. Raises Thrown."""
    if isinstance(target, Untold):
        return target.asked("getAt", [first, last if operator == ".." else last - 1])
    first, last = (int(one) if isinstance(one, Decimal) else one for one in (first, last))
    if not isinstance(target, str | list) or not isinstance(first, int) or not isinstance(last, int):
        raise Thrown("groovy.lang.MissingMethodException", f"a part of {written(target)}", at)
    begin, end = (one + len(target) if one < 0 else one for one in (first, last))
    if operator == "..<":
        if begin == end:
            return target[:0]
        end += 1 if begin > end else -1
    if not (0 <= begin <= len(target) and end < len(target)):
        raise Thrown("java.lang.IndexOutOfBoundsException", f"{first}{operator}{last} of {len(target)}", at)
    return target[begin : end + 1] if begin <= end else target[end : begin + 1][::-1]


_SETTINGS = ("delegate", "resolveStrategy")


def put(target: Value, name: Value, value: Value, at: Position) -> None:
    """`target.name = value`, and `target[name] = value`. Raises Thrown."""
    try:
        _put(target, name, value, at)
    except Unfit as unfit:
        raise Thrown.by(unfit, at) from None


def _put(target: Value, name: Value, value: Value, at: Position) -> None:
    if isinstance(target, dict):
        target[key(written(name) if isinstance(name, GString) else name, at)] = value
    elif isinstance(target, Loaded):
        target.variables[name] = value
    elif isinstance(target, PassedOver):
        pass  # what was passed over takes whatever it is given
    elif isinstance(target, Function) and target.settings is not None and name in _SETTINGS:
        target.settings[name] = value
    elif isinstance(target, Entry) and name == "value" and target.source is not None:
        target.source[target.key] = value
    elif isinstance(target, list) and isinstance(name, Range):
        gone = part(list(range(len(target))), name.first, name.operator, name.last, at)
        begin = min(gone, default=name.first)
        target[begin : begin + len(gone)] = value if isinstance(value, list) else [value]
    elif isinstance(target, list) and isinstance(name, int) and -len(target) <= name <= len(target) + 1000:
        if name >= len(target):
            target.extend([None] * (name + 1 - len(target)))
        target[name] = value
    else:
        raise Thrown("groovy.lang.MissingPropertyException", f"No such property: {written(name)}", at)


def appended(left: Value, right: Value) -> Value:
    """`left << right`. Raises TypeError."""
    if isinstance(left, list):
        left.append(right)
        return left
    if isinstance(left, dict) and isinstance(right, dict | Entry):
        left.update(right if isinstance(right, dict) else {right.key: right.value})
        return left
    if isinstance(left, builder.Builder):
        return left.put(len(left), written(right))
    if isinstance(left, str):
        return builder.Builder(left + written(right))
    return compare(left, "<<", right)


_TEXTS = (str, builder.Builder)
NUMBERS = (int, float, Decimal)
# What a name of a class says: that name in full, and the values that are of it.
TYPES: dict[str, tuple[str, type | tuple[type, ...]]] = {
    "String": ("java.lang.String", str),
    "CharSequence": ("java.lang.CharSequence", _TEXTS),
    "GString": ("groovy.lang.GString", GString),
    "Character": ("java.lang.Character", Char),
    "Integer": ("java.lang.Integer", int),
    "Long": ("java.lang.Long", int),
    "Double": ("java.lang.Double", float),
    "Float": ("java.lang.Float", float),
    "BigDecimal": ("java.math.BigDecimal", Decimal),
    "BigInteger": ("java.math.BigInteger", int),
    "Number": ("java.lang.Number", NUMBERS),
    "Boolean": ("java.lang.Boolean", bool),
    "List": ("java.util.List", list),
    "ArrayList": ("java.util.ArrayList", list),
    "Collection": ("java.util.Collection", list),
    "Iterable": ("java.lang.Iterable", list),
    "Range": ("groovy.lang.Range", Range),
    "IntRange": ("groovy.lang.IntRange", Range),
    "Set": ("java.util.Set", Set),
    "Map": ("java.util.Map", dict),
    "HashMap": ("java.util.HashMap", dict),
    "LinkedHashMap": ("java.util.LinkedHashMap", dict),
    "Closure": ("groovy.lang.Closure", Function),
    "Pattern": ("java.util.regex.Pattern", Pattern),
    "Date": ("java.util.Date", classes.Moment),
    "Object": ("java.lang.Object", object),
}
_INTERFACES = frozenset(("CharSequence", "List", "Collection", "Iterable", "Range", "Set", "Map"))


# Values that are lists or texts in Python, and not in Groovy.
_KINDS: dict[type, frozenset[str]] = {
    bool: frozenset(("Boolean",)),
    **dict.fromkeys(
        (Set, FixedSet), frozenset(("Set", "HashSet", "LinkedHashSet", "Collection", "Iterable"))
    ),
    Array: frozenset(("String[]", "Object[]")),
    Char: frozenset(("Character",)),
    GString: frozenset(("GString", "GStringImpl", "CharSequence")),
    Pattern: frozenset(("Pattern",)),
    Matcher: frozenset(("Matcher",)),
}


def is_a(value: Value, kind: str) -> bool:
    """Whether the value is of a class, or of one that is a kind of it."""
    name = kind.rpartition(".")[2].partition("<")[0]
    if isinstance(value, Raised):
        return exceptions.is_caught(value, (name,))
    if value is None or name == "Object":
        return value is not None
    if type(value) in _KINDS:
        return name in _KINDS[type(value)]
    if isinstance(value, Sized) and name in ("ArrayList", "IntRange"):
        return type_name(value).endswith(name)
    if isinstance(value, int) and name != "Number":
        return type_name(value).endswith(f".{name}")
    return name in TYPES and isinstance(value, TYPES[name][1])
