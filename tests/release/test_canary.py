"""Canaries under load from outside: a failing one takes itself back, an equal one goes up step by step."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from seatrial.errors import Refused
from seatrial.journal import releases, traffic
from seatrial.journal.releases import ABORTED, FAILED, SUCCEEDED
from seatrial.pipeline.pipeline import Gate
from seatrial.release import request as asking
from tests.conftest import requires
from tests.release.site import NOWHERE, Site, environment, eventually, port_of

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]
ERRORS = Gate("error_rate <= stable + 2pp", NOWHERE)


def canary(steps: str = "5%,25%,50%", **more):
    plain = environment(strategy="canary", strategy_options=(("steps", steps),))
    return plain._replace(gates=(ERRORS,), warm_up_seconds=1.0, **more)


@contextmanager
def load(place) -> Iterator[list[str]]:
    """Requests from outside until the end of the block; what wrk said of them is in the list then."""
    requires("wrk")
    url = f"http://127.0.0.1:{port_of(place)}/"
    command = ["wrk", "-t1", "-c8", "-d60s", url]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said: list[str] = []
    try:
        yield said
    finally:
        running.send_signal(2)
        said.append(running.communicate()[0])


def kinds(site: Site, release: str) -> list[str]:
    return [event.kind for event in site.store.journal.events(subject=release)]


def weights(site: Site, release: str) -> list[int]:
    """The candidate's shares, in order."""
    events = site.store.journal.events(subject=release)
    new = releases.release(site.store.journal, release).revision
    return [event.body["weights"].get(new, 0) for event in events if event.kind == "traffic"]


def test_an_equal_candidate_is_promoted_step_by_step_and_no_request_fails(site):
    place = canary()
    site.release("word-0", place)
    with load(place) as said:
        release = site.release("word-1", place)
    assert release.status == SUCCEEDED
    assert weights(site, release.id) == [5, 25, 50, 100]
    assert "Non-2xx" not in said[0], said
    looks = traffic.looks(site.store.journal, release.id)
    assert looks[0].candidate_n < looks[-1].candidate_n
    assert looks[-1].high is not None
    assert looks[-1].high <= 0.02


def test_a_failing_candidate_is_taken_back_and_quarantined(site):
    place = canary()
    site.release("word-0", place)
    with load(place) as said:
        release = site.release("fails-10", place)
    assert release.status == FAILED
    assert release.reason.startswith("error_rate <= stable + 2pp does not hold")
    assert site.stable() == release.previous
    failed = int(re.search(r"Non-2xx or 3xx responses: (\d+)", said[0])[1])
    looks = traffic.looks(site.store.journal, release.id)
    assert failed < 0.2 * looks[-1].candidate_n + 200
    revision = releases.revision(site.store.journal, release.revision)
    assert releases.quarantined(site.store.journal, "reviews", "production", revision.package)
    with pytest.raises(Refused, match="quarantine"):
        site.ask("fails-10", place)
    assert site.ask("fails-10", place, lift_quarantine="tried again").release is not None


def test_without_traffic_nothing_is_promoted_and_the_deadline_decides(site):
    place = canary(within_seconds=3.0)
    site.release("word-0", place)
    release = site.release("word-1", place)
    assert release.status == FAILED
    assert release.reason == "the evidence did not suffice in time"
    assert release.body["cause"] == "inconclusive"
    revision = releases.revision(site.store.journal, release.revision)
    assert not releases.quarantined(site.store.journal, "reviews", "production", revision.package)


def test_a_person_holds_promotes_and_aborts(site):
    place = canary("10%,hold,50%")
    site.release("word-0", place)
    journal, where = site.store.journal, ("reviews", "production")
    asked = site.ask("word-1", place)
    with load(place):
        eventually(lambda: 10 in weights(site, asked.release.id))
        eventually(lambda: releases.release(journal, asked.release.id).step >= 3)
        assert releases.release(journal, asked.release.id).finished is None
        asking.request_promotion(site.home, journal, *where, why="looked at it", by="ann")
        release = site.watch(asked.release.id)
    assert release.status == SUCCEEDED
    event = next(one for one in journal.events(subject=release.id) if one.kind == "release.go_on_asked")
    assert (event.body["by"], event.body["reason"]) == ("ann", "looked at it")
    second = site.ask("word-2", canary("10%,hold,50%", address=place.address))
    eventually(lambda: 10 in weights(site, second.release.id))
    asking.request_promotion(site.home, journal, *where, full=True, why="hurry", by="bob")
    assert site.watch(second.release.id).status == SUCCEEDED
    third = site.ask("word-3", place)
    eventually(lambda: 10 in weights(site, third.release.id))
    asking.request_hold(site.home, journal, *where, why="wait", by="ann")
    asking.request_abort(site.home, journal, *where, "enough", "ann")
    assert site.watch(third.release.id).status == ABORTED
