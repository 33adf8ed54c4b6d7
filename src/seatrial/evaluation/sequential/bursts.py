"""Requests that fail together: how much less they say than as many that fail alone.

A replica that stalls for seconds fails everything it gets, so its requests are not independent: with stalls
of 3 s on one of them, equal arms were rolled back in 27% of releases where 1% was promised. Stalls that both
arms share are harmless. From an hour or more of stable alone, in blocks of 30 s and per replica, the variance
of failures about the rate that all replicas had in the same seconds shows how much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from seatrial.evaluation.sequential.rule import SHARE, Rule

BLOCK_SECONDS = 30
LEAST_SECONDS = 3600  # of stable alone

_CALM = 1.5
_LARGEST_ODDS = 6.0


class Second(NamedTuple):
    """One replica's second: `failed` of `requests`, while all replicas together had these."""

    failed: int
    requests: int
    all_failed: int
    all_requests: int


def dispersion(blocks: Iterable[Sequence[Second]]) -> float:
    """D = sum of r^2 / sum of n p (1 - p) (1 - n/N): 1 where requests fail alone. A block is one replica's.

    r = sum over the block's seconds of (failed - requests * p), p the rate of all replicas in that second.
    With a single replica, or no failures, there is nothing to see: 1.
    """
    squares = expected = 0.0
    for block in blocks:
        rest = 0.0
        for failed, requests, all_failed, all_requests in block:
            if not all_requests:
                continue
            rate = all_failed / all_requests
            rest += failed - requests * rate
            expected += requests * rate * (1 - rate) * (1 - requests / all_requests)
        squares += rest * rest
    return squares / expected if expected else 1.0


def calmed(rule: Rule, dispersion: float) -> Rule:
    """The rule for traffic with this dispersion: every log e over 1.5 D, and no bets on huge differences."""
    if dispersion <= _CALM or rule.kind != SHARE:
        return rule
    odds = tuple(one for one in rule.bad_bets if one <= _LARGEST_ODDS)
    return rule._replace(shrink=1 / (_CALM * dispersion), bad_bets=odds)
