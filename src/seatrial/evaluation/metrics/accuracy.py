"""The share of examples whose prediction is their label."""

from __future__ import annotations

from seatrial.evaluation.counts import BASELINE, CANDIDATE, LABEL, Counts
from seatrial.evaluation.metric import CLASSIFICATION, COUNTS
from seatrial.evaluation.significance import delta
from seatrial.evaluation.significance.difference import tango
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.proportion import proportion
from seatrial.evaluation.significance.rates import WEIGHTED, recall

NAME = "accuracy"
TASKS = (CLASSIFICATION,)
HIGHER_IS_BETTER = True
STATISTIC = COUNTS
BOUNDS = (0.0, 1.0)
OPTIONS = ("",)
TAKES_CLASS = False


def value(statistics: Counts, option: str) -> float:
    return _right(statistics, CANDIDATE) / statistics.n


def interval(statistics: Counts, option: str, alpha: float) -> Estimate:
    return proportion(_right(statistics, CANDIDATE), statistics.n, alpha)


def baseline(statistics: Counts, option: str) -> float:
    return _right(statistics, BASELINE) / statistics.n


def difference(statistics: Counts, option: str, factor: float, alpha: float) -> Estimate:
    """Tango's; with a factor it is no longer a difference of proportions, and the delta method does it."""
    if factor != 1:  # accuracy is the recall, weighted by how often each class occurs
        return delta.rate_difference(recall, statistics, WEIGHTED, -1, factor, alpha)
    label, ours, theirs = statistics.cells
    better = int(statistics.number[(label == ours) & (label != theirs)].sum())
    worse = int(statistics.number[(label != ours) & (label == theirs)].sum())
    return tango(better, worse, statistics.n, alpha)


def _right(statistics: Counts, side: int) -> int:
    return int(statistics.number[statistics.cells[LABEL] == statistics.cells[side]].sum())
