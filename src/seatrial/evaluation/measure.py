"""One metric on one part of the evidence, as a record."""

from __future__ import annotations

from math import isfinite
from typing import Any

from seatrial.evaluation.evidence import ALL, Evidence, Part, text_of
from seatrial.evaluation.gate import measured
from seatrial.evaluation.metric import SCORES, Metric, class_of
from seatrial.evaluation.significance.estimate import Estimate, point
from seatrial.evaluation.verdict import Measurement


def finite(value: float | None) -> float | None:
    """A number that can be written down; None for one that is unbounded."""
    return float(value) if value is not None and isfinite(value) else None


def measure(
    evidence: Evidence,
    found: Metric,
    option: str,
    part: Part = ALL,
    alpha: float | None = 0.05,
    *,
    environment: str = "",
) -> Measurement:
    """The value with its interval and, with an environment, the paired difference from its revision.

    `alpha` is None for the values alone.
    """
    blank = Measurement(measured(found.NAME, option), text_of(part), environment=environment)
    statistic = evidence.statistic(found.STATISTIC, option, part, environment)
    if statistic is None or not statistic.n:
        scores = found.STATISTIC == SCORES and statistic is None
        return blank._replace(reason="there are no scores" if scores else "there are no examples")
    estimate = _estimate(found, statistic, option, alpha)
    if estimate is None:
        return blank._replace(reason=_reason(found, option), n=0)
    whole = blank._replace(
        n=estimate.n,
        estimate=finite(estimate.value),
        low=finite(estimate.low),
        high=finite(estimate.high),
        method=estimate.method,
        statement=estimate.statement,
    )
    return _beside(whole, found, statistic, option, alpha) if environment else whole


def _estimate(found: Metric, statistic: Any, option: str, alpha: float | None) -> Estimate | None:
    if alpha is not None:
        return found.interval(statistic, option, alpha)
    value = found.value(statistic, option)
    return None if value is None else point(value, statistic.n)


def _beside(
    alone: Measurement, found: Metric, statistic: Any, option: str, alpha: float | None
) -> Measurement:
    theirs = found.baseline(statistic, option)
    if theirs is None or alone.estimate is None:
        return alone._replace(reason=_reason(found, option))
    if alpha is None:
        gap: Estimate | None = point(alone.estimate - theirs, statistic.n)
    else:
        gap = found.difference(statistic, option, 1.0, alpha)
    if gap is None:
        return alone._replace(baseline=finite(theirs), reason=_reason(found, option))
    return alone._replace(
        baseline=finite(theirs),
        difference=finite(gap.value),
        difference_low=finite(gap.low),
        difference_high=finite(gap.high),
        difference_method=gap.method,
    )


def _reason(found: Metric, option: str) -> str:
    if option and option not in found.OPTIONS:
        return f"there is nothing of the class {class_of(option)!r} to count"
    return "it has no value on these examples"
