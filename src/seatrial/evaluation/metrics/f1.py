"""The harmonic mean of precision and recall."""

from __future__ import annotations

from seatrial.evaluation import averaging
from seatrial.evaluation.counts import BASELINE, Counts
from seatrial.evaluation.metric import CLASSIFICATION, COUNTS
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.proportion import f1_of_one_class
from seatrial.evaluation.significance.rates import f1 as rate

NAME = "f1"
TASKS = (CLASSIFICATION,)
HIGHER_IS_BETTER = True
STATISTIC = COUNTS
BOUNDS = (0.0, 1.0)
OPTIONS = averaging.OPTIONS
TAKES_CLASS = True


def value(statistics: Counts, option: str) -> float | None:
    return averaging.value(rate, statistics, option)


def interval(statistics: Counts, option: str, alpha: float) -> Estimate | None:
    if not averaging.is_class(option):
        return averaging.interval(rate, statistics, option, alpha)
    right, wrong, missed = averaging.of_class(statistics, option)
    return f1_of_one_class(right, wrong, missed, alpha) if right + wrong + missed else None


def baseline(statistics: Counts, option: str) -> float | None:
    return averaging.value(rate, statistics, option, BASELINE)


def difference(statistics: Counts, option: str, factor: float, alpha: float) -> Estimate | None:
    return averaging.difference(rate, statistics, option, factor, alpha)
