"""Canaries under load from outside: a failing one takes itself back, an equal one goes up step by step."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from seatrial.errors import BadInput, Refused
from seatrial.gateway import log_line
from seatrial.journal import releases, servers, traffic
from seatrial.journal.releases import ABORTED, FAILED, SUCCEEDED
from seatrial.release import replay, see, status, weighing
from seatrial.release import request as asking
from seatrial.release.decide import LEASE_SECONDS
from seatrial.release.narration import sentence
from seatrial.release.sight import Watched
from seatrial.report import live
from tests.cli.terminal import seatrial
from tests.release import kills
from tests.release.canaries import canary, load
from tests.release.site import Site, eventually, get, port_of

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]


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
    counts = [look.candidate_n for look in looks]  # one, where so many came at once that it was enough
    assert counts == sorted(counts)
    assert counts[-1] > 0
    assert looks[-1].high is not None
    assert looks[-1].high <= 0.02


def test_a_failing_candidate_is_taken_back_and_quarantined(site):
    place = canary()
    site.release("word-0", place)
    with load(place) as said:
        release = site.release("fails-10", place)
        told = replay.flows(site.store.journal, release)
        eventually(lambda: requests_to(site, release.previous) > told[0].requests)
    assert release.status == FAILED
    assert replay.flows(site.store.journal, release) == told  # whatever came afterwards
    eventually(lambda: servers.of_revision(site.store.journal, release.revision)[0].status == servers.ENDED)
    for log in (site.home / "servers").glob("*.log"):
        log.unlink()  # as of the oldest of many
    assert replay.log_of(site.home, site.store.journal, release) == "this model fails-10"
    weighed = traffic.looks(site.store.journal, release.id)[-1].stable_n
    assert 0 < weighed <= told[0].requests
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


def requests_to(site: Site, revision: str) -> int:
    served = traffic.minutes(site.store.journal, "reviews", "production", revision=revision)
    return sum(one.requests for one in served)


def test_without_traffic_nothing_is_promoted_and_the_deadline_decides(site):
    place = canary(within_seconds=3.0)
    site.release("word-0", place)
    release = site.release("word-1", place)
    assert release.status == FAILED
    assert release.reason == "the evidence did not suffice in time"
    assert release.body["cause"] == "inconclusive"
    revision = releases.revision(site.store.journal, release.revision)
    assert not releases.quarantined(site.store.journal, "reviews", "production", revision.package)


def test_a_deadline_asks_a_person_and_says_so_once(site):
    place = canary(within_seconds=1.0, on_deadline="ask")
    site.release("word-0", place)
    asked = site.ask("word-1", place).release
    journal, where = site.store.journal, ("reviews", "production")

    def said() -> list[str]:
        return [sentence(event) for event in journal.events(subject=asked.id) if event.kind == "release.late"]

    eventually(said)
    watched = see.watched(journal, releases.environment(journal, *where))
    assert any("the deadline is over" in line for line in live.lines(watched))
    for full in (False, True):
        with pytest.raises(BadInput, match="have 0% of the evidence for a promotion"):
            asking.request_promotion(site.home, journal, *where, full=full, by="ann")
    asking.request_promotion(site.home, journal, *where, full=True, why="good enough", by="ann")
    assert site.watch(asked.id).status == SUCCEEDED
    assert said() == [
        "the evidence did not suffice in time; it stays as it is until"
        " `seatrial promote production --why …` or `seatrial abort production`"
    ]


@pytest.mark.parametrize("hold", [False, True])
def test_after_its_deadline_a_release_goes_on_by_a_reason_only(site, hold):
    end = "abort" if hold else "hold"
    steps = "20%,wait 3s,60%,wait 1s"
    place = canary(steps, gates=(), within_seconds=2.0, on_deadline=end)
    site.release("word-0", place)
    asked = site.ask("word-1", place).release
    journal, where = site.store.journal, ("reviews", "production")
    eventually(lambda: doing(site, asked.id) == "wait")
    if hold:
        asking.request_hold(site.home, journal, *where, why="lunch", by="ann")
    eventually(lambda: releases.release(journal, asked.id).body.get("late"))
    with pytest.raises(BadInput, match="the deadline is over; to go on all the same takes a reason"):
        asking.request_promotion(site.home, journal, *where, by="ann")
    time.sleep(2.5)  # the wait would be over
    assert weights(site, asked.id) == [20]
    assert any("the deadline is over" in line for line in live.lines(now(site)))
    asking.request_promotion(site.home, journal, *where, why="looked at it", by="ann")
    eventually(lambda: releases.release(journal, asked.id).step >= 4)
    time.sleep(2.5)
    assert weights(site, asked.id) == [20, 60]
    assert doing(site, asked.id) == "wait"
    asking.request_promotion(site.home, journal, *where, why="again", by="ann")
    assert site.watch(asked.id).status == SUCCEEDED


def test_who_is_let_go_waits_on_for_the_evidence(site):
    place = canary("10%")
    site.release("word-0", place)
    asked = site.ask("word-1", place).release
    journal, where = site.store.journal, ("reviews", "production")
    eventually(lambda: doing(site, asked.id) == "analyse")
    asking.request_hold(site.home, journal, *where, why="lunch", by="ann")
    asking.request_promotion(site.home, journal, *where, by="ann")
    assert not releases.release(journal, asked.id).body.get("held")
    with pytest.raises(BadInput, match="takes a reason"):
        asking.request_promotion(site.home, journal, *where, by="ann")
    assert doing(site, asked.id) == "analyse"
    asking.request_promotion(site.home, journal, *where, why="tried by hand", by="ann")
    assert site.watch(asked.id).status == SUCCEEDED


def doing(site, release):
    found = releases.release(site.store.journal, release)
    return found.plan["steps"][found.step]["kind"]


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
    told = [sentence(event) for event in journal.events(subject=release.id)]
    assert (
        told.count("it waits for a person: `seatrial promote production` or `seatrial abort production`") == 1
    )
    second = site.ask("word-2", canary("10%,hold,50%", address=place.address))
    eventually(lambda: 10 in weights(site, second.release.id))
    asking.request_promotion(site.home, journal, *where, full=True, why="hurry", by="bob")
    assert site.watch(second.release.id).status == SUCCEEDED
    third = site.ask("word-3", place)
    eventually(lambda: 10 in weights(site, third.release.id))
    asking.request_hold(site.home, journal, *where, why="wait", by="ann")
    asking.request_abort(site.home, journal, *where, "enough", "ann")
    assert site.watch(third.release.id).status == ABORTED


def test_a_stopped_driver_loses_the_candidates_requests_and_the_release(site):
    place = canary("50%,hold")
    site.release("word-0", place)
    asked = site.ask("word-1", place)
    with load(place) as said:
        eventually(lambda: away(site, asked.release.id) >= 0 and "word-1" in answers(place))
        (supervisor,) = site.supervisors()
        os.kill(supervisor, signal.SIGSTOP)
        eventually(lambda: answers(place) == {"word-0"})
        eventually(lambda: away(site, asked.release.id) > LEASE_SECONDS)
        seen = see.watched(
            site.store.journal, releases.environment(site.store.journal, "reviews", "production")
        )
        os.kill(supervisor, signal.SIGCONT)
        release = site.watch(asked.release.id)
    assert [flow.share for flow in seen.flows] == [100, 0]
    assert re.fullmatch(
        r"nobody has driven it for \d+ s: the candidate gets no requests, and is taken back",
        seen.release.undriven,
    )
    assert release.status == FAILED
    assert re.match(r"nobody drove the release for \d+ s", release.reason)
    assert "Non-2xx" not in said[0], said
    revision = releases.revision(site.store.journal, release.revision)
    assert not releases.quarantined(site.store.journal, "reviews", "production", revision.package)


def test_the_death_of_a_driver_is_seen_at_once_and_who_is_served_then(site):
    place = canary("50%,hold")
    site.release("word-0", place)
    asked = site.ask("word-1", place)
    with load(place):
        eventually(lambda: away(site, asked.release.id) >= 0 and "word-1" in answers(place))
        (supervisor,) = site.supervisors()
        os.kill(supervisor, signal.SIGKILL)
        eventually(lambda: not status.driver(site.home).is_alive)
        assert undriven(site).startswith("nobody has driven it for ")
        eventually(lambda: [flow.share for flow in now(site).flows] == [100, 0])
        assert answers(place) == {"word-0"}
        told = seatrial("status", "--project", "reviews", "--json", folder=site.home)
        [seen] = json.loads(told.out)["environments"]
        assert seen["under_way"]["undriven"].startswith("nobody has driven it for ")
        assert seen["serving"] == {site.stable(): 100}
        eventually(lambda: [flow.share for flow in now(site).flows] == [50, 50])  # `status` woke another one
        assert not undriven(site)
        eventually(lambda: doing(site, asked.release.id) == "hold")  # and the split of its requests holds
        asking.request_promotion(site.home, site.store.journal, "reviews", "production", by="ann")
        release = site.watch(asked.release.id)
    assert release.status == SUCCEEDED
    [(begin, end)] = release.body["undriven"]
    assert 2 < end - begin < LEASE_SECONDS + 10


def now(site: Site) -> Watched:
    row = releases.environment(site.store.journal, "reviews", "production")
    return see.watched(site.store.journal, row, status.driver(site.home))


def undriven(site: Site) -> str:
    return now(site).release.undriven


def answers(place) -> set[str]:
    return {get(port_of(place)).text for _ in range(20)}


def away(site: Site, release: str) -> float:
    """For how many seconds its driver was not seen; -1 before it first was."""
    row = site.store.journal.database.row("SELECT at FROM lease WHERE name = ?", (release,))
    return time.time() - row[0] if row else -1.0


def test_users_stay_and_count_once(site):
    place = canary("50%", sticky="header x-user")
    site.release("word-0", place)
    asked = site.ask("word-1", place)
    eventually(lambda: away(site, asked.release.id) >= 0)
    time.sleep(2.5)  # the warm-up
    seen = {user: {ask_as(place, user) for _ in range(10)} for user in map(str, range(40))}
    assert all(len(words) == 1 for words in seen.values())
    candidates = sum(words == {"word-1"} for words in seen.values())
    assert 8 <= candidates <= 32
    eventually(lambda: units(site, asked.release.id) == (candidates, 40 - candidates))
    [gate] = see.gates(site.store.journal, releases.release(site.store.journal, asked.release.id), 10.0)
    assert (gate.unit, gate.more_seconds) == ("users", None)


def units(site: Site, release: str) -> tuple[float, float]:
    """How many units the gate has counted of either arm."""
    gate = weighing.of_text(traffic.states(site.store.journal, release)[0])
    assert gate.state is not None
    arms = [gate.state.closed, *gate.unweighed.values()]
    return sum(one.candidate_n for one in arms), sum(one.stable_n for one in arms)


def ask_as(place, user: str) -> str:
    return get(port_of(place), headers={"x-user": user}).text


def test_canaries_come_to_their_end_whatever_is_killed(site):
    place = canary("5%,50%")
    kills.campaign(site, place, kills.seed(), 20, load)
    assert counted(site) == logged(site)


@pytest.mark.soak
def test_canaries_come_to_their_end_whatever_is_killed_500_times(site):
    place = canary("5%,50%")
    kills.campaign(site, place, kills.seed(), int(os.environ.get("SOAK_KILLS", "500")), load)
    assert counted(site) >= logged(site) > 0  # what was turned over meanwhile is in no log any more


def counted(site: Site) -> int:
    """The requests that were counted, of all revisions."""
    return sum(one.requests for one in traffic.minutes(site.store.journal, "reviews", "production"))


def logged(site: Site) -> int:
    """The requests that the gateway's log names, with somebody who answered."""
    logs = kills.logs(site).rglob("access.log*")
    return sum(bool(line.revision) for log in logs for line in log_line.lines(log.read_bytes()))
