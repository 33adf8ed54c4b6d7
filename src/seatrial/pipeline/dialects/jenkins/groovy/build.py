"""`currentBuild`, and the builds before it: what a script can ask of them, and what it can set."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.blocks import RESULTS
from seatrial.pipeline.dialects.jenkins.groovy import classes
from seatrial.pipeline.dialects.jenkins.groovy.causes import causes
from seatrial.pipeline.dialects.jenkins.groovy.machine import Machine, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.groovy.objects import CURRENT_BUILD, Special
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import Long, written
from seatrial.pipeline.step import Mark, Recall, Recorded, SetVariable

# The worst first; Jenkins' words by ours, and by what the file has set itself.
_WORST = ("ABORTED", "NOT_BUILT", "FAILURE", "UNSTABLE", "SUCCESS")
_WORDS = {status: word for word, status in RESULTS.items()} | {"errored": "FAILURE"}


class Build(NamedTuple):
    """One before the current build, of the same job."""

    run: Recorded
    job: str
    job_url: str

    @property
    def java(self) -> str:
        return CURRENT_BUILD.java

    @property
    def result(self) -> str | None:
        """None while it is under way."""
        return None if self.run.finished is None else _WORDS.get(self.run.status, "FAILURE")

    def __str__(self) -> str:
        return f"{self.job} #{self.run.number}"


Of = Special | Build


def is_build(value: Value) -> bool:
    return value == CURRENT_BUILD or isinstance(value, Build)


def _of_binding(name: str) -> str:
    """The name, which no variable has, of what a script has set of its build."""
    return f" {name}"


def _number(machine: Machine) -> int:
    return int(machine.variable("BUILD_NUMBER") or "0")


def _shown(machine: Machine) -> str:
    return str(machine.binding.get(_of_binding("displayName"), f"#{_number(machine)}"))


def _result(machine: Machine) -> str | None:
    """The worst of what steps have marked the run as, what the script has set, and, in `post`, the stage."""
    found = {machine.binding.get(_of_binding("result"))}
    found |= {
        _WORDS.get(machine.variable(name) or "") for name in ("SEATRIAL_RESULT", "SEATRIAL_STAGE_RESULT")
    }
    return next((word for word in _WORST if word in found), None)


_NOW: dict[str, Callable[[Machine], Value]] = {
    "number": _number,
    "id": lambda machine: str(_number(machine)),
    "displayName": _shown,
    "fullDisplayName": lambda machine: f"{machine.variable('JOB_NAME') or ''} {_shown(machine)}",
    "description": lambda machine: machine.binding.get(_of_binding("description")),
    "projectName": lambda machine: machine.variable("JOB_BASE_NAME"),
    "fullProjectName": lambda machine: machine.variable("JOB_NAME"),
    "currentResult": lambda machine: _result(machine) or "SUCCESS",
    "result": _result,
    "absoluteUrl": lambda machine: machine.variable("BUILD_URL"),
    "buildCauses": causes,
    "changeSets": lambda _machine: [],
    "upstreamBuilds": lambda _machine: [],
    "nextBuild": lambda _machine: None,
    "keepLog": lambda _machine: False,
}
_THEN: dict[str, Callable[[Build], Value]] = {
    "number": lambda build: build.run.number,
    "id": lambda build: str(build.run.number),
    "displayName": lambda build: f"#{build.run.number}",
    "fullDisplayName": str,
    "projectName": lambda build: build.job.rpartition("/")[2],
    "fullProjectName": lambda build: build.job,
    "currentResult": lambda build: build.result or "SUCCESS",
    "result": lambda build: build.result,
    "absoluteUrl": lambda build: f"{build.job_url}{build.run.number}/",
    "upstreamBuilds": lambda _build: [],
}
# Which of the builds before it each means, the last one first.
_BEFORE: dict[str, Callable[[Build], bool]] = {
    "previousBuild": lambda _build: True,
    "previousBuildInProgress": lambda build: build.result is None,
    "previousCompletedBuild": lambda build: build.result is not None,
    "previousBuiltBuild": lambda build: build.result not in (None, "NOT_BUILT"),
    "previousFailedBuild": lambda build: build.result == "FAILURE",
    "previousNotFailedBuild": lambda build: build.result != "FAILURE",
    "previousSuccessfulBuild": lambda build: build.result == "SUCCESS",
}
PREVIOUS = frozenset(_BEFORE)
_TIMES = frozenset(("startTimeInMillis", "timeInMillis", "duration", "durationString"))
OF_CURRENT = frozenset((*_NOW, *PREVIOUS, *_TIMES))
OF_PREVIOUS = frozenset((*_THEN, *PREVIOUS, *_TIMES))
_SET = frozenset(("result", "displayName", "description", "keepLog"))
_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "resultIsBetterOrEqualTo": int.__ge__,
    "resultIsWorseOrEqualTo": int.__le__,
}
COMPARING = frozenset(_BOUNDS)
METHODS = frozenset((*COMPARING, *(f"set{name[0].upper()}{name[1:]}" for name in _SET)))
# What holds here, and is not all that Jenkins has.
REMARKS = {
    OF_CURRENT: {
        "changeSets": "it is empty: `when { changelog }` and `git log` tell of the change",
        "keepLog": "it has no effect: every log is kept",
    },
    OF_PREVIOUS: dict.fromkeys(("displayName", "fullDisplayName"), "it is its number, whatever it was named"),
}
HINTS = {
    "rawBuild": "there is no Jenkins: ask currentBuild itself, which has result, number, getBuildCauses() …",
    "buildVariables": "name the variable: env.NAME or params.NAME",
}


def property_of(method: str) -> str:
    """The property that a method `getName` gives; "" for another method."""
    return method[3].lower() + method[4:] if method[:3] == "get" and method[3:4].isupper() else ""


def member(target: Of, name: str, machine: Machine, at: Position) -> Work:
    """`currentBuild.name`, or of one before it. Raises Thrown."""
    if name in _BEFORE:
        return (yield from _before(target, _BEFORE[name], machine))
    if name in _TIMES:
        return (yield from _time(target, name, machine, at))
    if isinstance(target, Build) and name in _THEN:
        return _THEN[name](target)
    if not isinstance(target, Build) and name in _NOW:
        return _NOW[name](machine)
    message = f"No such property: {name} for class: {CURRENT_BUILD.java}"
    raise Thrown("groovy.lang.MissingPropertyException", message, at)


def knows(target: Of, method: str) -> bool:
    known = OF_PREVIOUS if isinstance(target, Build) else OF_CURRENT
    return method in METHODS or property_of(method) in known


def call(target: Of, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    """A method that `knows` has. Raises Thrown."""
    if name in _BOUNDS and len(given) == 1:
        result = (yield from member(target, "result", machine, at)) or "SUCCESS"
        wanted = written(given[0]).upper()
        other = _WORST.index(wanted if wanted in _WORST else "FAILURE")
        return _BOUNDS[name](_WORST.index(result), other)
    if name == "getBuildCauses":
        return causes(machine, *map(written, given))
    if name[:3] == "set" and len(given) == 1 and not isinstance(target, Build):
        yield from put(name[3].lower() + name[4:], given[0], machine, at)
        return None
    if given or not property_of(name):
        message = f"No signature of method: {CURRENT_BUILD.java}.{name}() is applicable"
        raise Thrown("groovy.lang.MissingMethodException", message, at)
    return (yield from member(target, property_of(name), machine, at))


def _before(target: Of, fits: Callable[[Build], bool], machine: Machine) -> Work:
    number = target.run.number if isinstance(target, Build) else _number(machine)
    job, url = (machine.variable(name) or "" for name in ("JOB_NAME", "JOB_URL"))
    while True:
        run = yield Recall(number)
        if not isinstance(run, Recorded):
            return None
        build = Build(run, job, url)
        if fits(build):
            return build
        number = run.number


def _time(target: Of, name: str, machine: Machine, at: Position) -> Work:
    run = target.run if isinstance(target, Build) else (yield Recall(_number(machine) + 1))
    assert isinstance(run, Recorded)  # the run itself is recorded before its stages begin
    started = int(run.started * 1000)
    if name.endswith("InMillis"):
        return Long(started)
    ended = (yield from classes.now(at)).millis if run.finished is None else int(run.finished * 1000)
    if name == "duration":
        return Long(ended - started)
    return time_span(ended - started) + (" and counting" if run.finished is None else "")


_UNITS = (("yr", 365 * 86_400_000), ("mo", 30 * 86_400_000), ("day", 86_400_000), ("hr", 3_600_000))
_FEW = 10  # of the larger unit: then the smaller one is told, too


def time_span(millis: int) -> str:
    """As Jenkins says it: two units at most, and tenths of a second where there are few."""
    units = (*_UNITS, ("min", 60_000), ("sec", 1000))
    for (name, length), (smaller, part) in pairwise(units):
        if millis >= length:
            text = _amount(millis // length, name)
            return text if millis >= _FEW * length else f"{text} {_amount(millis % length // part, smaller)}"
    if millis >= _FEW * 1000:
        return f"{millis // 1000} sec"
    if millis >= 1000:
        return f"{millis // 100 / 10:g} sec"
    return f"{millis // 10 / 100:g} sec" if millis >= 100 else f"{max(millis, 0)} ms"


def _amount(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if unit == 'day' and number != 1 else ''}"


def put(name: str, value: Value, machine: Machine, at: Position) -> Work:
    """`currentBuild.name = value`. Raises Thrown."""
    if name not in _SET:
        message = f"No such property: {name} for class: {CURRENT_BUILD.java}"
        raise Thrown("groovy.lang.MissingPropertyException", message, at)
    if name in ("displayName", "description"):
        machine.binding[_of_binding(name)] = None if value is None else written(value)
    if name == "displayName":
        yield SetVariable("BUILD_DISPLAY_NAME", written(value))
    if name == "result" and value is not None:
        yield from _mark(written(value).upper(), machine)


def _mark(result: str, machine: Machine) -> Work:
    result = result if result in RESULTS else "FAILURE"  # as Jenkins reads what it does not know
    machine.binding[_of_binding("result")] = result
    status = RESULTS[result]
    if status != "succeeded":
        yield Mark(f"currentBuild.result = {result}", status, status)
