"""Times that count, and those in which nobody drove."""

from __future__ import annotations

import pytest

from seatrial.gateway.lease import Lease
from seatrial.release import rollout, strata
from seatrial.release.strata import Stratum

TIMES = (Stratum(10.0, 5), Stratum(20.0, 50))


@pytest.mark.parametrize(
    ("at", "number"),
    [(8.0, None), (9.0, None), (10.0, None), (11.0, 0), (18.0, 0), (19.0, None), (20.0, None), (21.0, 1)],
)
def test_a_moment_belongs_to_the_weights_in_force(at: float, number: int | None) -> None:
    assert strata.of_time(TIMES, at) == number


@pytest.mark.parametrize(("at", "number"), [(24.0, 1), (25.0, None), (29.0, None), (30.0, 1)])
def test_a_second_that_a_gap_touches_counts_for_nobody(at: float, number: int | None) -> None:
    assert strata.of_time(TIMES, at, [(2.0, 3.0), (25.5, 29.5)]) == number


def test_gaps_that_meet_are_one() -> None:
    assert strata.joined([(5, 6), [1, 3], (2, 4), (4, 4.5), [1, 3]]) == [(1, 4.5), (5, 6)]
    assert strata.gaps_of({}) == []
    assert strata.gaps_of({"undriven": [[1, 2]]}) == [(1, 2)]


def test_of_a_driver_that_died_the_next_one_knows_the_gap() -> None:
    lease = Lease()
    begun = lease.begun
    assert rollout.gaps(lease, begun - 7, 0.0) == [(begun - 7, begun + 3)]
    assert rollout.gaps(lease, begun - 1.5, 0.0) == [], "the gateway missed one answer at most"
    assert rollout.gaps(lease, begun + 60, 0.0) == [], "it is our own"
    assert rollout.gaps(lease, None, 0.0) == []
    lease._told -= 20
    assert [round(end - begun) for _, end in rollout.gaps(lease, begun, begun - 30)] == [0]
    assert rollout.gaps(lease, begun, begun + 60) == [], "before its candidate had requests"
