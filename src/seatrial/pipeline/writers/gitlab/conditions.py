"""Conditions as GitLab's `rules` have them. Pure."""

from __future__ import annotations

import re
from functools import partial

from seatrial.patterns import compiled
from seatrial.pipeline.condition import MATCHES, Changes, Compare, Condition, Every, Not
from seatrial.pipeline.writers.expressions import slashed
from seatrial.pipeline.writers.source import all_said

_EVENTS = {"push": "push", "pull_request": "merge_request_event", "schedule": "schedule", "manual": "web"}
_SUBJECTS = {"branch": "$CI_COMMIT_BRANCH", "tag": "$CI_COMMIT_TAG"}
_OPPOSITE = {"==": "!=", "!=": "==", "=~": "!~", "!~": "=~"}


def expression(condition: Condition) -> str | None:
    """The condition as GitLab reads it; None where it cannot be said there. GitLab has no `not`."""
    return _said(condition, is_not=False)


def _said(condition: Condition, *, is_not: bool) -> str | None:
    if isinstance(condition, Changes):
        return None
    if isinstance(condition, Compare):
        return _comparison(condition, is_not=is_not)
    if isinstance(condition, Not):
        return _said(condition.inner, is_not=not is_not)
    said = all_said(condition.parts, partial(_said, is_not=is_not))
    word = " && " if isinstance(condition, Every) != is_not else " || "
    return None if said is None else word.join(f"({part})" for part in said)


def _comparison(test: Compare, *, is_not: bool) -> str | None:
    if test.subject == "event" and test.sign in ("==", "!="):
        sign = _OPPOSITE[test.sign] if is_not else test.sign
        return f'$CI_PIPELINE_SOURCE {sign} "{_EVENTS[test.value]}"'
    if test.subject not in _SUBJECTS:
        return None
    variable = _SUBJECTS[test.subject]
    if not test.sign:
        return f"{variable} == null" if is_not else f"{variable} != null"
    if test.sign == MATCHES:
        expression = slashed(test.value)
        return expression and f"{variable} {'!~' if is_not else '=~'} {expression}"
    sign = _OPPOSITE[test.sign] if is_not else test.sign
    if sign in ("==", "!="):
        return f'{variable} {sign} "{test.value}"' if test.value and '"' not in test.value else None
    pattern = _regular(test.value)
    return None if pattern is None else f"{variable} {sign} /{pattern}/"


def _regular(pattern: str) -> str | None:
    """The pattern as a regular expression of RE2; None where it has what this does not know."""
    words = re.findall(r"\*\*|\*|\?|[^*?]", pattern)
    if "[" in pattern or not compiled(pattern) or re.search(r"(?:^|/)\*\*/", pattern):
        return None
    known = {"**": ".*", "*": "[^\\/]*", "?": "[^\\/]", "/": "\\/"}
    return "^" + "".join(known.get(word) or re.escape(word) for word in words) + "$"
