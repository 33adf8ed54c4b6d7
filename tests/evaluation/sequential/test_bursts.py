"""How much requests that fail together say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seatrial.evaluation.gate import thaw
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.bursts import calmed, dispersion
from seatrial.evaluation.sequential.live import History
from seatrial.evaluation.sequential.plan import plan
from seatrial.evaluation.sequential.rule import BAD_ODDS, MEAN, SHARE, Rule
from tests.simulations.releases import Look, run

PER_SECOND = 50
HOUR = 3600


def failures(seed: int, stall_seconds: int, rates: object = 0.01, seconds: int = 2 * HOUR) -> np.ndarray:
    """Of the requests of each second; a server stalls once in 10 minutes, and fails all of them."""
    random = np.random.default_rng(seed)
    failed = random.binomial(PER_SECOND, rates, seconds)
    for start in random.uniform(0, 590, seconds // 600) + range(0, seconds, 600) if stall_seconds else ():
        failed[int(start) : int(start) + stall_seconds] = PER_SECOND
    return failed


def minutes(failed: np.ndarray) -> list[tuple[int, int]]:
    return [(int(one), 60 * PER_SECOND) for one in failed.reshape(-1, 60).sum(1)]


def test_requests_that_fail_alone() -> None:
    assert dispersion(minutes(failures(5, 0))) == pytest.approx(1.1, abs=0.25)


def test_a_rate_that_changes_slowly_is_no_burst() -> None:
    doubled = np.linspace(0.01, 0.02, 2 * HOUR)
    assert dispersion(minutes(failures(5, 0, doubled))) == pytest.approx(1.1, abs=0.25)


def test_stalls() -> None:
    """A stall of s seconds in 10 minutes: the variance of a minute, beside the 30 of 3,000 requests at 1%."""
    assert dispersion(minutes(failures(5, 1))) > 3
    assert dispersion(minutes(failures(5, 3))) > 3 * dispersion(minutes(failures(5, 1)))


def test_nothing_to_see() -> None:
    assert dispersion([]) == 1
    assert dispersion([(0, 3000)] * 100) == 1
    assert dispersion(minutes(failures(5, 10))[:59]) == 1
    assert dispersion([(0, 0)] * 100) == 1


def test_by_hand() -> None:
    """Minutes of 4 requests, one of which has 2 failures: r = 2 there, -1/2 in 4 beside, and else 0.

    p (1 - p) with 2 of 20 is 0.09, in 5 minutes, and n (1 + n/m) is 5.
    """
    found = [(0, 4)] * 30 + [(2, 4)] + [(0, 4)] * 30
    assert dispersion(found) == pytest.approx((4 + 4 / 4) / (5 * 5 * 0.09))


def test_calmed() -> None:
    rule = Rule(SHARE, Line(1, 0.005))
    assert calmed(rule, 1.5) == rule
    found = calmed(rule, 10)
    assert found.shrink == pytest.approx(1 / 15)
    assert found.bad_bets == BAD_ODDS[:5]
    means = Rule(MEAN, Line(1, 0.005))
    assert calmed(means, 10) == means


def taken_back(releases: int, known: float) -> int:
    """Of releases of an equal candidate, each arm with stalls of its own, judged every second."""
    rule = plan(thaw("error_rate <= stable + 0.5pp"), History(900, 180_000, dispersion=known), 0.01).rule
    assert rule is not None
    candidate, stable = (
        np.array([failures(2 * release + arm, 3, seconds=600) for release in range(releases)])
        for arm in (0, 1)
    )

    def look(second: int, which: Any) -> Look:
        requests = np.full(len(which), float(PER_SECOND))
        return candidate[which, second], requests, stable[which, second], requests

    return int(run(rule, look, releases, 600).rolled_back.sum())


def test_an_equal_candidate_is_not_taken_back_for_its_stalls() -> None:
    """Where they are not known, more than a tenth is (`test_simulations` shows 1% where there are none)."""
    known = dispersion(minutes(failures(1, 3)))
    assert taken_back(100, known) == 0
    assert taken_back(100, 1.0) > 10
