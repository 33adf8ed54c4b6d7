"""The largest |prediction - label|, compared as it is; the confidence is about what was not seen."""

from __future__ import annotations

from seatrial.evaluation.metric import MOMENTS, REGRESSION
from seatrial.evaluation.moments import ABSOLUTE, BASE_ABSOLUTE, Moments
from seatrial.evaluation.significance.estimate import Estimate, point
from seatrial.evaluation.significance.means import exceeding_share

NAME = "max_error"
TASKS = (REGRESSION,)
HIGHER_IS_BETTER = False
STATISTIC = MOMENTS
BOUNDS = (0.0, float("inf"))
OPTIONS = ("",)
TAKES_CLASS = False


def value(statistics: Moments, option: str) -> float:
    return float(statistics.high[ABSOLUTE])


def interval(statistics: Moments, option: str, alpha: float) -> Estimate:
    share = exceeding_share(statistics.n, alpha)
    statement = f"at most {100 * share:.2g}% of inputs exceed it, {100 * (1 - alpha):g}% confidence"
    return point(value(statistics, ""), statistics.n, "largest seen", statement)


def baseline(statistics: Moments, option: str) -> float:
    return float(statistics.high[BASE_ABSOLUTE])


def difference(statistics: Moments, option: str, factor: float, alpha: float) -> Estimate:
    estimate = value(statistics, "") - factor * baseline(statistics, "")
    return point(estimate, statistics.n, "largest seen")
