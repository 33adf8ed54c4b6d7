"""A `when` that only the run can decide: by the stage's own first step, where conditions may run steps."""

from __future__ import annotations

import re
from collections.abc import Callable

from seatrial.errors import StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.patterns import matches
from seatrial.pipeline import condition
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.dialects.jenkins.declarative import Section
from seatrial.pipeline.dialects.jenkins.groovy import objects, statements
from seatrial.pipeline.dialects.jenkins.groovy.causes import event_of
from seatrial.pipeline.dialects.jenkins.groovy.expressions import arguments
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Machine,
    Returned,
    Thrown,
    Value,
    Variables,
    Work,
    used,
)
from seatrial.pipeline.dialects.jenkins.groovy.regular import compiled, translated
from seatrial.pipeline.dialects.jenkins.groovy.script import begin
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import compare, truth, written
from seatrial.pipeline.expensive import is_expensive
from seatrial.pipeline.step import Ask, Fail, LeaveOut, Scope, Steps


class Plain(NamedTuple):
    """A condition of `seatrial.pipeline.condition`."""

    text: str


class Joined(NamedTuple):
    """`word` is "and" or "or"."""

    word: str
    parts: tuple[Tree, ...]


class Negated(NamedTuple):
    part: Tree


class Asked(NamedTuple):
    """A condition of Jenkins whose arguments, or whose body, the run has to evaluate."""

    section: Section


Tree = Plain | Joined | Negated | Asked
Values = dict[str, Value]


class Decision(NamedTuple):
    """The program of a `when`: where it does not hold, the stage ends as one that is left out."""

    path: str
    tree: Tree
    file: File
    booleans: frozenset[str]
    stage: str

    def __call__(self, scope: Scope) -> Steps:
        running = yield from begin(self.path, self.file, self.booleans, scope)
        try:
            holds = yield from _holds(self.tree, running)
        except StageFailed as failure:
            yield Fail(str(failure), begun=False)
            return
        if not holds:
            yield LeaveOut(f'Stage "{self.stage}" skipped due to when conditional')


def asks_of_changes(tree: Tree) -> bool:
    """Whether a part of it is about what was changed."""
    if isinstance(tree, Joined):
        return any(asks_of_changes(part) for part in tree.parts)
    if isinstance(tree, Negated):
        return asks_of_changes(tree.part)
    return isinstance(tree, Asked) and tree.section.name in ("changeset", "changelog")


def _holds(tree: Tree, machine: Machine) -> Work:
    """Whether it holds; as in Jenkins, what need not be asked is not."""
    if isinstance(tree, Joined):
        for part in tree.parts:
            if (yield from _holds(part, machine)) == (tree.word == "or"):
                return tree.word == "or"
        return tree.word == "and"
    if isinstance(tree, Negated):
        return not (yield from _holds(tree.part, machine))
    if isinstance(tree, Asked):
        return (yield from _asked(tree.section, machine))
    facts = yield Ask()
    assert isinstance(facts, Facts)
    return condition.decide(tree.text, facts)


def _asked(section: Section, machine: Machine) -> Work:
    if section.name == "expression":
        return objects.true((yield from used((yield from _value(section, machine)))))
    plain, named = yield from arguments(section.arguments, Variables({}), machine)
    values = {MAIN.get(section.name, "value"): plain[0], **named} if plain else named
    if section.name == "equals":
        return compare(values.get("expected"), "==", values.get("actual"))
    facts = yield Ask()
    assert isinstance(facts, Facts)
    return CONDITIONS[section.name](values, facts, section.at)


def _value(section: Section, machine: Machine) -> Work:
    body = section.body or tuple(one.value for one in section.arguments)
    try:
        return (yield from statements.perform(body, Variables({}), machine))
    except Returned as returned:
        return returned.value


def _fits(pattern: str, value: str, values: Values, at: Position) -> bool:
    """By the comparator that is named, or as Ant does."""
    comparator = written(values.get("comparator", "GLOB")).upper()
    if comparator == "REGEXP" and is_expensive(pattern, value):
        message = f"{pattern}: it may come to no end on {len(value)} characters"
        raise Thrown("java.util.regex.PatternSyntaxException", message, at)
    if comparator == "REGEXP":
        try:
            return compiled(pattern).fullmatch(value) is not None
        except re.error as error:
            message = f"{pattern}: {error}"
            raise Thrown("java.util.regex.PatternSyntaxException", message, at) from None
    if comparator == "EQUALS":
        return pattern == value
    if values.get("caseSensitive") is True:
        return matches(pattern, value)
    return matches(pattern.lower(), value.lower())


