"""Requests that fail together: how much less they say than as many that fail alone.

A server that stalls for seconds fails everything it gets, so its requests are not independent: with stalls
of 3 s in one arm, equal arms were rolled back in 27% of releases where 1% was promised. What stable alone
showed, minute by minute, says how much its failures come together.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.evaluation.sequential.rule import SHARE, Rule

LEAST_MINUTES = 60  # of stable alone; in fewer, a stall is seen or not by luck

_NEIGHBOURS = 2  # minutes on both sides
_CALM = 1.5
_LARGEST_ODDS = 6.0


def dispersion(minutes: Sequence[tuple[int, int]]) -> float:
    """D, of (failed, requests) of minutes in order: 1 where requests fail alone, larger where together.

    The sum of r^2 over that of its expectation n p (1 - p) (1 + n/m), where r = failed - n q; q is the rate
    in the m requests of the neighbouring minutes, p in all n + m. So a rate that changes slowly is no burst.
    What both arms would share, as the fall of something behind them, cannot be told apart and counts as
    one. Too few minutes, or no failures, say nothing: 1.
    """
    if len(minutes) < LEAST_MINUTES:
        return 1.0
    squares = expected = 0.0
    for at, (failed, requests) in enumerate(minutes):
        near = (*minutes[max(at - _NEIGHBOURS, 0) : at], *minutes[at + 1 : at + 1 + _NEIGHBOURS])
        others_failed, others = sum(one for one, _ in near), sum(one for _, one in near)
        if not others:
            continue
        rest = failed - requests * others_failed / others
        rate = (failed + others_failed) / (requests + others)
        squares += rest * rest
        expected += requests * rate * (1 - rate) * (1 + requests / others)
    return max(1.0, squares / expected) if expected else 1.0


def calmed(rule: Rule, dispersion: float) -> Rule:
    """The rule for traffic with this dispersion: every log e over 1.5 D, and no bets on huge differences."""
    if dispersion <= _CALM or rule.kind != SHARE:
        return rule
    odds = tuple(one for one in rule.bad_bets if one <= _LARGEST_ODDS)
    return rule._replace(shrink=1 / (_CALM * dispersion), bad_bets=odds)
