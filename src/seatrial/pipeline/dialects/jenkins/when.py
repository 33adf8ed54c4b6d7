"""`when { }` → a condition of `seatrial.pipeline.condition`, which is decided before the stage starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from seatrial.pipeline import condition
from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.groovy.guard import Condition as GroovyCondition
from seatrial.pipeline.dialects.jenkins.groovy.script import check, steps_in
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import (
    Binary,
    Constant,
    Expression,
    Leave,
    Name,
    Position,
    Property,
    Statement,
    Text,
    Unary,
)
from seatrial.pipeline.dialects.jenkins.variables import NAMES
from seatrial.pipeline.step import Guard

_WHEN_TO_ASK = ("beforeAgent", "beforeInput", "beforeOptions")
_JOINED = {"allOf": " and ", "anyOf": " or "}
_CAUSES = {"TimerTrigger": "schedule", "SCMTrigger": "push", "UserIdCause": "manual"}
_SUBJECTS = {"BRANCH_NAME": "branch", "TAG_NAME": "tag"}
_SIGNS = {"==": "==", "!=": "!="}
_WORDS = {"&&": "and", "||": "or"}


class Unknown(NamedTuple):
    """Variables of the environment that no condition can ask about: their values come later."""

    names: Collection[str]
    booleans: Collection[str] = ()  # the parameters that are true or false; these are known
    guards: list[Guard] | None = None  # takes the expressions that only the run can decide


class _RefusedError(Exception):
    def __init__(self, at: Position, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.at, self.message, self.hint = at, message, hint


def read_when(section: Section, unknown: Unknown, remarks: Remarks) -> str:
    """The condition of a stage; "" where it has none, or where it cannot be read, which is a finding."""
    try:
        text = _joined(section, " and ", unknown, remarks)
        condition.parse(text)
    except _RefusedError as refused:
        remarks.error(refused.at, refused.message, refused.hint)
    except condition.ConditionError as error:
        remarks.error(section.at, error.message, error.hint)
    else:
        return text
    return ""


def _joined(section: Section, word: str, unknown: Unknown, remarks: Remarks) -> str:
    parts = []
    for statement in section.body or ():
        one = as_section(statement)
        if one is None:
            raise _RefusedError(statement.at, "Expected a when condition", "write branch 'main'")
        if one.name not in _WHEN_TO_ASK:
            parts.append(_one(one, unknown, remarks))
    if not parts:
        hint = "write a condition in it, or remove it"
        raise _RefusedError(section.at, f"No conditions specified for {section.name}", hint)
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})"


def _one(section: Section, unknown: Unknown, remarks: Remarks) -> str:
    name = section.name
    if name in _JOINED:
        return _joined(section, _JOINED[name], unknown, remarks)
    if name == "not":
        return f"not {_joined(section, ' and ', unknown, remarks)}"
    if name == "changeset":
        remarks.note(section.at, "changeset tells upper from lower case here; Jenkins does not")
    if name in _OF_CHANGE and not (name == "changeRequest" and section.arguments):
        return _OF_CHANGE[name](section)
    if name == "expression":
        return _expression(section, unknown, remarks)
    if name in _OF_VARIABLES:
        return _OF_VARIABLES[name](section, unknown)
    known = (*_JOINED, "not", *_OF_CHANGE, *_OF_VARIABLES, "expression")
    raise _RefusedError(section.at, f"the condition '{name}' is not supported", did_you_mean(name, known))


def _changeset(section: Section) -> str:
    return f"changes [{_quoted(_text(section, 'glob', ('pattern',)), section.at)}]"


def _pattern(section: Section) -> str:
    """A branch or a tag that fits; one that there is not fits nothing."""
    comparator = _named(section).get("comparator", Text("GLOB", section.at))
    value = _text(section, "pattern", ("comparator",))
    if not isinstance(comparator, Text) or comparator.value not in ("GLOB", "EQUALS"):
        raise _RefusedError(comparator.at, "only the comparators GLOB and EQUALS are supported")
    if comparator.value == "EQUALS":
        return f"{section.name} == {_quoted(value, section.at)}"
    if "[" in value:
        raise _RefusedError(section.at, "a bracket in a pattern is not supported", "use comparator: 'EQUALS'")
    parts = [part if part == "**" else re.sub(r"\*+", "*", part) for part in value.split("/")]
    test = f"{section.name} =~ {_quoted('/'.join(parts), section.at)}"
    return f"({section.name} and {test})" if not value.strip("*/") else test


def _cause(section: Section) -> str:
    cause = _text(section, "cause", ())
    if cause not in _CAUSES:
        raise _RefusedError(
            section.at, f"the cause '{cause}' is not known here", did_you_mean(cause, _CAUSES)
        )
    return f"event == {_CAUSES[cause]}"


def _environment(section: Section, unknown: Unknown) -> str:
    given = _named(section)
    name, value = given.get("name"), given.get("value")
    if given.keys() != {"name", "value"} or not isinstance(name, Text):
        raise _RefusedError(section.at, "environment needs a name and a value, and takes nothing else here")
    return _compared(_subject(name.value, section.at, unknown), "==", value, section.at, unknown)


def _equals(section: Section, unknown: Unknown) -> str:
    given = _named(section)
    if given.keys() != {"expected", "actual"}:
        raise _RefusedError(section.at, "equals needs an expected and an actual value")
    actual = _variable(given["actual"], unknown)
    return _compared(actual, "==", given["expected"], section.at, unknown)


def _expression(section: Section, unknown: Unknown, remarks: Remarks) -> str:
    try:
        return _asked(_only(section), unknown)
    except _RefusedError:
        return _guarded(section, unknown, remarks)


def _guarded(section: Section, unknown: Unknown, remarks: Remarks) -> str:
    """The name of a guard: what the language of conditions cannot say, Groovy decides in the run."""
    body = section.body or tuple(one.value for one in section.arguments)
    check(body, remarks.file, remarks)
    if called := next(steps_in(body, remarks.file), ""):
        hint = "set a variable in a stage before it: env.NAME = …"
        raise _RefusedError(section.at, f"a condition cannot run the step '{called}'", hint)
    at, booleans = section.at, frozenset(unknown.booleans)
    name = f"_guard_{at.line}_{at.column}"
    holds = GroovyCondition(remarks.path, body, remarks.file, booleans, at)
    if unknown.guards is not None:
        # mypy does not see the __call__ of a NamedTuple
        unknown.guards.append(Guard(name, holds, f"expression at line {at.line}"))  # type: ignore[arg-type]
    return f"${name} == true"


def _asked(value: Expression, unknown: Unknown) -> str:
    if isinstance(value, Binary) and value.operator in _WORDS:
        word = _WORDS[value.operator]
        return f"({_asked(value.left, unknown)} {word} {_asked(value.right, unknown)})"
    if isinstance(value, Unary) and value.operator == "!":
        return f"not {_asked(value.operand, unknown)}"
    if isinstance(value, Binary) and value.operator in _SIGNS:
        left, right = value.left, value.right
        if isinstance(left, Text | Constant):
            left, right = right, left
        return _compared(_variable(left, unknown), _SIGNS[value.operator], right, value.at, unknown)
    subject = _variable(value, unknown)
    return f"{subject} == true" if subject[1:] in unknown.booleans else subject


def _variable(value: Expression, unknown: Unknown) -> str:
    if isinstance(value, Name):
        return _subject(value.text, value.at, unknown)
    if (
        isinstance(value, Property)
        and isinstance(value.target, Name)
        and value.target.text in ("env", "params")
        and isinstance(value.name, str)
    ):
        return _subject(value.name, value.at, unknown)
    raise _RefusedError(value.at, _ONLY, "write env.NAME == 'value', joined by &&, || and !")


_ONLY = "a condition can only compare variables of the environment here"


def _subject(name: str, at: Position, unknown: Unknown) -> str:
    if name in _SUBJECTS and name not in unknown.names:
        return _SUBJECTS[name]
    if name in unknown.names or name in NAMES or not re.fullmatch(r"\w+", name):
        raise _RefusedError(at, f"the value of '{name}' is not known before the stage starts")
    return f"${name}"


def _compared(subject: str, sign: str, value: Expression | None, at: Position, unknown: Unknown) -> str:
    if isinstance(value, Constant) and value.value is None:
        return subject if sign == "!=" else f"not {subject}"
    if isinstance(value, Constant) and subject[1:] in unknown.booleans:
        return f"{subject} {sign} {'true' if value.value else 'false'}"
    if not isinstance(value, Text):
        raise _RefusedError(
            value.at if value else at, "the value to compare with must be a string without ${…}"
        )
    return f"{subject} {sign} {_quoted(value.value, value.at)}"


def _quoted(value: str, at: Position) -> str:
    quote = '"' if '"' not in value else "'"
    if quote in value:
        raise _RefusedError(at, "a text with both kinds of quotes cannot be compared with")
    return f"{quote}{value}{quote}"


def _named(section: Section) -> dict[str, Expression]:
    return {one.name: one.value for one in section.arguments if isinstance(one.name, str)}


def _text(section: Section, main: str, others: tuple[str, ...]) -> str:
    """The text of the main argument, which may go without its name."""
    named = _named(section)
    unnamed = [one.value for one in section.arguments if one.name is None]
    value = named.get(main) or (named.get("pattern") if "pattern" in others else None)
    value = unnamed[0] if len(unnamed) == 1 and not named else value
    if not isinstance(value, Text) or named.keys() - {main, *others}:
        raise _RefusedError(section.at, f"{section.name} needs one string", f"write {section.name} '…'")
    return value.value


def _only(section: Section) -> Expression:
    body: tuple[Statement, ...] = section.body or ()
    if len(body) == 1:
        first = body[0]
        value = first.value if isinstance(first, Leave) and first.word == "return" else first
        if isinstance(value, Binary | Unary | Name | Property):
            return value
    raise _RefusedError(section.at, _ONLY, "write env.NAME == 'value', joined by &&, || and !")


_OF_CHANGE: dict[str, Callable[[Section], str]] = {
    "branch": _pattern,
    "tag": _pattern,
    "buildingTag": lambda _: "tag",
    "changeRequest": lambda _: "event == pull_request",
    "changeset": _changeset,
    "triggeredBy": _cause,
}
_OF_VARIABLES: dict[str, Callable[[Section, Unknown], str]] = {
    "environment": _environment,
    "equals": _equals,
}
