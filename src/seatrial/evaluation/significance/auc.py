"""The area under the ROC curve: DeLong, DeLong and Clarke-Pearson (1988), Newcombe (2006).

One area: the hull of the logit-transformed DeLong interval and Newcombe's method 5; either alone falls to
.896 or worse near 1. Two areas on the same examples: DeLong's difference with the normal quantile.
"""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

from seatrial.evaluation.significance.difference import crossing
from seatrial.evaluation.significance.estimate import Estimate, z_quantile
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from numpy import bool_, float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]


class Components(NamedTuple):
    """For each positive the share of negatives below it (ties count half), and the reverse."""

    positive: Floats
    negative: Floats

    @property
    def area(self) -> float:
        return float(self.positive.mean())


def components(scores: Floats, is_positive: NDArray[bool_]) -> Components:
    """DeLong's structural components, by sorting."""
    import numpy as np

    up, down = scores[is_positive], scores[~is_positive]
    return Components(_share_below(up, np.sort(down)), 1 - _share_below(down, np.sort(up)))


def _share_below(values: Floats, ordered: Floats) -> Floats:
    left = ordered.searchsorted(values, side="left")
    right = ordered.searchsorted(values, side="right")
    share: Floats = (left + right) / (2 * len(ordered))
    return share


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.0


def standard_error(parts: Components) -> float:
    return sqrt(_variance(parts.positive) + _variance(parts.negative))


def logit_interval(area: float, error: float, z: float) -> tuple[float, float]:
    """Only for 0 < area < 1."""
    from scipy.special import expit

    centre = log(area / (1 - area))
    half = z * error / (area * (1 - area))
    return float(expit(centre - half)), float(expit(centre + half))


def newcombe_interval(area: float, positives: int, negatives: int, z: float) -> tuple[float, float]:
    """The areas t with |area - t| = z sqrt(t(1-t)(1 + N(1-t)/(2-t) + N t/(1+t)) / mn), N = (m+n)/2 - 1."""
    half_size = (positives + negatives) / 2 - 1
    pairs = positives * negatives

    def reach(t: float) -> float:
        factor = 1 + half_size * (1 - t) / (2 - t) + half_size * t / (1 + t)
        return z * sqrt(t * (1 - t) * factor / pairs)

    low = crossing(lambda t: area - t - reach(t), 0.0, area)
    high = crossing(lambda t: area - t + reach(t), area, 1.0)
    return low, high


def auc(parts: Components, alpha: float) -> Estimate:
    z = z_quantile(alpha)
    area, n = parts.area, len(parts.positive) + len(parts.negative)
    low, high = newcombe_interval(area, len(parts.positive), len(parts.negative), z)
    if 0 < area < 1:
        logit_low, logit_high = logit_interval(area, standard_error(parts), z)
        low, high = min(low, logit_low), max(high, logit_high)
    return Estimate(area, low, high, n, "hull of logit DeLong and Newcombe 5")


def auc_difference(candidate: Components, baseline: Components, factor: float, alpha: float) -> Estimate:
    """The candidate's area less `factor` times the baseline's.

    An area of exactly 0 or 1 has no DeLong variance; then the two single intervals are squared and added
    (Zou 2007), which ignores the pairing and so is wider.
    """
    if {candidate.area, baseline.area} & {0.0, 1.0}:
        return _squared_and_added(auc(candidate, alpha), auc(baseline, alpha), factor)
    difference = Components(
        candidate.positive - factor * baseline.positive, candidate.negative - factor * baseline.negative
    )
    value, half = difference.area, z_quantile(alpha) * standard_error(difference)
    n = len(candidate.positive) + len(candidate.negative)
    return Estimate(value, value - half, value + half, n, "paired DeLong")


def _squared_and_added(candidate: Estimate, baseline: Estimate, factor: float) -> Estimate:
    value = candidate.value - factor * baseline.value
    down = sqrt((candidate.value - candidate.low) ** 2 + (factor * (baseline.high - baseline.value)) ** 2)
    up = sqrt((candidate.high - candidate.value) ** 2 + (factor * (baseline.value - baseline.low)) ** 2)
    return Estimate(value, value - down, value + up, candidate.n, "single intervals, squared and added")
