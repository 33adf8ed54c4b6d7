"""A gate on latency beside stable's, where the candidate's own code is what takes longer."""

from __future__ import annotations

import pytest

from seatrial.evaluation.sequential.latency import LEAST
from seatrial.journal import releases, traffic
from seatrial.journal.releases import ABORTED, FAILED, SUCCEEDED
from seatrial.pipeline.pipeline import Environment, Gate
from seatrial.release import request as asking
from seatrial.release import see
from tests.release.canaries import canary, load
from tests.release.site import NOWHERE, Site, eventually

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]

PLACE = ("reviews", "production")
ENOUGH_SEEN = 200


def with_past(site: Site, place: Environment) -> None:
    """A stable revision that answers from outside, and did so for an hour: as often, as fast."""
    site.release("word-0", place)
    journal, stable = site.store.journal, site.stable()

    def seen() -> list[traffic.Minute]:
        return traffic.minutes(journal, *PLACE, revision=stable)

    with load(place):
        eventually(lambda: sum(one.requests for one in seen()) >= ENOUGH_SEEN)
    times = LEAST // ENOUGH_SEEN + 1
    before = [
        traffic.Minute(
            stable, one.at - 3600, one.requests * times, 0, {b: n * times for b, n in one.latencies.items()}
        )
        for one in seen()
    ]
    with journal.change():
        traffic.add_minutes(journal, *PLACE, before)


def judged(bound: str, **more: object) -> Environment:
    return canary("20%,50%", gates=(Gate(f"latency_p95 <= {bound}", NOWHERE),), **more)


def test_a_slower_candidate_is_taken_back_and_one_as_fast_is_promoted(site: Site) -> None:
    place = judged("stable * 3")
    with_past(site, place)
    with load(place) as said:
        slow = site.release("slow-500", place)
        assert slow.status == FAILED
        assert slow.reason == "latency_p95 <= stable * 3 does not hold"
        [gate] = see.gates(site.store.journal, slow)
        assert gate.candidate is not None
        assert gate.candidate > 0.5, "of its requests are slower than stable's 95th percentile times 3"
        package = releases.revision(site.store.journal, slow.revision)
        assert package is not None
        assert releases.quarantined(site.store.journal, *PLACE, package.package) == slow.reason
        fast = site.release("word-1", place)
        assert fast.status == SUCCEEDED, fast.reason
    assert "Non-2xx" not in said[0], said


def test_without_a_past_it_waits_and_nothing_is_promoted(site: Site) -> None:
    place = judged("stable * 3", within_seconds=1.0, on_deadline="hold")
    site.release("word-0", place)
    asked = site.ask("word-1", place).release
    assert asked is not None
    journal = site.store.journal

    def waits() -> bool:
        [gate] = see.gates(journal, asked)
        return gate.waiting.startswith("needs 20,000 requests to stable before")

    def is_late() -> bool:
        now = releases.release(journal, asked.id)
        return now is not None and bool(now.body.get("late"))

    with load(place):
        eventually(waits)
        eventually(is_late)
        asking.request_abort(site.home, journal, *PLACE, "no past")
        assert site.watch(asked.id).status == ABORTED
