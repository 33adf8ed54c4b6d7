"""The sample-ratio check over many releases at once: `evaluation.sequential.split` over arrays."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
from scipy.special import betaln

from seatrial.evaluation.sequential.split import ALARM

REQUESTS = 200.0  # a second
_WEIGHT = 1000.0


def alarms(share: float, true: float, releases: int, seconds: int, random: Any) -> Any:
    """Of each release, looked at every second: its requests when the alarm came; 0 where none did."""
    n, k, found = np.zeros(releases), np.zeros(releases), np.zeros(releases)
    for _ in range(seconds):
        new = random.poisson(REQUESTS, releases)
        n, k = n + new, k + random.binomial(new, true)
        rings = (found == 0) & (log_factor(share, k, n) >= ALARM)
        found[rings] = n[rings]
    return found


def log_factor(share: float, k: Any, n: Any) -> Any:
    """ln of the Bayes factor against the promised share (Lindon & Malek 2022)."""
    a, b = _WEIGHT * share, _WEIGHT * (1 - share)
    return betaln(a + k, b + n - k) - betaln(a, b) - k * log(share) - (n - k) * log(1 - share)
