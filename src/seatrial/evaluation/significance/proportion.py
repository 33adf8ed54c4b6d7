"""Intervals of one proportion, and of what is a function of one.

Clopper and Pearson (1934): exact, never below its level. Wilson, Jeffreys and mid-P are shorter, and let
up to .089, .077 and .049 a side through where .025 was promised (n = 50).
"""

from __future__ import annotations

from seatrial.evaluation.significance.estimate import Estimate


def bounds(successes: float, trials: float, alpha: float) -> tuple[float, float]:
    """The Clopper-Pearson interval; both numbers may be fractions (an effective sample size)."""
    from scipy.special import betaincinv

    failures = trials - successes
    low = float(betaincinv(successes, failures + 1, alpha / 2)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - alpha / 2)) if failures > 0 else 1.0
    return low, high


def proportion(successes: int, trials: int, alpha: float) -> Estimate:
    low, high = bounds(successes, trials, alpha)
    return Estimate(successes / trials, low, high, trials, "Clopper-Pearson")


def f1_of_one_class(both: int, only_predicted: int, only_actual: int, alpha: float) -> Estimate:
    """F1 = 2J / (1 + J), where J = TP / (TP + FP + FN) is binomial given TP + FP + FN."""
    trials = both + only_predicted + only_actual
    low, high = bounds(both, trials, alpha)
    share = both / trials
    return Estimate(
        f1_of_share(share), f1_of_share(low), f1_of_share(high), trials, "Clopper-Pearson on TP/(TP+FP+FN)"
    )


def f1_of_share(share: float) -> float:
    """F1 of one class by J = TP / (TP + FP + FN)."""
    return 2 * share / (1 + share)


def effective(value: float, smooth_value: float, smooth_variance: float, n: int, alpha: float) -> Estimate:
    """The interval of a mean of rates: Clopper-Pearson with an effective sample size (Korn & Graubard 1998).

    The effective size is the one at which a proportion would have this variance, at most `n`. Value and
    variance for it come from smoothed counts, so that a perfect score still has an interval.
    """
    size = min(n, smooth_value * (1 - smooth_value) / smooth_variance) if smooth_variance > 0 else n
    low, high = bounds(value * size, size, alpha)
    return Estimate(value, low, high, n, "Clopper-Pearson at the delta method's effective size")
