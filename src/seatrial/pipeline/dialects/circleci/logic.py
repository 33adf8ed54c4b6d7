"""Conditions and filters, as conditions of seatrial; True and False where the file alone decides."""

from __future__ import annotations

import re

from seatrial.pipeline.condition import (
    MATCHES,
    Compare,
    Condition,
    ConditionError,
    Every,
    Not,
    Some,
    parse,
    written,
)
from seatrial.pipeline.dialects.circleci import sentences
from seatrial.pipeline.dialects.circleci.expressions import Reader, value_of
from seatrial.pipeline.dialects.circleci.nodes import MARK, text, texts
from seatrial.pipeline.expensive import is_expensive
from seatrial.pipeline.finding import error
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence, entries, items

Test = Condition | bool

_FALSY = frozenset(("", "false", "null", "~", "0", "no", "off", "False", "FALSE", "Null", "NULL"))
_FORMS = "one of and, or, not, equal, matches"
# What of a run a condition of seatrial asks about by a word of its own.
_SUBJECTS = {"CIRCLE_BRANCH": "branch", "CIRCLE_TAG": "tag"}
_SOURCES = {
    "scheduled_pipeline": True,
    "schedule": True,
    "webhook": False,
}  # whether a schedule is what starts
SCHEDULED = Compare("event", "==", "schedule")
_ON_BRANCH, _TAGGED = Compare("branch"), Compare("tag")


def test_of(node: Node, reader: Reader) -> Test:
    """Whether the condition holds, as far as the file alone decides it."""
    if isinstance(node, Scalar):
        return _scalar(node, reader)
    if isinstance(node, Sequence):
        return bool(node.items)
    parts = entries(node)
    if len(parts) != 1:
        reader.findings.append(error(node.place, f"a condition is {_FORMS}"))
        return True
    (name, value), *_ = parts.items()
    if name in ("and", "or"):
        join = every if name == "and" else some
        return join([test_of(item, reader) for item in items(value)])
    if name == "not":
        return negated(test_of(value, reader))
    if name == "equal":
        return _equal(value, reader)
    if name == "matches":
        return _matches(value, reader)
    reader.findings.append(error(node.place, f"`{name}` is no condition", _FORMS))
    return True


def every(tests: list[Test]) -> Test:
    parts = [part for one in tests for part in (one.parts if isinstance(one, Every) else (one,))]
    open_ = tuple(dict.fromkeys(one for one in parts if not isinstance(one, bool)))
    if False in parts:
        return False
    said = tuple(one for one in open_ if not (isinstance(one, Some) and _is_implied(one, open_)))
    return (said[0] if len(said) == 1 else Every(said)) if said else True


def _is_implied(test: Some, others: tuple[Condition, ...]) -> bool:
    """Whether another condition holds only where this one does: a branch of a certain name is one."""
    return any(other is not test and _implies(other, test) for other in others)


def _implies(one: Condition, test: Some) -> bool:
    if isinstance(one, Some):
        return all(_implies(part, test) for part in one.parts)
    names_branch = isinstance(one, Compare) and one.subject == "branch" and one.sign == "==" and one.value
    return one in test.parts or bool(names_branch and _ON_BRANCH in test.parts)


def some(tests: list[Test]) -> Test:
    parts = [part for one in tests for part in (one.parts if isinstance(one, Some) else (one,))]
    open_ = tuple(dict.fromkeys(one for one in parts if not isinstance(one, bool)))
    if True in parts:
        return True
    return (open_[0] if len(open_) == 1 else Some(open_)) if open_ else False


def negated(test: Test) -> Test:
    if isinstance(test, bool):
        return not test
    if isinstance(test, Compare) and test.subject == "event":
        return test._replace(sign="==" if test.sign == "!=" else "!=")
    return test.inner if isinstance(test, Not) else Not(test)


def when_of(test: Test, node: Node, reader: Reader) -> str:
    """The `when` of a stage; what cannot be asked before it starts is a finding."""
    if isinstance(test, bool):
        return ""
    said = written(test)
    if said and _is_too_deep(said):
        reader.findings.append(error(node.place, "the filters of what this waits for are too involved"))
        return ""
    if not said or "$" in {subject[:1] for subject in _subjects(test)}:
        message = "what decides whether a job runs is its branch, its tag and the parameters alone"
        reader.findings.append(error(node.place, message))
        return ""
    return said


def _is_too_deep(said: str) -> bool:
    try:
        parse(said)
    except ConditionError:
        return True
    return False


def _subjects(test: Condition) -> set[str]:
    if isinstance(test, Every | Some):
        return {name for part in test.parts for name in _subjects(part)}
    if isinstance(test, Not):
        return _subjects(test.inner)
    return {test.subject} if isinstance(test, Compare) else set()


def _scalar(node: Scalar, reader: Reader) -> Test:
    if MARK in node.text:
        return _asked(node.text, "", "") if _is_whole(node.text) else True
    if reader.modern and sentences.is_one(node.text):
        return _sentence(sentences.parse(node, reader.findings), node, reader)
    return node.text not in _FALSY


