"""Conditions and filters, as tests of a POSIX shell; "true" and "false" where the file alone decides."""

from __future__ import annotations

import re
from shlex import quote

from seatrial.pipeline.dialects.circleci.nodes import MARK, Findings, entries, items, text, texts, word
from seatrial.pipeline.finding import error
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence

TRUE, FALSE = "true", "false"
_FALSY = frozenset(("", "false", "null", "~", "0", "no", "off", "False", "FALSE", "Null", "NULL"))
_CLASSES = {"d": "0-9", "w": "[:alnum:]_", "s": "[:space:]"}


def test_of(node: Node, findings: Findings) -> str:
    """A command that succeeds where the condition holds."""
    if isinstance(node, Scalar):
        if MARK in node.text:
            return f"[ -n {word(node.text)} ]"
        return FALSE if node.text in _FALSY else TRUE
    if isinstance(node, Sequence):
        return TRUE if node.items else FALSE
    parts = entries(node)
    if len(parts) != 1:
        findings.append(error(node.place, "a condition is one of and, or, not, equal, matches"))
        return TRUE
    (name, value), *_ = parts.items()
    if name in ("and", "or"):
        join = every if name == "and" else some
        return join([test_of(item, findings) for item in items(value)])
    if name == "not":
        return negated(test_of(value, findings))
    if name == "equal":
        return _equal(items(value))
    if name == "matches":
        return _matches(value, findings)
    findings.append(error(node.place, f"`{name}` is no condition", "one of and, or, not, equal, matches"))
    return TRUE


def every(tests: list[str]) -> str:
    open_ = list(dict.fromkeys(one for one in tests if one != TRUE))
    if FALSE in open_:
        return FALSE
    return open_[0] if len(open_) == 1 else f"{{ {' && '.join(open_)}; }}" if open_ else TRUE


def some(tests: list[str]) -> str:
    open_ = list(dict.fromkeys(one for one in tests if one != FALSE))
    if TRUE in open_:
        return TRUE
    return open_[0] if len(open_) == 1 else f"{{ {' || '.join(open_)}; }}" if open_ else FALSE


def negated(test: str) -> str:
    if test in (TRUE, FALSE):
        return FALSE if test == TRUE else TRUE
    return f"{{ if {test}; then false; else true; fi; }}"


def _equal(values: tuple[Node, ...]) -> str:
    said = [text(value) for value in values]
    if all(isinstance(value, Scalar) for value in values) and not any(MARK in one for one in said):
        return TRUE if len(set(said)) < 2 else FALSE
    return every([TRUE if one == said[0] else f"[ {word(said[0])} = {word(one)} ]" for one in said[1:]])


def _matches(node: Node, findings: Findings) -> str:
    parts = entries(node)
    pattern = text(parts.get("pattern"))
    found = posix(pattern[1:-1] if len(pattern) > 1 and pattern[0] == pattern[-1] == "/" else pattern)
    if not isinstance(node, Mapping) or "value" not in parts or found is None:
        findings.append(error(node.place, "`matches` wants a `pattern` that can be read, and a `value`"))
        return TRUE
    return f"_circle_matches {word(text(parts['value']))} {quote(found)}"


def filter_of(node: Node | None, findings: Findings) -> str:
    """Whether filters let a job run: for a tag only where they name tags."""
    parts = entries(node)
    branch = _side(parts.get("branches"), "CIRCLE_BRANCH", findings)
    tag = _side(parts["tags"], "CIRCLE_TAG", findings) if "tags" in parts else FALSE
    if branch == tag == TRUE:
        return TRUE
    on_branch = every(['[ -z "${CIRCLE_TAG-}" ]', branch])
    return some([on_branch, every(['[ -n "${CIRCLE_TAG-}" ]', tag])])


def _side(node: Node | None, variable: str, findings: Findings) -> str:
    parts = entries(node)
    if "only" in parts:
        return some([_fits(one, variable, parts["only"], findings) for one in texts(parts["only"])])
    if "ignore" in parts:
        tests = [_fits(one, variable, parts["ignore"], findings) for one in texts(parts["ignore"])]
        return negated(some(tests))
    return TRUE


def _fits(pattern: str, variable: str, node: Node, findings: Findings) -> str:
    value = f'"${{{variable}-}}"'
    if len(pattern) < 2 or pattern[0] != "/" or pattern[-1] != "/":
        return f"[ {value} = {word(pattern)} ]"
    if pattern == "/.*/":
        return TRUE
    found = posix(pattern[1:-1])
    if found is None:
        findings.append(
            error(node.place, f"the pattern {pattern} cannot be read", "lookarounds are not read")
        )
        return TRUE
    return f"_circle_matches {value} {quote(f'^({found})$')}"


def posix(pattern: str) -> str | None:
    """A regular expression as `grep -E` reads it; None for what it cannot say."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    if MARK in pattern:
        return None
    pattern = pattern.replace("(?:", "(").replace("*?", "*").replace("+?", "+")
    if "(?" in pattern:
        return None
    found, at, inside = [], 0, False
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern):
            at += 1
            found.append(_escaped(pattern[at], inside))
        else:
            if character == "[" and not inside:
                inside = True
            elif character == "]" and inside:
                inside = False
            found.append(character)
        at += 1
    return "".join(found)


def _escaped(character: str, inside: bool) -> str:
    if character in _CLASSES:
        return _CLASSES[character] if inside else f"[{_CLASSES[character]}]"
    if character in "DWS" and not inside:
        return f"[^{_CLASSES[character.lower()]}]"
    if inside or character in "/-_":
        return character
    return character if character.isalnum() and character != "b" else f"\\{character}"
