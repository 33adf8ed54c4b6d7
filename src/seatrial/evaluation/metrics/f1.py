"""The harmonic mean of precision and recall."""

from __future__ import annotations

from seatrial.evaluation.averaging import (  # noqa: F401 - a metric has them
    BOUNDS,
    HIGHER_IS_BETTER,
    OPTIONS,
    STATISTIC,
    TAKES_CLASS,
    TASKS,
    Averaged,
)
from seatrial.evaluation.significance import rates
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.proportion import f1_of_one_class

NAME = "f1"


def _of_class(right: int, wrong: int, missed: int, alpha: float) -> Estimate | None:
    return f1_of_one_class(right, wrong, missed, alpha) if right + wrong + missed else None


_METRIC = Averaged(rates.f1, _of_class)
value, baseline, interval, difference = _METRIC.value, _METRIC.baseline, _METRIC.interval, _METRIC.difference
