"""Precision, recall and F1 as one: which average, or which class, and which method goes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from seatrial.evaluation.counts import BASELINE, CANDIDATE, LABEL, Counts, margins
from seatrial.evaluation.metric import CLASSIFICATION, COUNTS, class_of
from seatrial.evaluation.metrics import accuracy
from seatrial.evaluation.significance import delta
from seatrial.evaluation.significance.rates import MACRO, WEIGHTED
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from seatrial.evaluation.counts import Margins
    from seatrial.evaluation.significance.estimate import Estimate
    from seatrial.evaluation.significance.rates import PerClass

MICRO = "micro"

# What the three metrics say of themselves, see `metric.Metric`.
TASKS = (CLASSIFICATION,)
HIGHER_IS_BETTER = True
STATISTIC = COUNTS
BOUNDS = (0.0, 1.0)
OPTIONS = (MACRO, MICRO, WEIGHTED)
TAKES_CLASS = True


class Averaged(NamedTuple):
    """The four functions of such a metric.

    `of_class` gives the interval of one class, of how many examples were predicted rightly, predicted wrongly
    as it, and missed, at a level. `counts_labels`: of a class only the examples with its label count.
    """

    rate: Callable[[Margins], PerClass]
    of_class: Callable[[int, int, int, float], Estimate | None]
    counts_labels: bool = False

    def value(self, statistics: Counts, option: str) -> float | None:
        return self._value(statistics, option, CANDIDATE)

    def baseline(self, statistics: Counts, option: str) -> float | None:
        return self._value(statistics, option, BASELINE)

    def _value(self, statistics: Counts, option: str, side: int) -> float | None:
        how = option or MACRO
        if how == MICRO:  # every example has one label and one prediction, so all three are the accuracy
            return accuracy.value(statistics, "") if side == CANDIDATE else accuracy.baseline(statistics, "")
        if how in OPTIONS:
            return delta.rate_value(self.rate, statistics, how, side=side)
        index = _index(statistics, how)
        if not self._is_defined(statistics, index, side):
            return None
        return delta.rate_value(self.rate, statistics, "", index, side)

    def interval(self, statistics: Counts, option: str, alpha: float) -> Estimate | None:
        how = option or MACRO
        if how == MICRO:
            return accuracy.interval(statistics, "", alpha)
        if how in OPTIONS:
            return delta.rate_interval(self.rate, statistics, how, alpha)
        index, found = _index(statistics, how), margins(statistics)
        right = int(found.right[index])
        return self.of_class(
            right, int(found.predicted[index]) - right, int(found.actual[index]) - right, alpha
        )

    def difference(self, statistics: Counts, option: str, factor: float, alpha: float) -> Estimate | None:
        how = option or MACRO
        if how == MICRO:
            return accuracy.difference(statistics, "", factor, alpha)
        if how in OPTIONS:
            return delta.rate_difference(self.rate, statistics, how, -1, factor, alpha)
        index = _index(statistics, how)
        if self.counts_labels and factor == 1:  # a difference of proportions on the same examples
            inside = _examples_of(statistics, index)
            return accuracy.difference(inside, "", factor, alpha) if inside.n else None
        if not all(self._is_defined(statistics, index, side) for side in (CANDIDATE, BASELINE)):
            return None
        return delta.rate_difference(self.rate, statistics, "", index, factor, alpha)

    def _is_defined(self, statistics: Counts, index: int, side: int) -> bool:
        """Whether this class has a rate: its derivative by the right ones is 1 / denominator."""
        return bool(self.rate(margins(statistics, side)).by_right[index] > 0)


def _index(statistics: Counts, option: str) -> int:
    return statistics.labels.index(class_of(option))


def _examples_of(statistics: Counts, index: int) -> Counts:
    """The counts of the examples whose label is this class."""
    inside = statistics.cells[LABEL] == index
    return Counts(statistics.labels, statistics.cells[:, inside], statistics.number[inside])
