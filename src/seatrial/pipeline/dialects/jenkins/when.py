"""`when { }`: what the language of `seatrial.pipeline.condition` can say is decided before the stage starts,
and the rest by the stage's first step."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline import condition
from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.groovy.causes import EVENTS
from seatrial.pipeline.dialects.jenkins.groovy.decision import (
    MAIN,
    PARAMETERS,
    REQUIRED,
    Asked,
    Joined,
    Negated,
    Plain,
    Tree,
)
from seatrial.pipeline.dialects.jenkins.groovy.script import check
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import (
    Binary,
    Closure,
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

_WHEN_TO_ASK = ("beforeAgent", "beforeInput", "beforeOptions")
_JOINED = {"allOf": "and", "anyOf": "or"}
_SUBJECTS = {"BRANCH_NAME": "branch", "TAG_NAME": "tag"}
_SIGNS = {"==": "==", "!=": "!="}
_WORDS = {"&&": "and", "||": "or"}
_KNOWN = (*_JOINED, "not", "expression", *PARAMETERS)


class Unknown(NamedTuple):
    """Variables of the environment whose values come only with the run, and those of the file that do not."""

    names: Collection[str]
    booleans: Collection[str] = ()  # the parameters that are true or false; these are known
    given: Collection[str] = ()  # what a bare name may be; any other is a variable of a script


class When(NamedTuple):
    """What is decided before the stage starts ("" always holds), and what its first step decides, if any."""

    text: str = ""
    rest: Tree | None = None
    before_input: bool = False
    before_agent: bool = False


class _RefusedError(Exception):
    def __init__(self, at: Position, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.at, self.message, self.hint = at, message, hint


class _LaterError(Exception):
    """Only the run can decide it."""


def read_when(section: Section, unknown: Unknown, remarks: Remarks) -> When:
    """The condition of a stage; one that cannot be read is a finding."""
    try:
        parts = _parts(section, unknown, remarks)
    except _RefusedError as refused:
        remarks.error(refused.at, refused.message, refused.hint)
        return When()
    before = 0
    while before < len(parts) and isinstance(parts[before], Plain):
        before += 1
    text = _text_of(Joined("and", parts[:before])) if before else ""
    rest = Joined("and", parts[before:]) if before < len(parts) else None
    before_input = _is_set(section, "beforeInput") or _is_set(section, "beforeOptions")
    return When(text, rest, before_input, before_input or _is_set(section, "beforeAgent"))


def _is_set(section: Section, name: str) -> bool:
    lines = (as_section(statement) for statement in section.body or ())
    given = (one.arguments[0].value for one in lines if one and one.name == name and one.arguments)
    return any(isinstance(value, Constant) and value.value is True for value in given)


def _text_of(tree: Tree) -> str:
    """A tree without anything to ask, as a condition."""
    if isinstance(tree, Plain):
        return tree.text
    if isinstance(tree, Negated):
        return f"not {_text_of(tree.part)}"
    assert isinstance(tree, Joined)
    parts = [_text_of(part) for part in tree.parts]
    return parts[0] if len(parts) == 1 else f"({f' {tree.word} '.join(parts)})"


def _parts(section: Section, unknown: Unknown, remarks: Remarks) -> tuple[Tree, ...]:
    parts = []
    if section.arguments:
        raise _RefusedError(section.at, f"{section.name} takes no arguments", f"write {section.name} {{ … }}")
    for statement in section.body or ():
        one = as_section(statement)
        if one is None:
            raise _RefusedError(statement.at, "Expected a when condition", "write branch 'main'")
        if one.name not in _WHEN_TO_ASK:
            parts.append(_one(one, unknown, remarks))
    if not parts:
        hint = "write a condition in it, or remove it"
        raise _RefusedError(section.at, f"No conditions specified for {section.name}", hint)
    return tuple(parts)


def _one(section: Section, unknown: Unknown, remarks: Remarks) -> Tree:
    name = section.name
    if name in _JOINED:
        return _simplified(Joined(_JOINED[name], _parts(section, unknown, remarks)))
    if name == "not":
        parts = _parts(section, unknown, remarks)
        if len(parts) > 1:
            raise _RefusedError(section.at, "not holds one condition", "write not { allOf { … } }")
        return _simplified(Negated(parts[0]))
    if name not in _KNOWN:
        hint = did_you_mean(name, _KNOWN)
        raise _RefusedError(section.at, f"the condition '{name}' is not supported", hint)
    _check_arguments(section)
    try:
        text = _plain(section, unknown)
        condition.parse(text)
    except (_LaterError, condition.ConditionError):
        return _asked(section, remarks)
    return Plain(text)


def _simplified(tree: Joined | Negated) -> Tree:
    parts = tree.parts if isinstance(tree, Joined) else (tree.part,)
    return Plain(_text_of(tree)) if all(isinstance(part, Plain) for part in parts) else tree


def _check_arguments(section: Section) -> None:
    """Jenkins' rules for the arguments of a condition."""
    known = PARAMETERS.get(section.name)
    if known is None:
        return
    if section.body is not None:
        raise _RefusedError(section.at, f"{section.name} takes no block")
    named = _named(section)
    for name in named.keys() - set(known):
        hint = did_you_mean(name, known)
        raise _RefusedError(named[name].at, f'Invalid parameter "{name}" of {section.name}', hint)
    for name in REQUIRED.get(section.name, ()):
        if name not in named:
            raise _RefusedError(section.at, f'Missing required parameter: "{name}"')
    if section.name in MAIN and section.name != "tag" and not section.arguments:
        raise _RefusedError(section.at, f"{section.name} needs one string", f"write {section.name} '…'")
    if section.name == "changelog" and _is_no_pattern(section.arguments[0].value):
        message = "this is not a valid regular expression"
        raise _RefusedError(section.arguments[0].value.at, message, "a brace stands as \\\\{")
    for value in (one.value for one in section.arguments):
        if section.name != "equals" and _is_no_text(value):
            raise _RefusedError(value.at, f"{section.name}: this must be a string", "put it in quotes")


