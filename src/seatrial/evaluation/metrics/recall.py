"""Of the examples of a class, the share that are predicted as it."""

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
from seatrial.evaluation.significance.proportion import proportion

NAME = "recall"


def _of_class(right: int, _wrong: int, missed: int, alpha: float) -> Estimate | None:
    return proportion(right, right + missed, alpha) if right + missed else None


_METRIC = Averaged(rates.recall, _of_class, counts_labels=True)
value, baseline, interval, difference = _METRIC.value, _METRIC.baseline, _METRIC.interval, _METRIC.difference
