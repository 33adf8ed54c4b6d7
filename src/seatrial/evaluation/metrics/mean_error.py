"""The mean of prediction - label: which way, and how far, the model is off on average."""

from __future__ import annotations

from seatrial.evaluation.metric import MOMENTS, REGRESSION
from seatrial.evaluation.moments import BASE_ERROR, ERROR, Moments, variance_of_mean
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.means import LEAST_FOR_A_DIFFERENCE, LEAST_FOR_A_LEVEL, student

NAME = "mean_error"
TASKS = (REGRESSION,)
HIGHER_IS_BETTER = None
STATISTIC = MOMENTS
BOUNDS = (float("-inf"), float("inf"))
OPTIONS = ("",)
TAKES_CLASS = False


def value(statistics: Moments, option: str) -> float:
    return float(statistics.mean[ERROR])


def interval(statistics: Moments, option: str, alpha: float) -> Estimate:
    variance = variance_of_mean(statistics, {ERROR: 1.0})
    return student(
        value(statistics, ""), variance, statistics.n, alpha, least=LEAST_FOR_A_LEVEL, method="Student's t"
    )


def baseline(statistics: Moments, option: str) -> float:
    return float(statistics.mean[BASE_ERROR])


def difference(statistics: Moments, option: str, factor: float, alpha: float) -> Estimate:
    estimate = value(statistics, "") - factor * baseline(statistics, "")
    variance = variance_of_mean(statistics, {ERROR: 1.0, BASE_ERROR: -factor})
    return student(
        estimate, variance, statistics.n, alpha, least=LEAST_FOR_A_DIFFERENCE, method="paired Student's t"
    )