def _branch(values: Values, facts: Facts, at: Position) -> bool:
    pattern = values.get("pattern")
    return pattern is not None and bool(facts.branch) and _fits(written(pattern), facts.branch, values, at)


def _tag(values: Values, facts: Facts, at: Position) -> bool:
    pattern = values.get("pattern")
    return bool(facts.tag) and (pattern is None or _fits(written(pattern), facts.tag, values, at))


def _changeset(values: Values, facts: Facts, at: Position) -> bool:
    pattern = written(values.get("pattern", values.get("glob", "")))
    return facts.changes is None or any(_fits(pattern, path, values, at) for path in facts.changes)


def _changelog(values: Values, facts: Facts, at: Position) -> bool:
    """A title that the expression fits; or a whole message, in which `.` passes over the ends of lines."""
    pattern = written(values.get("pattern", ""))
    try:
        title, whole = (
            compiled(pattern),
            re.compile(rf"[^\r\n]*?{translated(pattern)}[^\r\n]*?", re.DOTALL | re.MULTILINE),
        )
    except re.error:
        message = f'"{pattern}" is not a valid regular expression.'
        raise Thrown("java.util.regex.PatternSyntaxException", message, at) from None
    return any(title.fullmatch(one.partition("\n")[0]) or whole.fullmatch(one) for one in facts.messages)


def _environment(values: Values, facts: Facts, _at: Position) -> bool:
    name, wanted = written(values.get("name")), values.get("value")
    value = facts.variables.get(name)
    if value is None or wanted is None:
        return value is None and wanted is None
    if truth(values.get("ignoreCase", False)):
        return value.lower() == written(wanted).lower()
    return value == written(wanted)


# The variables that tell of a change request, by Jenkins' words for its parts.
_OF_REQUEST = {
    "id": "CHANGE_ID",
    "target": "CHANGE_TARGET",
    "branch": "CHANGE_BRANCH",
    "fork": "CHANGE_FORK",
    "url": "CHANGE_URL",
    "title": "CHANGE_TITLE",
    "author": "CHANGE_AUTHOR",
    "authorDisplayName": "CHANGE_AUTHOR_DISPLAY_NAME",
    "authorEmail": "CHANGE_AUTHOR_EMAIL",
}


def _change_request(values: Values, facts: Facts, at: Position) -> bool:
    if facts.event != "pull_request" and "CHANGE_ID" not in facts.variables:
        return False
    asked = {_OF_REQUEST[name]: written(value) for name, value in values.items() if name in _OF_REQUEST}
    wanted = {"comparator": "EQUALS", **values}
    return all(_fits(value, facts.variables.get(name, ""), wanted, at) for name, value in asked.items())


def _triggered_by(values: Values, facts: Facts, _at: Position) -> bool:
    """By its cause; `detail` names the person, whom nothing here knows but the shell."""
    if event_of(written(values.get("cause", values.get("type", "")))) != facts.event:
        return False
    return "detail" not in values or written(values["detail"]) == facts.variables.get("USER")


MAIN = {
    "branch": "pattern",
    "tag": "pattern",
    "changeset": "pattern",
    "changelog": "pattern",
    "triggeredBy": "cause",
}
CONDITIONS: dict[str, Callable[[Values, Facts, Position], bool]] = {
    "branch": _branch,
    "tag": _tag,
    "buildingTag": _tag,
    "changeset": _changeset,
    "changelog": _changelog,
    "environment": _environment,
    "changeRequest": _change_request,
    "triggeredBy": _triggered_by,
    "isRestartedRun": lambda _values, _facts, _at: False,
}
PARAMETERS: dict[str, tuple[str, ...]] = {
    "branch": ("pattern", "comparator"),
    "tag": ("pattern", "comparator"),
    "changeset": ("pattern", "glob", "comparator", "caseSensitive"),
    "changelog": ("pattern",),
    "environment": ("name", "value", "ignoreCase"),
    "equals": ("expected", "actual"),
    "changeRequest": (*_OF_REQUEST, "comparator"),
    "triggeredBy": ("cause", "type", "detail"),
    "buildingTag": (),
    "isRestartedRun": (),
}
REQUIRED = {"environment": ("name", "value"), "equals": ("expected", "actual")}
