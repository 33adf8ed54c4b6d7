"""The objects of a script: what has which members and items, what is true, and what may be cast to what."""

from __future__ import annotations

import re
from decimal import Decimal

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.blocks import RESULTS
from seatrial.pipeline.dialects.jenkins.groovy import classes
from seatrial.pipeline.dialects.jenkins.groovy.machine import Lambda, Machine, Raised, Thrown, Value
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import compare, truth, type_name, written
from seatrial.pipeline.step import Mark

NAMES = frozenset(("env", "params", "currentBuild", "scm", "docker"))
# The worst first; Jenkins' words by ours, and by what the file has set itself.
_WORST = ("ABORTED", "NOT_BUILT", "FAILURE", "UNSTABLE", "SUCCESS")
_WORDS = {status: word for word, status in RESULTS.items()} | {"errored": "FAILURE"}


class Special(NamedTuple):
    """One of NAMES."""

    name: str


DOCKER = Special("docker")


class DockerImage(NamedTuple):
    id: str


class DockerContainer(NamedTuple):
    id: str


class Pattern(str):
    """A regular expression."""

    __slots__ = ()


class Matcher(list[Value]):
    """What a pattern finds in a text: for each find the text, or a list with that of each group."""

    def __init__(self, text: str, pattern: str) -> None:
        self.whole = re.fullmatch(pattern, text)
        self.first = re.search(pattern, text)
        found = [[one[0], *one.groups()] for one in re.finditer(pattern, text)]
        super().__init__(one if len(one) > 1 else one[0] for one in found)


class Entry(NamedTuple):
    """A pair of a map."""

    key: Value
    value: Value


def shown(value: Value) -> Value:
    """A value as it is written."""
    if isinstance(value, Raised):
        return f"{value.kind}: {value.message}"
    if isinstance(value, classes.Moment):
        return classes.shown(value)
    if isinstance(value, Entry):
        return f"{written(value.key)}={written(value.value)}"
    if isinstance(value, DockerImage | DockerContainer):
        return value.id
    return (
        f"{value.name}" if isinstance(value, Special) else "a closure" if isinstance(value, Lambda) else value
    )


_NEVER_EMPTY = (Special, Lambda, Raised, Entry, DockerImage, DockerContainer)


def true(value: Value) -> bool:
    return True if isinstance(value, _NEVER_EMPTY) else truth(value)


def key(value: Value, at: Position) -> Value:
    if isinstance(value, list | dict):
        raise Thrown("java.lang.UnsupportedOperationException", "a list or a map as a key", at)
    return value


def member(target: Value, name: str, machine: Machine, at: Position) -> Value:
    """`target.name`. Raises Thrown."""
    if isinstance(target, Special):
        return _special(target.name, name, machine)
    if isinstance(target, dict):
        return target.get(name)
    if (type(target), name) in _FIELDS:
        return getattr(target, _FIELDS[type(target), name])
    if name == "class":
        kind = target.kind if isinstance(target, Raised) else type_name(target)
        return {"name": kind, "simpleName": kind.rpartition(".")[2]}
    if isinstance(target, list):
        if name in ("size", "length"):
            return len(target)
        return [member(one, name, machine, at) for one in target]
    if target is None:
        message = f"Cannot get property '{name}' on null object"
        raise Thrown("java.lang.NullPointerException", message, at)
    raise Thrown("groovy.lang.MissingPropertyException", f"No such property: {name}", at)


_FIELDS = {
    (Raised, "message"): "message",
    (Raised, "localizedMessage"): "message",
    (DockerImage, "id"): "id",
    (DockerContainer, "id"): "id",
    (classes.Moment, "time"): "millis",
    (Entry, "key"): "key",
    (Entry, "value"): "value",
}


def _special(owner: str, name: str, machine: Machine) -> Value:
    if owner == "env":
        return machine.variable(name)
    if owner == "params":
        value = machine.variable(name)
        return value == "true" if name in machine.booleans and value is not None else value
    if owner == "currentBuild":
        return _build(name, machine)
    return None


def _build(name: str, machine: Machine) -> Value:
    number, job = machine.variable("BUILD_NUMBER") or "0", machine.variable("JOB_NAME") or ""
    known = {
        "number": int(number),
        "id": number,
        "displayName": f"#{number}",
        "fullDisplayName": f"{job} #{number}",
        "projectName": job,
        "currentResult": _result(machine) or "SUCCESS",
        "result": _result(machine),
        "durationString": "",
        "duration": 0,
    }
    return known.get(name)


def _result(machine: Machine) -> str | None:
    """The worst of what steps have marked the run as, what the script has set, and, in `post`, the stage."""
    found = {machine.binding.get(" result")}
    found |= {
        _WORDS.get(machine.variable(name) or "") for name in ("SEATRIAL_RESULT", "SEATRIAL_STAGE_RESULT")
    }
    return next((word for word in _WORST if word in found), None)


def mark_of(name: str, value: Value, machine: Machine) -> Mark | None:
    """What `currentBuild.name = value` does to the run; None where it changes nothing here."""
    if name != "result" or value is None:
        return None
    result = written(value).upper()
    result = result if result in RESULTS else "FAILURE"  # as Jenkins reads what it does not know
    machine.binding[" result"] = result
    status = RESULTS[result]
    return Mark(f"currentBuild.result = {result}", status, status) if status != "succeeded" else None