def _sentence(said: sentences.Sentence, node: Scalar, reader: Reader) -> Test:
    if isinstance(said, sentences.Joined):
        join = every if said.word == "and" else some
        return join([_sentence(part, node, reader) for part in said.parts])
    if isinstance(said, sentences.Negated):
        return negated(_sentence(said.inner, node, reader))
    left, right = (_operand(one, node, reader) for one in (said.left, said.right))
    if not said.sign:
        return _asked(left, "", "") if MARK in left else left not in _FALSY
    if said.sign in ("==", "!="):
        found = _same(left, right, node, reader)
        return found if said.sign == "==" else negated(found)
    ends = {"starts-with": f"^{re.escape(right)}", "ends-with": f"{re.escape(right)}$"}
    return _found(ends.get(said.sign, right), left, node, reader)


def _operand(said: sentences.Operand, node: Scalar, reader: Reader) -> str:
    return text(value_of(said.text, node.place, {}, reader)) if said.is_name else said.text


def _is_whole(said: str) -> bool:
    """Whether a text is one value that only the run knows, and nothing else."""
    return said.count(MARK) == 2 and said[0] == said[-1] == MARK


def _asked(said: str, sign: str, value: str) -> Test:
    """A question about a variable that only the run knows: a tag counts only where there is no branch."""
    name = said.strip(MARK)
    if name == "CIRCLE_TRIGGER_SOURCE":
        by_schedule = _SOURCES.get(value)
        return not value if by_schedule is None else SCHEDULED if by_schedule else negated(SCHEDULED)
    subject = _SUBJECTS.get(name, f"${name}")
    if subject == "tag":
        if sign == "==" and not value:
            return Some((_ON_BRANCH, Not(_TAGGED)))
        return Every((Not(_ON_BRANCH), Compare("tag", sign, value)))
    return Not(Compare(subject)) if sign == "==" and not value else Compare(subject, sign, value)


def _equal(node: Node, reader: Reader) -> Test:
    said = [text(value) for value in items(node)]
    return every([_same(said[0], one, node, reader) for one in said[1:]])


def _same(one: str, other: str, node: Node, reader: Reader) -> Test:
    if MARK not in one + other or one == other:
        return one == other
    asked, value = (one, other) if MARK in one else (other, one)
    if MARK in value or not _is_whole(asked):
        reader.findings.append(error(node.place, "only one whole value that the run knows can be compared"))
        return True
    return _asked(asked, "==", value)


def _matches(node: Node, reader: Reader) -> Test:
    parts = entries(node)
    pattern = text(parts.get("pattern"))
    if not isinstance(node, Mapping) or "value" not in parts or "pattern" not in parts:
        reader.findings.append(error(node.place, "`matches` wants a `pattern` and a `value`"))
        return True
    bare = pattern[1:-1] if len(pattern) > 1 and pattern[0] == pattern[-1] == "/" else pattern
    return _found(bare, text(parts["value"]), node, reader)


def _found(pattern: str, value: str, node: Node, reader: Reader) -> Test:
    said = pattern_of(pattern)
    if said is None or MARK in pattern or (MARK in value and not _is_whole(value)):
        reader.findings.append(error(node.place, f"the pattern {pattern} cannot be read"))
        return True
    if MARK in value:
        return _asked(value, MATCHES, said)
    if is_expensive(said, value):
        reader.findings.append(error(node.place, f"the pattern {pattern} may take for ever on this text"))
        return True
    return re.search(said, value) is not None


def filter_of(node: Node | None, reader: Reader) -> Test:
    """Whether filters let a job run: for a tag only where they name tags."""
    if isinstance(node, Scalar):
        return test_of(node, reader)
    parts = entries(node)
    branch = _side(parts.get("branches"), "branch", reader)
    tag = _side(parts["tags"], "tag", reader) if "tags" in parts else False
    if branch is tag is True:
        return True
    is_named = isinstance(branch, Compare) and branch.sign == "=="  # so there is a branch
    on_branch = branch if is_named else every([Some((_ON_BRANCH, Not(_TAGGED))), branch])
    return some([on_branch, every([Not(_ON_BRANCH), _TAGGED, tag])])


def _side(node: Node | None, subject: str, reader: Reader) -> Test:
    parts = entries(node)
    if "only" in parts:
        return some([_fits(one, subject, parts["only"], reader) for one in texts(parts["only"])])
    if "ignore" in parts:
        tests = [_fits(one, subject, parts["ignore"], reader) for one in texts(parts["ignore"])]
        return negated(some(tests))
    return some([_fits(one, subject, node, reader) for one in texts(node)]) if node and texts(node) else True


def _fits(pattern: str, subject: str, node: Node, reader: Reader) -> Test:
    """A text is the whole name; an expression between slashes fits the whole of it."""
    if len(pattern) < 2 or pattern[0] != "/" or pattern[-1] != "/":
        return Compare(subject, "==", pattern)
    if pattern == "/.*/":
        return True
    said = pattern_of(pattern[1:-1])
    if said is None or MARK in pattern:
        reader.findings.append(error(node.place, f"the pattern {pattern} cannot be read"))
        return True
    return Compare(subject, MATCHES, f"^(?:{said})$")


def pattern_of(pattern: str) -> str | None:
    """A regular expression of Java as Python reads it; None for what it cannot say."""
    said = re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", pattern)
    try:
        re.compile(said)
    except (re.error, RecursionError, OverflowError):
        return None
    return said
