"""Rates of a classification (precision, recall, F1) from margins, and their derivatives.

A rate of class k is a function of three margins: right R, actual A, predicted P (shares of the examples, or
counts: only their ratio matters). Averages are over the classes that occur among labels or predictions; a
class without its denominator counts as 0. Both as scikit-learn does by default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.evaluation.counts import Margins
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy import bool_, float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]

MACRO, WEIGHTED = "macro", "weighted"


class PerClass(NamedTuple):
    """The rate of each class, and its derivatives by the class's own three margins."""

    value: Floats
    by_right: Floats
    by_actual: Floats
    by_predicted: Floats


class Averaged(NamedTuple):
    """One number from all classes, and its derivatives by each class's margins."""

    value: float
    by_right: Floats
    by_actual: Floats
    by_predicted: Floats


def precision(margins: Margins) -> PerClass:
    value, inverse = _ratio(margins.right, margins.predicted)
    return PerClass(value, inverse, 0 * value, -value * inverse)


def recall(margins: Margins) -> PerClass:
    value, inverse = _ratio(margins.right, margins.actual)
    return PerClass(value, inverse, -value * inverse, 0 * value)


def f1(margins: Margins) -> PerClass:
    value, inverse = _ratio(2 * margins.right, margins.actual + margins.predicted)
    return PerClass(value, 2 * inverse, -value * inverse, -value * inverse)


def _ratio(part: Floats, whole: Floats) -> tuple[Floats, Floats]:
    import numpy as np

    inverse = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
    return part * inverse, inverse


def occurring(margins: Margins) -> NDArray[bool_]:
    present: NDArray[bool_] = (margins.actual + margins.predicted) > 0
    return present


def average(
    rate: Callable[[Margins], PerClass], margins: Margins, how: str, classes: NDArray[bool_], index: int = -1
) -> Averaged:
    """`how` is macro, weighted, or "" for the one class at `index`; a macro average is over `classes`."""
    each = rate(margins)
    if how == WEIGHTED:
        weights = margins.actual / margins.actual.sum()
        value = min(float(weights @ each.value), 1.0)  # the weights may add up to a bit more
        by_weight = (each.value - value) / margins.actual.sum()
    else:
        weights = _only(index, len(classes)) if how != MACRO else classes / classes.sum()
        value = min(float(weights @ each.value), 1.0)
        by_weight = 0 * each.value
    return Averaged(
        value, weights * each.by_right, weights * each.by_actual + by_weight, weights * each.by_predicted
    )


def _only(index: int, size: int) -> Floats:
    import numpy as np

    weights = np.zeros(size)
    weights[index] = 1.0
    return weights


def influence(averaged: Averaged, label: NDArray, predicted: NDArray) -> Floats:  # type: ignore[type-arg]
    """What an example with this label and prediction adds to the number, to the first order.

    Its mean over the examples is 0, for the rates do not change when all margins double (Euler).
    """
    right: Floats = averaged.by_right[label] * (label == predicted)
    psi: Floats = right + averaged.by_actual[label] + averaged.by_predicted[predicted]
    return psi
