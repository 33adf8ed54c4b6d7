"""Bets on means of values in 0..1, of which nothing else is known: errors, each counted at most a cap.

With z = mean of the candidate's batch - slope * mean of stable's - shift, 1 + stake * z is an e-variable
against "E z <= 0" as long as it cannot be negative, whatever the distributions and however the arms depend on
each other (Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by betting"). So it
serves pairs too (shadow): each pair is a batch. Without a cap no such test can exist: a mean can be moved at
will by values that no sample shows (Bahadur & Savage 1956).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log1p

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.rule import Rule

MOST_GROUPS = 25


def bets(rule: Rule, batch: Arms) -> tuple[list[float], list[float]]:
    """The log e of the batch for each stake against the null of the bad, and of the good."""
    slope, shift = rule.line
    stable = batch.stable / batch.stable_n if slope else 0.0
    z = batch.candidate / batch.candidate_n - slope * stable - shift
    lowest, highest = slope + shift, 1 - shift
    bad = [log1p(stake * z / lowest) for stake in rule.bad_bets]
    return bad, [log1p(-stake * z / highest) for stake in rule.good_bets]


def groups(candidate: Sequence[float], stable: Sequence[float]) -> tuple[Arms, ...]:
    """The values of a look, scaled to 0..1 and in order of arrival, as several small batches.

    A bet grows by at most its stake a batch, so one batch of a thousand values would say little. Their
    number depends on sizes only. Where one arm is empty there is one group, to wait for the other.
    """
    number = max(1, min(len(candidate), len(stable) or MOST_GROUPS, MOST_GROUPS))
    return tuple(
        Arms(sum(ours), len(ours), sum(theirs), len(theirs))
        for ours, theirs in zip(_parts(candidate, number), _parts(stable, number), strict=True)
    )


def _parts(values: Sequence[float], number: int) -> list[Sequence[float]]:
    ends = [len(values) * index // number for index in range(number + 1)]
    return [values[start:end] for start, end in pairwise(ends)]
