"""The conditions of a job in the language of `when`, as far as it can say them. Pure."""

from __future__ import annotations

from seatrial.pipeline import condition
from seatrial.pipeline.dialects.travis.conditions import (
    Comparison,
    Condition,
    Every,
    Not,
    Some,
    Subject,
    Text,
)
from seatrial.pipeline.dialects.travis.decision import NO_BRANCH, Decision

_EVENTS = {"push": "push", "pull_request": "pull_request", "cron": "schedule", "api": "manual"}


class _Unsayable(Exception):  # noqa: N818 - it never leaves this file
    """A part of a condition that `when` has no words for."""


def when_of(decision: Decision) -> str | None:
    """The condition of a stage; None where it cannot be said."""
    try:
        parts = tuple(_said(one) for _, one in decision.asked.conditions)
        text = condition.written(parts[0] if len(parts) == 1 else condition.Every(parts))
        condition.parse(text)
    except (_Unsayable, condition.ConditionError):
        return None
    return text


def _said(one: Condition) -> condition.Condition:
    if isinstance(one, Every):
        return condition.Every(tuple(map(_said, one.parts)))
    if isinstance(one, Some):
        known = tuple(
            part for part in one.parts if part != NO_BRANCH
        )  # elsewhere a run has a branch, or a tag
        return _said(known[0]) if len(known) == 1 else condition.Some(tuple(map(_said, known)))
    if isinstance(one, Not):
        return condition.Not(_said(one.inner))
    if isinstance(one, Comparison) and isinstance(one.left, Subject):
        return _compared(one.left.name, one)
    raise _Unsayable


def _compared(subject: str, one: Comparison) -> condition.Condition:
    if one.sign in ("present", "blank") and subject in ("branch", "tag"):
        has_value = condition.Compare(subject)
        return has_value if one.sign == "present" else condition.Not(has_value)
    values = [value.text for value in one.right if isinstance(value, Text)]
    if len(values) < len(one.right) or one.sign not in ("=", "in", "~") or not values:
        raise _Unsayable
    tests = tuple(_one(subject, one.sign, value) for value in values)
    return tests[0] if len(tests) == 1 else condition.Some(tests)


def _one(subject: str, sign: str, value: str) -> condition.Condition:
    if subject == "type" and sign != "~" and value in _EVENTS:
        return condition.Compare("event", "==", _EVENTS[value])
    if subject not in ("branch", "tag"):
        raise _Unsayable
    how = condition.MATCHES if sign == "~" else "=="
    test = condition.Compare(subject, how, value)
    if subject == "tag" or sign != "~":
        return test
    return condition.Some((test, condition.Compare("tag", how, value)))  # Travis has a tag as a branch
