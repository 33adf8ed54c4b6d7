"""How much requests that fail together say."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.bursts import Second, calmed, dispersion
from seatrial.evaluation.sequential.rule import BAD_ODDS, MEAN, SHARE, Rule


def blocks(stall_seconds: int, shared: bool = False) -> list[list[Second]]:
    """Two hours of 4 replicas at 50 requests a second; one of them stalls (or all do), once in 10 minutes."""
    random = np.random.default_rng(5)
    failed = random.binomial(50, 0.01, (7200, 4))
    for start in range(0, 7200, 600) if stall_seconds else ():
        stalled = slice(None) if shared else int(random.integers(4))
        failed[start + 7 : start + 7 + stall_seconds, stalled] = 50
    return [
        [Second(int(failed[t, r]), 50, int(failed[t].sum()), 200) for t in range(start, start + 30)]
        for r in range(4)
        for start in range(0, 7200, 30)
    ]


def test_requests_that_fail_alone() -> None:
    assert dispersion(blocks(0)) == pytest.approx(1, abs=0.15)


def test_a_stall_of_one_replica() -> None:
    assert dispersion(blocks(1)) > 2
    assert dispersion(blocks(3)) > 2 * dispersion(blocks(1))


def test_what_all_share_does_no_harm() -> None:
    assert dispersion(blocks(3, shared=True)) == pytest.approx(1, abs=0.15)


def test_nothing_to_see() -> None:
    assert dispersion([]) == 1
    assert dispersion([[Second(0, 0, 0, 0), Second(0, 5, 0, 10)]]) == 1
    assert dispersion([[Second(5, 10, 5, 10)]]) == 1  # a single replica


def test_by_hand() -> None:
    """Two replicas with 2 and 0 failures of 4: p = 1/4, r = 1 and -1, n p (1-p) (1-n/N) = 3/8."""
    assert dispersion([[Second(2, 4, 2, 8)], [Second(0, 4, 2, 8)]]) == pytest.approx(2 / (6 / 8))


def test_calmed() -> None:
    rule = Rule(SHARE, Line(1, 0.005))
    assert calmed(rule, 1.5) == rule
    found = calmed(rule, 10)
    assert found.shrink == pytest.approx(1 / 15)
    assert found.bad_bets == BAD_ODDS[:5]
    means = Rule(MEAN, Line(1, 0.005))
    assert calmed(means, 10) == means
