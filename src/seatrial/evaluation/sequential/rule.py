"""What one live gate tests, frozen when its release starts."""

from __future__ import annotations

from seatrial.evaluation.sequential.batch import Line
from seatrial.named_tuple import NamedTuple

ALPHA = 0.01

SHARE, MEAN = "share", "mean"

# Where the alternatives stand: the odds of the line at stable's share, times these.
BAD_ODDS = (1.15, 1.4, 2.0, 3.0, 6.0, 12.0, 30.0)
GOOD_ODDS = (1 / 1.05, 1 / 1.15, 1 / 1.4, 1 / 2, 1 / 4)
SLOW_BAD_ODDS = (1.15, 1.4, 2.0, 3.0, 6.0, 12.0)
SLOW_GOOD_ODDS = (1 / 1.15, 1 / 1.4, 1 / 2, 1 / 3, 1 / 6)
BAR_GOOD_ODDS = (1 / 1.15, 1 / 1.4, 1 / 2, 1 / 4, 1 / 12)
# Bets on means: these shares of the largest bet that can never lose everything.
STAKES = (0.9, 0.45, 0.22, 0.11, 0.05, 0.025, 0.012)


class Rule(NamedTuple):
    """The candidate is good where its share (or mean, of values in 0..1) is at most `line` of stable's.

    `complement`: the gate is a lower bound (accuracy >= ...), so what is counted is turned round first.
    `f1`: the shares are 1 - TP/(TP + FP + FN), and a line with a slope is of
    F1 itself: F1_c >= slope * F1_s + shift.
    """

    kind: str
    line: Line
    alpha: float = ALPHA
    complement: bool = False
    f1: bool = False
    bad_bets: tuple[float, ...] = BAD_ODDS
    good_bets: tuple[float, ...] = GOOD_ODDS
    equal: float = 0.5  # weight of the alternative "as stable", which then is the first of the good ones
    prior: float = 0.5  # what stable is taken to have shown before, complement taken: so much ...
    prior_n: float = 1.0  # ... in so many units
    shrink: float = 1.0  # every log e times this: below 1 where requests come in bursts
    grid: tuple[float, ...] = ()  # the margins whose interval is followed; none: no interval


def bad_weights(rule: Rule) -> tuple[float, ...]:
    return (1 / len(rule.bad_bets),) * len(rule.bad_bets)


def good_weights(rule: Rule) -> tuple[float, ...]:
    rest = ((1 - rule.equal) / len(rule.good_bets),) * len(rule.good_bets)
    return (rule.equal, *rest) if rule.equal else rest
