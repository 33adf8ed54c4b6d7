"""Of the examples of a class, the share that are predicted as it."""

from __future__ import annotations

from seatrial.evaluation import averaging
from seatrial.evaluation.counts import BASELINE, Counts
from seatrial.evaluation.metric import CLASSIFICATION, COUNTS
from seatrial.evaluation.metrics import accuracy
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.proportion import proportion
from seatrial.evaluation.significance.rates import recall as rate

NAME = "recall"
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
    right, _wrong, missed = averaging.of_class(statistics, option)
    return proportion(right, right + missed, alpha) if right + missed else None


def baseline(statistics: Counts, option: str) -> float | None:
    return averaging.value(rate, statistics, option, BASELINE)


def difference(statistics: Counts, option: str, factor: float, alpha: float) -> Estimate | None:
    """Of one class it is a difference of proportions on the same examples, those of the class."""
    if averaging.is_class(option) and factor == 1:
        inside = averaging.examples_of_class(statistics, option)
        return accuracy.difference(inside, "", factor, alpha) if inside.n else None
    return averaging.difference(rate, statistics, option, factor, alpha)
