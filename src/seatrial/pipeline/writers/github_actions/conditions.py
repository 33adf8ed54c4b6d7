"""Conditions as expressions of GitHub, and texts in which GitHub sees none. Pure."""

from __future__ import annotations

import re

from seatrial.pipeline.condition import MATCHES, Changes, Compare, Condition, Every, Not
from seatrial.pipeline.writers.expressions import Affix, affixes
from seatrial.pipeline.writers.source import all_said

_EVENTS = {
    "push": "push",
    "pull_request": "pull_request",
    "schedule": "schedule",
    "manual": "workflow_dispatch",
}


def literal(text: str) -> str:
    """A text in which GitHub sees no expression of its own."""
    return text.replace("${{", "${{ '${{' }}")


def string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def expression(condition: Condition) -> str | None:
    """The condition as GitHub reads it; None where it cannot be said there."""
    if isinstance(condition, Compare):
        return _comparison(condition)
    if isinstance(condition, Changes):
        return None
    if isinstance(condition, Not):
        inner = expression(condition.inner)
        return None if inner is None else f"!({inner})"
    said = all_said(condition.parts, expression)
    word = " && " if isinstance(condition, Every) else " || "
    return None if said is None else word.join(f"({part})" for part in said)


def _comparison(test: Compare) -> str | None:
    if test.subject == "event":
        return _event(test)
    if test.subject not in ("branch", "tag"):
        return None
    prefix = "refs/heads/" if test.subject == "branch" else "refs/tags/"
    if test.sign == MATCHES:
        found = affixes(test.value)
        return None if found is None else " || ".join(_affix(prefix, one) for one in found)
    if not test.sign:
        return f"startsWith(github.ref, '{prefix}')"
    ref = f"'{prefix}{test.value.replace(chr(39), chr(39) * 2)}'"
    if test.sign in ("==", "!="):
        return f"github.ref {test.sign} {ref}" if test.value else None
    start = ref.removesuffix("**'") + "'"
    if not ref.endswith("**'") or re.search(r"[*?\[]", start):
        return None
    return f"{'!' if test.sign == '!~' else ''}startsWith(github.ref, {start})"


def _affix(prefix: str, one: Affix) -> str:
    """What begins, ends or holds a text there; the whole reference begins with what kind it is."""
    if not one.is_open_before:
        whole = string(f"{prefix}{one.text}")
        return f"startsWith(github.ref, {whole})" if one.is_open_after else f"github.ref == {whole}"
    name = f"startsWith(github.ref, '{prefix}')"
    if not one.text:
        return name
    word = "contains" if one.is_open_after else "endsWith"
    return f"({name} && {word}(github.ref_name, {string(one.text)}))"


def _event(test: Compare) -> str | None:
    if test.sign not in ("==", "!="):
        return None
    return f"github.event_name {test.sign} '{_EVENTS[test.value]}'"
