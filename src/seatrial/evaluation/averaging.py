"""Precision, recall and F1 as one: which average, or which class, and which method goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.evaluation.counts import BASELINE, CANDIDATE, LABEL, Counts, margins
from seatrial.evaluation.metrics import accuracy
from seatrial.evaluation.significance import delta
from seatrial.evaluation.significance.rates import MACRO, WEIGHTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from seatrial.evaluation.counts import Margins
    from seatrial.evaluation.significance.estimate import Estimate
    from seatrial.evaluation.significance.rates import PerClass

    Rate = Callable[[Margins], PerClass]

MICRO = "micro"
OPTIONS = (MACRO, MICRO, WEIGHTED)


def value(rate: Rate, statistics: Counts, option: str, side: int = CANDIDATE) -> float | None:
    how = option or MACRO
    if how == MICRO:  # every example has one label and one prediction, so all three are the accuracy
        return accuracy.value(statistics, "") if side == CANDIDATE else accuracy.baseline(statistics, "")
    if how in OPTIONS:
        return delta.rate_value(rate, statistics, how, side=side)
    index = statistics.labels.index(how)
    if not _denominator(rate, statistics, index, side):
        return None
    return delta.rate_value(rate, statistics, "", index, side)


def interval(rate: Rate, statistics: Counts, option: str, alpha: float) -> Estimate:
    """Of an average: micro, macro or weighted."""
    how = option or MACRO
    if how == MICRO:
        return accuracy.interval(statistics, "", alpha)
    return delta.rate_interval(rate, statistics, how, alpha)


def difference(rate: Rate, statistics: Counts, option: str, factor: float, alpha: float) -> Estimate | None:
    how = option or MACRO
    if how == MICRO:
        return accuracy.difference(statistics, "", factor, alpha)
    if how in OPTIONS:
        return delta.rate_difference(rate, statistics, how, -1, factor, alpha)
    index = statistics.labels.index(how)
    if not all(_denominator(rate, statistics, index, side) for side in (CANDIDATE, BASELINE)):
        return None
    return delta.rate_difference(rate, statistics, "", index, factor, alpha)


def is_class(option: str) -> bool:
    return bool(option) and option not in OPTIONS


def of_class(statistics: Counts, option: str) -> tuple[int, int, int]:
    """Of one class: predicted rightly, predicted wrongly as it, missed."""
    index = statistics.labels.index(option)
    found = margins(statistics)
    right = int(found.right[index])
    return right, int(found.predicted[index]) - right, int(found.actual[index]) - right


def examples_of_class(statistics: Counts, option: str) -> Counts:
    """The counts of the examples whose label is this class."""
    inside = statistics.cells[LABEL] == statistics.labels.index(option)
    return Counts(statistics.labels, statistics.cells[:, inside], statistics.number[inside])


def _denominator(rate: Rate, statistics: Counts, index: int, side: int) -> bool:
    """Whether the rate of this class is defined: its derivative by the right ones is 1 / denominator."""
    return bool(rate(margins(statistics, side)).by_right[index] > 0)
