"""Verdicts: pass, fail, inconclusive, error, not applicable. Pure.

A gate passes when the whole interval is on the right side, fails when it is wholly on the wrong side, and is
inconclusive otherwise. To pass, all gates must (an intersection-union test, Berger 1982: each at its own
level, no correction); a failure claimed among many is corrected (Holm 1979). No data is inconclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seatrial.errors import BadInput, Place
from seatrial.named_tuple import NamedTuple

PASS = "pass"  # noqa: S105 - a verdict
FAIL = "fail"
INCONCLUSIVE = "inconclusive"
ERROR = "error"
NOT_APPLICABLE = "not applicable"

# What an inconclusive verdict does.
REFUSE, ASK, ACCEPT = "refuse", "ask", "accept"
POLICIES = (REFUSE, ASK, ACCEPT)

POINT = "point"
_DEFAULT_ALPHA = 0.05
_ROUNDING = 1e-12  # of some sums and quotients of floats, relative to them


class Measurement(NamedTuple):
    """A metric on some examples, perhaps beside a baseline's on the same ones.

    Numbers are None where they do not exist; `reason` says why. `difference` is candidate less baseline.
    """

    metric: str  # as a gate writes it: "f1", "f1(positive)"
    slice: str = ""  # "domain=tweets"; "" = all examples
    n: int = 0  # what the method counts
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    method: str = ""
    environment: str = ""  # of the baseline; "" = not compared
    baseline: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    difference_method: str = ""
    reason: str = ""
    statement: str = ""  # something else that the numbers say


class Check(NamedTuple):
    """One gate on one slice.

    `low` and `high` are where the candidate's value may lie, relative to `bound`: for a gate against a
    baseline the paired difference's interval, moved to the candidate's value.
    """

    slice: str
    verdict: str
    reason: str
    measurement: Measurement
    bound: float | None = None
    low: float | None = None
    high: float | None = None
    more: int | None = None  # about how many more examples would decide


class GateResult(NamedTuple):
    gate: str  # its text
    place: Place
    verdict: str
    reason: str
    checks: tuple[Check, ...] = ()


class Judgement(NamedTuple):
    """What all gates together say. `needs_first`: no absolute gate judged it, so only a first release may."""

    verdict: str
    reason: str
    needs_first: bool = False


def alpha_of(confidence: str) -> float | None:
    """The level of the two-sided intervals: .05 for "" and "95%"; None for "point"."""
    if not confidence:
        return _DEFAULT_ALPHA
    if confidence == POINT:
        return None
    try:
        percent = float(confidence.removesuffix("%"))
    except ValueError:
        percent = 0.0
    if not confidence.endswith("%") or not 50 <= percent < 100:
        hint = "write a percentage from 50% to below 100%, or point"
        raise BadInput(f"{confidence!r} is no confidence", hint)
    return round(1 - percent / 100, 12)


def decide(comparison: str, low: float, high: float, bound: float, scale: float = 0.0) -> str:
    """On which side of `bound` an interval lies.

    A point that is `bound` but for rounding lies on it: 90% is 92% - 2pp. `scale` is the size of the numbers
    that it was computed from.
    """
    if low == high and abs(low - bound) <= _ROUNDING * scale:
        low = high = bound
    if comparison in ("<=", "<"):
        low, high, bound = -high, -low, -bound
    strict = comparison in (">", "<")
    if low > bound or (low == bound and not strict):
        return PASS
    return FAIL if high < bound or (high == bound and strict) else INCONCLUSIVE


def claimed(fails: Sequence[Callable[[float], bool]], alpha: float) -> list[bool]:
    """Which of several failures may be claimed so that any false claim is as rare as one (Holm 1979).

    Each of `fails` says whether its test fails at a level. All that fail at alpha / (how many are still
    open) are claimed, until no more are: the same as stepping down through the ordered p-values.
    """
    found = [False] * len(fails)
    while True:
        level = alpha / max(found.count(False), 1)
        now = [was or test(level) for was, test in zip(found, fails, strict=True)]
        if now == found:
            return found
        found = now


def combine_checks(checks: Sequence[Check]) -> tuple[str, str]:
    """The verdict of a gate from those of its slices, and why."""
    if not checks:
        return INCONCLUSIVE, "there are no examples"
    for verdict in (ERROR, FAIL, INCONCLUSIVE):
        found = [check for check in checks if check.verdict == verdict]
        if found:
            first = f"{found[0].slice}: {found[0].reason}" if found[0].slice else found[0].reason
            more = f" (and {len(found) - 1} more of {len(checks)} slices)" if len(found) > 1 else ""
            return verdict, first + more
    if len(checks) == 1:
        return PASS, checks[0].reason
    return PASS, f"all {len(checks)} slices pass"


def combine(results: Sequence[tuple[GateResult, bool]]) -> Judgement:
    """The verdict of all gates; each comes with whether it compares with a baseline.

    Where a gate was not applicable (a first release), one absolute gate must be left: else it is
    inconclusive, and `needs_first` says what would accept it.
    """
    if not results:
        return Judgement(NOT_APPLICABLE, "there are no gates: measured, not judged")
    judged = [result for result, _relative in results if result.verdict != NOT_APPLICABLE]
    for verdict in (ERROR, FAIL, INCONCLUSIVE):
        found = [result for result in judged if result.verdict == verdict]
        if found:
            return Judgement(verdict, _reason(found, len(judged)))
    absolute = any(not relative for result, relative in results if result.verdict == PASS)
    if len(judged) < len(results) and not absolute:
        reason = "there is nothing to compare with yet, and no gate has a bar of its own"
        return Judgement(INCONCLUSIVE, reason, needs_first=True)
    return Judgement(PASS, "the gate passes" if len(judged) == 1 else f"all {len(judged)} gates pass")


def _reason(found: Sequence[GateResult], judged: int) -> str:
    first = f"{found[0].gate}: {found[0].reason}"
    return first if len(found) == 1 else f"{first} (and {len(found) - 1} more of {judged} gates)"
