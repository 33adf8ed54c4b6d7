"""Does the traffic split as it should? A sample-ratio check that may be looked at any time.

Lindon & Malek 2022, "Anytime-valid inference for multinomial count data": a Bayes factor of "some other
share" (a beta prior of weight 1000 about the promised one) against the promised share. Count what was
randomised: requests, or users where the split is sticky. A false alarm has a probability of at most 1/1000.
"""

from __future__ import annotations

from math import lgamma, log

from seatrial.named_tuple import NamedTuple

ALARM = log(1000)

_WEIGHT = 1000.0


class Split(NamedTuple):
    """The units counted at this share of the candidate, and ln of the factors of the shares before."""

    share: float
    candidate: int = 0
    n: int = 0
    before: float = 0.0


def count(split: Split, candidate: int, n: int) -> Split:
    return split._replace(candidate=split.candidate + candidate, n=split.n + n)


def change(split: Split, share: float) -> Split:
    """The same check after a new share was set."""
    return Split(share, before=log_factor(split))


def log_factor(split: Split) -> float:
    """ln of the Bayes factor against the promised shares; nothing is to be seen at a share of 0 or 1."""
    share, k, n, before = split
    if not 0 < share < 1:
        return before
    a, b = _WEIGHT * share, _WEIGHT * (1 - share)
    found = _log_beta(a + k, b + n - k) - _log_beta(a, b)
    return before + found - k * log(share) - (n - k) * log(1 - share)


def alarmed(split: Split) -> bool:
    return log_factor(split) >= ALARM


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