def _is_no_pattern(value: Expression) -> bool:
    """Whether Java refuses it: also a brace that repeats nothing."""
    try:
        return isinstance(value, Text) and (re.compile(value.value).groups < 0 or value.value[:1] == "{")
    except re.error:
        return True


def _is_no_text(value: Expression) -> bool:
    return type(value).__name__ in ("Number", "ListLiteral", "MapLiteral", "Closure")


def _asked(section: Section, remarks: Remarks) -> Asked:
    """What only the run can decide; whatever of it cannot be run is a finding."""
    body = section.body or tuple(one.value for one in section.arguments)
    if len(body) == 1 and isinstance(body[0], Closure):
        body = body[0].body
    check(body, remarks.file, remarks)
    return Asked(section)


def _plain(section: Section, unknown: Unknown) -> str:
    if section.name == "expression":
        return _said(_only(section), unknown)
    return _PLAIN[section.name](section, unknown) if section.name in _PLAIN else _later()


def _later() -> str:
    raise _LaterError


def _pattern(section: Section, _unknown: Unknown) -> str:
    """A branch or a tag that fits; one that there is not fits nothing."""
    comparator = _named(section).get("comparator", Text("GLOB", section.at))
    if section.name == "tag" and not section.arguments:
        return "tag"
    value = _text(section, "pattern")
    if not isinstance(comparator, Text) or comparator.value not in ("GLOB", "EQUALS") or "[" in value:
        raise _LaterError
    if comparator.value == "EQUALS":
        return f"{section.name} == {_quoted(value)}"
    parts = [part if part == "**" else re.sub(r"\*+", "*", part) for part in value.split("/")]
    test = f"{section.name} like {_quoted('/'.join(parts))}"
    return f"({section.name} and {test})" if not value.strip("*/") else test


