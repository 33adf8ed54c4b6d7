"""The mean of |prediction - label|."""

from __future__ import annotations

from seatrial.evaluation.metric import MOMENTS, REGRESSION
from seatrial.evaluation.moments import ABSOLUTE, BASE_ABSOLUTE, Moments, variance_of_mean
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.means import LEAST_FOR_A_DIFFERENCE, hall, student

NAME = "mean_absolute_error"
TASKS = (REGRESSION,)
HIGHER_IS_BETTER = False
STATISTIC = MOMENTS
BOUNDS = (0.0, float("inf"))
OPTIONS = ("",)
TAKES_CLASS = False


def value(statistics: Moments, option: str) -> float:
    return float(statistics.mean[ABSOLUTE])


def interval(statistics: Moments, option: str, alpha: float) -> Estimate:
    scatter, third = float(statistics.scatter[ABSOLUTE, ABSOLUTE]), float(statistics.third[ABSOLUTE])
    return hall(statistics.n, value(statistics, ""), scatter, third, alpha)


def baseline(statistics: Moments, option: str) -> float:
    return float(statistics.mean[BASE_ABSOLUTE])


def difference(statistics: Moments, option: str, factor: float, alpha: float) -> Estimate:
    estimate = value(statistics, "") - factor * baseline(statistics, "")
    variance = variance_of_mean(statistics, {ABSOLUTE: 1.0, BASE_ABSOLUTE: -factor})
    return student(
        estimate, variance, statistics.n, alpha, least=LEAST_FOR_A_DIFFERENCE, method="paired Student's t"
    )
