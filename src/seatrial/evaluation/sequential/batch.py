"""The e-variable of one batch against a linear null, for two streams of yes and no.

The null is a half-plane below or above the line  p_candidate = slope * p_stable + shift.  Against the
alternative (qc, qs) outside of it, the best e-variable is the likelihood ratio to the point of the line that
is nearest in Kullback-Leibler divergence, weighted by the shares of the arms (Turner, Ly & Grünwald 2024,
"Generic E-variables for exact sequential k-sample tests"; Turner & Grünwald 2022). For a batch of several
requests an arm it stays one by the inequality of weighted means: it holds given the counts of the arms, so
for any split, any ramp, and any drift that leaves the null true.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from seatrial.evaluation.sequential.arms import Arms
from seatrial.named_tuple import NamedTuple

_PRECISION = 1e-6  # relative; what Newton leaves is its square
_MOST_STEPS = 100


class Line(NamedTuple):
    """p_candidate = slope * p_stable + shift; slope 0 is a fixed bar, for which stable does not matter."""

    slope: float
    shift: float

    def at(self, stable: float) -> float:
        return self.slope * stable + self.shift


def nearest_stable(shares: Sequence[float], qs: float, line: Line, weight: float) -> list[float]:
    """For each share qc: p_stable of the point on the line nearest to (qc, qs), where candidates are `weight`
    of the batch. With slope 0 stable does not matter.

    The derivative of weight * KL(qc, c) + (1 - weight) * KL(qs, p), with c = line(p), increases between two
    poles. Times c (1 - c) p (1 - p) it is a cubic with the same only root between them.
    """
    slope, shift = line
    if slope == 0:
        return [qs] * len(shares)
    low, high = max(0.0, -shift / slope), min(1.0, (1 - shift) / slope)
    a3, a2, a1, a0 = cubic(0.0, qs, line, weight)
    pull, found = weight * slope, []
    for qc in shares:
        p = weight * (qc - shift) / slope + (1 - weight) * qs
        near = p if low < p < high else (low + high) / 2
        found.append(_root((a3, a2 + pull * qc, a1 - pull * qc, a0), near, low, high))
    return found


def cubic(qc: float, qs: float, line: Line, weight: float) -> tuple[float, float, float, float]:
    """Of  weight * slope * (c - qc) p (1 - p) + (1 - weight) * (p - qs) c (1 - c),  highest power first."""
    slope, shift = line
    other, weight = 1 - weight, weight * slope
    gap, square, once, none = shift - qc, -slope * slope, slope * (1 - 2 * shift), shift * (1 - shift)
    return (
        square,
        weight * (slope - gap) + other * (once - qs * square),
        weight * gap + other * (none - qs * once),
        -other * qs * none,
    )


def _root(cubic: tuple[float, float, float, float], p: float, low: float, high: float) -> float:
    """Newton's steps, halving the bracket where one would leave it."""
    a3, a2, a1, a0 = cubic
    for _ in range(_MOST_STEPS):
        value = ((a3 * p + a2) * p + a1) * p + a0
        if value > 0:
            high = p
        else:
            low = p
        bend = (3 * a3 * p + 2 * a2) * p + a1
        step = p - value / bend if bend > 0 else low
        if abs(step - p) <= _PRECISION * p:
            return step
        p = step if low < step < high else (low + high) / 2
    return p


def log_e(qc: float, qs: float, line: Line, arms: Arms) -> float:
    """ln of the e-variable of (qc, qs): two shares above 0 and below 1, outside of the null."""
    return log_es([qc], qs, line, arms)[0]


def log_es(shares: Sequence[float], qs: float, line: Line, arms: Arms) -> list[float]:
    """The same for several shares of the candidate: what they have in common is worked out once."""
    slope, shift = line
    k, n, stable_k, stable_n = arms
    lost, stable_lost = n - k, stable_n - stable_k
    if slope == 0:
        return [k * log(qc / shift) + lost * log((1 - qc) / (1 - shift)) for qc in shares]
    found = []
    for qc, p in zip(shares, nearest_stable(shares, qs, line, n / (n + stable_n)), strict=True):
        c = slope * p + shift
        own = k * log(qc / c) + lost * log((1 - qc) / (1 - c))
        found.append(own + stable_k * log(qs / p) + stable_lost * log((1 - qs) / (1 - p)))
    return found
