"""Moments of errors and labels: all that a metric of a regression needs of the examples."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import float64, integer
    from numpy.typing import NDArray

    Floats = NDArray[float64]

# The features of an example. An error is prediction - label; a label counts from `pivot`.
ERROR, ABSOLUTE, SQUARE, LABEL, LABEL_SQUARE = range(5)
BASE_ERROR, BASE_ABSOLUTE, BASE_SQUARE = range(5, 8)

# Beyond these a sixth power (the skewness of squared errors) leaves the range of floating point.
GREATEST = 1e50
LEAST = 1e-50

_BLOCK = 1 << 17  # rows at a time


class Moments(NamedTuple):
    """Means, co-moments (sums of products of deviations), third moments and maxima of the features.

    About the mean and not about 0, so that nothing cancels; parts add up by the formulas of Chan, Golub and
    LeVeque (1979) and Pebay (2008). With a baseline there are eight features, else five.
    """

    n: int
    pivot: float
    mean: Floats
    scatter: Floats
    third: Floats  # sums of cubed deviations
    high: Floats


def empty(*, paired: bool, pivot: float = 0.0) -> Moments:
    import numpy as np

    size = 8 if paired else 5
    return Moments(0, pivot, np.zeros(size), np.zeros((size, size)), np.zeros(size), np.full(size, -np.inf))


def measure(label: Floats, predictions: Sequence[Floats], pivot: float) -> Moments:
    """The moments of the candidate's and, where there is a second column, the baseline's errors."""
    total = empty(paired=len(predictions) > 1, pivot=pivot)
    for start in range(0, len(label), _BLOCK):
        part = slice(start, start + _BLOCK)
        total = add(total, _of_block(label[part], [column[part] for column in predictions], pivot))
    return total


def measure_by_slice(
    slices: NDArray[integer], values: int, label: Floats, predictions: Sequence[Floats], pivot: float
) -> list[Moments]:
    """The moments for each value (0 to `values` - 1) of `slices`."""
    order = slices.argsort(kind="stable")
    bounds = slices[order].searchsorted(range(values + 1))
    parts = (order[bounds[i] : bounds[i + 1]] for i in range(values))
    return [measure(label[part], [column[part] for column in predictions], pivot) for part in parts]


def _of_block(label: Floats, predictions: Sequence[Floats], pivot: float) -> Moments:
    import numpy as np

    shifted = label - pivot
    features: list[Floats] = []
    for prediction in predictions:
        error = prediction - label
        features += [error, np.abs(error), error * error]
    features[3:3] = [shifted, shifted * shifted]
    table = np.stack(features)
    mean = table.mean(axis=1)
    deviation = table - mean[:, None]
    return Moments(
        len(label), pivot, mean, deviation @ deviation.T, (deviation**3).sum(axis=1), table.max(axis=1)
    )


def add(one: Moments, other: Moments) -> Moments:
    """The moments of two parts together; both count labels from the same pivot."""
    import numpy as np

    if not one.n or not other.n:
        return one if one.n else other
    n = one.n + other.n
    step = other.mean - one.mean
    a, b = one.n / n, other.n / n
    third = (
        one.third
        + other.third
        + step**3 * (one.n * b * (a - b))
        + 3 * step * (a * np.diag(other.scatter) - b * np.diag(one.scatter))
    )
    return Moments(
        n,
        one.pivot,
        one.mean + step * b,
        one.scatter + other.scatter + np.outer(step, step) * (one.n * b),
        third,
        np.maximum(one.high, other.high),
    )


def variance_of_mean(moments: Moments, weights: dict[int, float]) -> float:
    """The variance of the mean of a weighted sum of features; one example tells nothing of it."""
    import numpy as np

    if moments.n < 2:
        return inf
    vector = np.zeros(len(moments.mean))
    for feature, weight in weights.items():
        vector[feature] = weight
    return max(float(vector @ moments.scatter @ vector), 0.0) / (moments.n - 1) / moments.n
