"""Of the examples predicted as a class, the share that are of it."""

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

NAME = "precision"


def _of_class(right: int, wrong: int, _missed: int, alpha: float) -> Estimate | None:
    return proportion(right, right + wrong, alpha) if right + wrong else None


_METRIC = Averaged(rates.precision, _of_class)
value, baseline, interval, difference = _METRIC.value, _METRIC.baseline, _METRIC.interval, _METRIC.difference
