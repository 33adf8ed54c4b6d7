"""What there is to see of gates before and while they are judged, and of the requests of some minutes."""

from __future__ import annotations

import pytest

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.live import History
from seatrial.journal.traffic import Minute
from seatrial.release import see, weighing
from seatrial.release.provider import Batch
from seatrial.release.sight import STABLE
from seatrial.report.live import outlook

ALPHA = 0.05


@pytest.mark.parametrize(
    ("gate", "unit", "is_late"),
    [
        ("error_rate <= stable + 2pp", "requests", False),
        ("accuracy >= stable - 0.02", "labels", True),
        ("queue <= 5", "readings", False),
    ],
)
def test_a_gate_says_what_it_counts(gate: str, unit: str, is_late: bool) -> None:
    seen = see.gate_sight(weighing.freeze(gate, History(), ALPHA))
    assert (seen.gate, seen.unit, seen.is_late) == (gate, unit, is_late)
    assert (seen.evidence, seen.against) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("gate", "by_users", "unit"),
    [
        ("error_rate <= 5%", False, "requests"),
        ("error_rate <= 5%", True, "users"),
        ("queue <= 5", True, "readings"),
    ],
)
def test_only_of_requests_it_is_said_how_long_they_take_to_come(gate: str, by_users: bool, unit: str) -> None:
    begun = weighing.freeze(gate, History(), ALPHA)
    known = weighing.weigh(begun, [Batch(0, Arms(0.0, 2, 0.0, 2))])
    seen = see.gate_sight(known, 2.0, by_users=by_users)
    assert seen.unit == unit
    assert (seen.more_seconds is not None) == (unit == "requests")
    assert f"more {unit}" in outlook(seen)


def test_a_gate_that_waits_for_stables_past_says_why() -> None:
    seen = see.gate_sight(weighing.freeze("latency_p95 <= stable * 1.2", History(), ALPHA))
    assert "20,000" in seen.waiting
    assert (seen.low, seen.high, seen.more) == (None, None, None)


def test_the_requests_of_some_minutes_are_one_flow() -> None:
    minutes = [Minute("p/e/1", 0.0, 90, 1, {}), Minute("p/e/1", 60.0, 30, 2, {})]
    seen = see.flow("p/e/1", STABLE, minutes, 60.0)
    assert (seen.requests, seen.errors, seen.rate, seen.error_rate) == (120, 3, 2.0, 0.025)
    assert (seen.p50, seen.p95) == (None, None)
