"""Of the examples predicted as a class, the share that are of it."""

from __future__ import annotations

from seatrial.evaluation import averaging
from seatrial.evaluation.counts import BASELINE, Counts
from seatrial.evaluation.metric import CLASSIFICATION, COUNTS
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.proportion import proportion
from seatrial.evaluation.significance.rates import precision as rate

NAME = "precision"
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
    right, wrong, _missed = averaging.of_class(statistics, option)
    return proportion(right, right + wrong, alpha) if right + wrong else None


def baseline(statistics: Counts, option: str) -> float | None:
    return averaging.value(rate, statistics, option, BASELINE)


def difference(statistics: Counts, option: str, factor: float, alpha: float) -> Estimate | None:
    return averaging.difference(rate, statistics, option, factor, alpha)
