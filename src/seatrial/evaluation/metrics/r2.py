"""The share of the labels' variance that the predictions explain; below 0: worse than their mean."""

from __future__ import annotations

from seatrial.evaluation.metric import MOMENTS, REGRESSION
from seatrial.evaluation.moments import (
    BASE_SQUARE,
    LABEL,
    LABEL_SQUARE,
    SQUARE,
    Moments,
    variance_of_mean,
)
from seatrial.evaluation.significance.estimate import Estimate, point
from seatrial.evaluation.significance.means import (
    LEAST_FOR_A_DIFFERENCE,
    LEAST_FOR_A_LEVEL,
    explained,
    hall,
    student,
)

NAME = "r2"
TASKS = (REGRESSION,)
HIGHER_IS_BETTER = True
STATISTIC = MOMENTS
BOUNDS = (float("-inf"), 1.0)
OPTIONS = ("",)
TAKES_CLASS = False

_TINY = 1e-200  # below it a reciprocal would leave the range of floating point


def value(statistics: Moments, option: str) -> float | None:
    return _value(statistics, SQUARE)


def interval(statistics: Moments, option: str, alpha: float) -> Estimate | None:
    """None where all labels are equal. An exact fit has no spread from which to tell an interval."""
    estimate = _value(statistics, SQUARE)
    if estimate is None:
        return None
    square, variance = float(statistics.mean[SQUARE]), _label_variance(statistics)
    if square < _TINY:
        exact = point(estimate, statistics.n, "exact fit")
        few = statistics.n < LEAST_FOR_A_LEVEL
        return exact._replace(low=float("-inf") if few else exact.low, least=LEAST_FOR_A_LEVEL)
    scatter, third = float(statistics.scatter[SQUARE, SQUARE]), float(statistics.third[SQUARE])
    of_square = hall(statistics.n, square, scatter, third, alpha)
    whole = {SQUARE: 1 / square, **_of_log_variance(statistics)}
    of_logs = (variance_of_mean(statistics, whole), variance_of_mean(statistics, {SQUARE: 1 / square}))
    return explained(of_square, variance, of_logs, alpha)


def baseline(statistics: Moments, option: str) -> float | None:
    return _value(statistics, BASE_SQUARE)


def difference(statistics: Moments, option: str, factor: float, alpha: float) -> Estimate | None:
    """The delta method on R2 - factor * R2 of the baseline; both share the labels' variance."""
    ours, theirs = _value(statistics, SQUARE), _value(statistics, BASE_SQUARE)
    if ours is None or theirs is None:
        return None
    variance = _label_variance(statistics)
    excess = (float(statistics.mean[SQUARE]) - factor * float(statistics.mean[BASE_SQUARE])) / variance
    weights = {SQUARE: -1 / variance, BASE_SQUARE: factor / variance}
    weights |= {feature: -excess * weight for feature, weight in _of_log_variance(statistics).items()}
    return student(
        ours - factor * theirs,
        variance_of_mean(statistics, weights),
        statistics.n,
        alpha,
        least=LEAST_FOR_A_DIFFERENCE,
        method="paired delta method, Student's t",
    )


def _value(statistics: Moments, square: int) -> float | None:
    variance = _label_variance(statistics)
    return 1 - float(statistics.mean[square]) / variance if variance > _TINY else None


def _label_variance(statistics: Moments) -> float:
    """Divided by n, as the mean squared error is."""
    return float(statistics.scatter[LABEL, LABEL]) / statistics.n


def _of_log_variance(statistics: Moments) -> dict[int, float]:
    """The derivatives of -log(variance of the labels) by the means of label and squared label."""
    variance = _label_variance(statistics)
    return {LABEL_SQUARE: -1 / variance, LABEL: 2 * float(statistics.mean[LABEL]) / variance}
