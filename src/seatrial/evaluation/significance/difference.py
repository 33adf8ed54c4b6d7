"""The difference of two paired proportions: the score method of Tango (1998).

Among its rivals it alone kept its level at few discordant pairs (Wald let .49 through where .005 was
promised at n = 50).
"""

from __future__ import annotations

from collections.abc import Callable
from math import copysign, inf, sqrt

from seatrial.evaluation.significance.estimate import Estimate, z_quantile

_HALVINGS = 60


def tango_z(better: int, worse: int, n: int, difference: float) -> float:
    """The score statistic for `difference`; `better` and `worse` count the discordant pairs among `n`.

    A pair is better when the candidate is right and the baseline wrong. 0/0 is 0.
    """
    a = 2 * n
    b = -better - worse + (2 * n - better + worse) * difference
    c = -worse * difference * (1 - difference)
    q = (sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    gap = better - worse - n * difference
    variance = n * (2 * q + difference * (1 - difference))
    if variance > 0:
        return gap / sqrt(variance)
    return 0.0 if gap == 0 else copysign(inf, gap)


def tango(better: int, worse: int, n: int, alpha: float) -> Estimate:
    """The interval of all differences that the score test does not reject."""
    z = z_quantile(alpha)
    value = (better - worse) / n
    low = crossing(lambda d: tango_z(better, worse, n, d) - z, -1.0, value)
    high = crossing(lambda d: tango_z(better, worse, n, d) + z, value, 1.0)
    return Estimate(value, low, high, n, "Tango score")


def crossing(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is 0, between `low` and `high`."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
