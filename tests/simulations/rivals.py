"""What else would have decided, on the same streams: the Wald bound, Argo Rollouts and Kayenta.

The rules are the published ones. Argo Rollouts (analysis/analysis.go): measurements at an interval, each
failed or not by its condition; more failures than `failureLimit` fail, `count` measurements succeed; here
with the interval of a minute, count 10 and failureLimit 3 as in its documentation. Kayenta (NetflixACAJudge):
one window, a Mann-Whitney test at 98% of one value a minute, without outliers (3 interquartile ranges);
bad where the interval of the Hodges-Lehmann shift lies above a quarter of its estimate; here an hour.
"""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np

from seatrial.evaluation.sequential.batch import Line, nearest_stable
from tests.simulations.releases import Outcome

MINUTE, ARGO_COUNT, ARGO_FAILURE_LIMIT = 60, 10, 3
KAYENTA_MINUTES, KAYENTA_FRACTION = 60, 0.25

_Z = 2.3263478740408408  # of 98%, two-sided


def wald(streams: Any, line: Line, truth: tuple[float, float], alpha: float) -> Outcome:
    """The sequential probability ratio test of the truth, which it knows, against the nearest on the line."""
    k, n, stable_k, stable_n = streams
    weight = n.sum() / (n.sum() + stable_n.sum())
    qc, qs = truth
    [p] = nearest_stable([qc], qs, line, float(weight))
    c = line.at(p)
    grown = k * log(qc / c) + (n - k) * log((1 - qc) / (1 - c))
    if line.slope:
        grown = grown + stable_k * log(qs / p) + (stable_n - stable_k) * log((1 - qs) / (1 - p))
    reached = grown.cumsum(axis=0) >= -log(alpha)
    good = qc < line.at(qs)
    return _ended(reached & good, reached & (not good), n)


def argo(streams: Any, margin: float) -> Outcome:
    """`result <= stable's + margin`, both over the last minute."""
    k, n, stable_k, stable_n = (_by_minute(one) for one in streams)
    failed = (k / n > stable_k / stable_n + margin).cumsum(axis=0) > ARGO_FAILURE_LIMIT
    counted = np.arange(1, len(n) + 1)[:, None] >= ARGO_COUNT
    return _ended(counted & ~failed, failed, n)


def kayenta(streams: Any) -> Outcome:
    k, n, stable_k, stable_n = (_by_minute(one)[:KAYENTA_MINUTES] for one in streams)
    bad = np.array([_is_high(*pair) for pair in zip((k / n).T, (stable_k / stable_n).T, strict=True)])
    return Outcome(~bad, bad, n.sum(axis=0))


def shift(candidate: Any, stable: Any) -> tuple[float, float]:
    """The lower end of the Mann-Whitney interval of the shift (normal approximation), and its estimate."""
    differences = np.sort(np.subtract.outer(candidate, stable).ravel())
    m, n = len(candidate), len(stable)
    rank = round(m * n / 2 - _Z * sqrt(m * n * (m + n + 1) / 12))
    return float(differences[max(rank - 1, 0)]), float(np.median(differences))


def _is_high(candidate: Any, stable: Any) -> bool:
    lower, estimate = shift(_calm(candidate), _calm(stable))
    return lower > KAYENTA_FRACTION * abs(estimate)


def _calm(values: Any) -> Any:
    low, high = np.percentile(values, [25, 75])
    inside = (values >= low - 3 * (high - low)) & (values <= high + 3 * (high - low))
    return values[inside]


def _by_minute(counts: Any) -> Any:
    whole = len(counts) // MINUTE
    return counts[: whole * MINUTE].reshape(whole, MINUTE, -1).sum(axis=1)


def _ended(promotes: Any, rolls_back: Any, n: Any) -> Outcome:
    """The first of the two; what neither comes to stays open, and its requests are all there were."""
    ends = promotes | rolls_back
    decided = ends.any(axis=0)
    first = np.where(decided, ends.argmax(axis=0), len(n) - 1)
    each = np.arange(n.shape[1])
    return Outcome(
        promotes[first, each] & decided, rolls_back[first, each] & decided, n.cumsum(axis=0)[first, each]
    )
