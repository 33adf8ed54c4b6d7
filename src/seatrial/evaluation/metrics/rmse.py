"""The root of the mean squared error."""

from __future__ import annotations

from math import sqrt

from seatrial.evaluation.metric import MOMENTS, REGRESSION
from seatrial.evaluation.moments import BASE_SQUARE, SQUARE, Moments, variance_of_mean
from seatrial.evaluation.significance.estimate import Estimate
from seatrial.evaluation.significance.means import LEAST_FOR_A_DIFFERENCE, hall, root, student

NAME = "rmse"
TASKS = (REGRESSION,)
HIGHER_IS_BETTER = False
STATISTIC = MOMENTS
BOUNDS = (0.0, float("inf"))
OPTIONS = ("",)
TAKES_CLASS = False


def value(statistics: Moments, option: str) -> float:
    return sqrt(float(statistics.mean[SQUARE]))


def interval(statistics: Moments, option: str, alpha: float) -> Estimate:
    scatter, third = float(statistics.scatter[SQUARE, SQUARE]), float(statistics.third[SQUARE])
    return root(hall(statistics.n, float(statistics.mean[SQUARE]), scatter, third, alpha))


def baseline(statistics: Moments, option: str) -> float:
    return sqrt(float(statistics.mean[BASE_SQUARE]))


def difference(statistics: Moments, option: str, factor: float, alpha: float) -> Estimate:
    """The delta method: a root's derivative is 1 / (2 root); a root of 0 has no error to speak of."""
    ours, theirs = value(statistics, ""), baseline(statistics, "")
    weights = {
        SQUARE: 1 / (2 * ours) if ours else 0.0,
        BASE_SQUARE: -factor / (2 * theirs) if theirs else 0.0,
    }
    return student(
        ours - factor * theirs,
        variance_of_mean(statistics, weights),
        statistics.n,
        alpha,
        least=LEAST_FOR_A_DIFFERENCE,
        method="paired delta method, Student's t",
    )