def _cause(section: Section, _unknown: Unknown) -> str:
    cause = _text(section, "cause")
    if cause not in EVENTS or len(section.arguments) > 1:
        raise _LaterError
    return f"event == {EVENTS[cause]}"


def _request(section: Section, _unknown: Unknown) -> str:
    return _later() if section.arguments else "event == pull_request"


def _environment(section: Section, unknown: Unknown) -> str:
    given = _named(section)
    name = given.get("name")
    if given.keys() != {"name", "value"} or not isinstance(name, Text):
        raise _LaterError
    return _compared(_subject(name.value, unknown), "==", given["value"], unknown)


def _equals(section: Section, unknown: Unknown) -> str:
    given = _named(section)
    return _compared(_variable(given["actual"], unknown), "==", given["expected"], unknown)


def _said(value: Expression, unknown: Unknown) -> str:
    if isinstance(value, Binary) and value.operator in _WORDS:
        word = _WORDS[value.operator]
        return f"({_said(value.left, unknown)} {word} {_said(value.right, unknown)})"
    if isinstance(value, Unary) and value.operator == "!":
        return f"not {_said(value.operand, unknown)}"
    if isinstance(value, Binary) and value.operator in _SIGNS:
        left, right = value.left, value.right
        if isinstance(left, Text | Constant):
            left, right = right, left
        return _compared(_variable(left, unknown), _SIGNS[value.operator], right, unknown)
    subject = _variable(value, unknown)
    return f"{subject} == true" if subject[1:] in unknown.booleans else subject


def _variable(value: Expression, unknown: Unknown) -> str:
    if isinstance(value, Name) and value.text in unknown.given:
        return _subject(value.text, unknown)
    if (
        isinstance(value, Property)
        and isinstance(value.target, Name)
        and value.target.text in ("env", "params")
        and isinstance(value.name, str)
    ):
        return _subject(value.name, unknown)
    raise _LaterError


def _subject(name: str, unknown: Unknown) -> str:
    if name in _SUBJECTS and name not in unknown.names:
        return _SUBJECTS[name]
    if name in unknown.names or name in NAMES or not re.fullmatch(r"\w+", name):
        raise _LaterError
    return f"${name}"


def _compared(subject: str, sign: str, value: Expression, unknown: Unknown) -> str:
    if isinstance(value, Constant) and value.value is None:
        return subject if sign == "!=" else f"not {subject}"
    if isinstance(value, Constant) and subject[1:] in unknown.booleans:
        return f"{subject} {sign} {'true' if value.value else 'false'}"
    if not isinstance(value, Text):
        raise _LaterError
    return f"{subject} {sign} {_quoted(value.value)}"


def _quoted(value: str) -> str:
    quote = '"' if '"' not in value else "'"
    if quote in value:
        raise _LaterError
    return f"{quote}{value}{quote}"


def _named(section: Section) -> dict[str, Expression]:
    return {one.name: one.value for one in section.arguments if isinstance(one.name, str)}


def _text(section: Section, main: str) -> str:
    """The text of the main argument, which may go without its name."""
    unnamed = [one.value for one in section.arguments if one.name is None]
    value = unnamed[0] if len(unnamed) == 1 else _named(section).get(main)
    if not isinstance(value, Text):
        raise _LaterError
    return value.value


def _only(section: Section) -> Expression:
    body: tuple[Statement, ...] = section.body or ()
    if len(body) == 1:
        first = body[0]
        value = first.value if isinstance(first, Leave) and first.word == "return" else first
        if isinstance(value, Binary | Unary | Name | Property):
            return value
    raise _LaterError


_PLAIN: dict[str, Callable[[Section, Unknown], str]] = {
    "branch": _pattern,
    "tag": _pattern,
    "buildingTag": lambda _section, _unknown: "tag",
    "changeRequest": _request,
    "triggeredBy": _cause,
    "environment": _environment,
    "equals": _equals,
}