def item(target: Value, keys: list[Value], machine: Machine, at: Position) -> Value:
    """`target[key]`. Raises Thrown."""
    first = keys[0] if keys else None
    if isinstance(target, Special):
        return _special(target.name, written(first), machine)
    if isinstance(target, dict):
        return target.get(key(first, at))
    if isinstance(target, list | str) and (isinstance(first, list) or len(keys) > 1):
        wanted = first if isinstance(first, list) else keys
        found = [item(target, [one], machine, at) for one in wanted]
        return "".join(found) if isinstance(target, str) else found
    if isinstance(target, list) and isinstance(first, int):
        return target[first] if -len(target) <= first < len(target) else None
    if isinstance(target, str) and isinstance(first, int) and -len(target) <= first < len(target):
        return target[first]
    raise Thrown("java.lang.IndexOutOfBoundsException", f"{written(shown(target))}[{written(first)}]", at)


def part(target: Value, first: Value, last: Value, at: Position) -> Value:
    """`target[first..last]` of a string or a list; what is negative counts from the end. Raises Thrown."""
    if not isinstance(target, str | list) or not isinstance(first, int) or not isinstance(last, int):
        raise Thrown("groovy.lang.MissingMethodException", f"a part of {written(shown(target))}", at)
    begin, end = (one + len(target) if one < 0 else one for one in (first, last))
    if not (0 <= begin <= len(target) and end < len(target)):
        raise Thrown("java.lang.IndexOutOfBoundsException", f"{first}..{last} of {len(target)}", at)
    return target[begin : end + 1] if begin <= end else target[end : begin + 1][::-1]


def full_name(kind: str) -> str:
    """The name of an exception's class with its package."""
    if "." in kind:
        return kind
    return f"java.io.{kind}" if kind in ("IOException", "FileNotFoundException") else f"java.lang.{kind}"


def put(target: Value, name: Value, value: Value, at: Position) -> None:
    if isinstance(target, dict):
        target[key(name, at)] = value
    elif isinstance(target, list) and isinstance(name, int) and 0 <= name <= len(target) + 1000:
        target.extend([None] * (name + 1 - len(target)))
        target[name] = value
    else:
        raise Thrown("groovy.lang.MissingPropertyException", f"No such property: {written(name)}", at)


def appended(left: Value, right: Value) -> Value:
    """`left << right`. Raises TypeError."""
    if isinstance(left, list):
        left.append(right)
        return left
    if isinstance(left, dict) and isinstance(right, dict):
        left.update(right)
        return left
    if isinstance(left, str):
        return left + written(right)
    return compare(left, "<<", right)


TYPES: dict[str, type | tuple[type, ...]] = {
    "String": str,
    "CharSequence": str,
    "GString": str,
    "Integer": int,
    "int": int,
    "Long": int,
    "Number": (int, float),
    "Boolean": bool,
    "List": list,
    "ArrayList": list,
    "Collection": list,
    "Map": dict,
    "LinkedHashMap": dict,
    "Closure": Lambda,
}


def is_a(value: Value, kind: str) -> bool:
    if isinstance(value, Raised):
        return is_caught(value, (kind,))
    if isinstance(value, bool) and kind != "Boolean":
        return kind == "Object"
    return kind == "Object" or isinstance(value, TYPES.get(kind.rpartition(".")[2], ()))


_PARENTS = {"AbortException": "IOException", "FlowInterruptedException": "InterruptedException"}


def is_caught(value: Raised, kinds: tuple[str, ...]) -> bool:
    names = {kind.rpartition(".")[2] for kind in kinds}
    own = value.kind.rpartition(".")[2]
    if _PARENTS.get(own, own) in names:
        return True
    is_error = own.endswith("Error")
    return not names or own in names or "Throwable" in names or (not is_error and "Exception" in names)


def cast(value: Value, kind: str, at: Position) -> Value:
    """`value as kind`. Raises Thrown."""
    name = kind.rpartition(".")[2].partition("<")[0]
    try:
        if name in ("String", "GString", "CharSequence"):
            return written(shown(value))
        if name in ("Integer", "int", "Long", "long"):
            return int(value)
        if name in ("BigDecimal", "Number", "double", "Double", "float", "Float"):
            return float(value) if name[1:] in ("ouble", "loat") else Decimal(written(value))
        if name in ("char", "Character"):
            return chr(value) if isinstance(value, int) else value if len(value) == 1 else value[1]
        if name in ("Boolean", "boolean"):
            return true(value)
        if name in ("List", "ArrayList", "Set", "Collection", "String[]") and isinstance(value, list | dict):
            return list(dict.fromkeys(value)) if name == "Set" else list(value)
        if name in ("Map", "LinkedHashMap", "HashMap") and isinstance(value, dict):
            return value
        if name in ("Object", "def"):
            return value
    except (TypeError, ValueError):
        pass
    message = f"Cannot cast object '{written(shown(value))}' to class '{kind}'"
    raise Thrown("org.codehaus.groovy.runtime.typehandling.GroovyCastException", message, at)
