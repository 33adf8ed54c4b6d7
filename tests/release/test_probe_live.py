"""Recorded requests replayed to real servers: where nobody else asks, they decide."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.journal import releases, servers, traffic
from seatrial.journal.releases import FAILED, SUCCEEDED
from seatrial.pipeline.pipeline import Environment
from seatrial.project import upkeep
from seatrial.project.project import open_home
from seatrial.release import see, wake
from seatrial.store import blobs
from seatrial.system import process
from tests.release import kills
from tests.release.canaries import ERRORS, canary
from tests.release.site import Site, environment, eventually, get, port_of

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]


def recorded(site: Site, paths: list[str]) -> str:
    lines = [json.dumps({"path": path, "headers": {"x-user": "ann"}}) for path in paths]
    return blobs.add_bytes(site.store, "\n".join(lines).encode())


def held(site: Site) -> str:
    """Requests of which the first is not answered before `go_on` is there."""
    return recorded(site, [f"/held?until={go_on(site)}", *("/1" for _ in range(600))])


def go_on(site: Site) -> Path:
    return site.home / "go-on"


def probing(steps: str = "probe,50%", **more: object) -> Environment:
    return canary(steps, probe="requests.jsonl", **more)


def probed(site: Site, release: str) -> list[str]:
    events = site.store.journal.events(subject=release)
    return [event.body["text"] for event in events if event.kind == "release.probed"]


def asked_by_users(site: Site) -> int:
    return sum(one.requests for one in traffic.minutes(site.store.journal, "reviews", "production"))


def test_without_any_user_recorded_requests_promote_an_equal_candidate(site: Site) -> None:
    place = probing()
    site.release("word-0", place)
    release = site.release("word-1", place, probe=recorded(site, [f"/{n}" for n in range(600)]))
    assert release.status == SUCCEEDED
    [said] = probed(site, release.id)
    start = "600 recorded requests to both revisions: the candidate failed 0, stable 0"
    assert said.startswith(f"{start}, the same prediction in 600 of 600")
    assert asked_by_users(site) == 0
    sight = see.sight(site.store.journal, release, 0.0)
    assert (sight.probed.requests, sight.gates[0].evidence) == (600, 1.0)
    assert release.plan["probe"]["digest"] in set(upkeep.roots(open_home()))


def test_too_few_do_not_promote_and_the_deadline_decides(site: Site) -> None:
    place = probing(within_seconds=3.0)
    site.release("word-0", place)
    release = site.release("word-1", place, probe=recorded(site, ["/1"] * 20))
    assert (release.status, release.body["cause"]) == (FAILED, "inconclusive")
    assert release.body["probed"]["requests"] == 20


def test_a_failing_candidate_is_taken_back_before_a_user_meets_it(site: Site) -> None:
    place = probing("50%")  # replayed before the first share, where no step says when
    site.release("word-0", place)
    release = site.release("fails-20", place, probe=recorded(site, ["/1"] * 300))
    assert release.status == FAILED
    assert release.reason == f"{ERRORS.text} does not hold"
    events = site.store.journal.events(subject=release.id)
    weights = [event.body["weights"] for event in events if event.kind == "traffic"]
    assert not any(release.revision in shares for shares in weights)
    revision = releases.revision(site.store.journal, release.revision)
    assert releases.quarantined(site.store.journal, "reviews", "production", revision.package)


def test_a_killed_supervisor_replays_once_more_and_counts_once_while_others_go_on(site: Site) -> None:
    place = probing()
    site.release("word-0", place)
    asked = site.ask("word-1", place, probe=held(site))
    eventually(lambda: at_step(site, asked.release.id) == "probe")
    site.kill_supervisor()
    wake.ensure(site.home)
    other = environment(name="staging")
    site.release("word-2", other)
    assert not probed(site, asked.release.id), "the other environment waited for the probe"
    go_on(site).touch()
    assert site.watch(asked.release.id).status == SUCCEEDED
    assert len(probed(site, asked.release.id)) == 1
    assert get(port_of(place)).text == "word-1"
    site.down("staging")


def test_a_candidate_that_ends_meanwhile_is_taken_back_and_not_judged(site: Site) -> None:
    place = probing()
    site.release("word-0", place)
    asked = site.ask("word-1", place, probe=held(site))
    eventually(lambda: at_step(site, asked.release.id) == "probe")
    process.send(site.server_pid(asked.revision.id), signal.SIGKILL)
    release = site.watch(asked.release.id)
    assert release.status == FAILED
    assert "killed by SIGKILL" in release.reason
    assert not probed(site, release.id)
    assert not releases.quarantined(site.store.journal, "reviews", "production", asked.revision.package)


def test_an_aborted_release_is_taken_back_before_the_end_of_its_probe(site: Site) -> None:
    from seatrial.release import request as asking

    place = probing()
    site.release("word-0", place)
    asked = site.ask("word-1", place, probe=held(site))
    eventually(lambda: at_step(site, asked.release.id) == "probe")
    asking.request_abort(site.home, site.store.journal, "reviews", "production", "enough")
    assert site.watch(asked.release.id).status == "aborted"
    live = [row.revision for row in servers.live(site.store.journal) if row.status == servers.READY]
    assert asked.revision.id not in live


def at_step(site: Site, release: str) -> str:
    row = releases.release(site.store.journal, release)
    return str(row.plan["steps"][row.step]["kind"]) if row.finished is None else "over"


def test_probes_come_to_their_end_whatever_is_killed(site: Site) -> None:
    campaign(site, 4)


@pytest.mark.soak
def test_probes_come_to_their_end_whatever_is_killed_200_times(site: Site) -> None:
    campaign(site, int(os.environ.get("SOAK_KILLS", "200")))


def campaign(site: Site, times: int) -> None:
    requests = recorded(site, [f"/{n}" for n in range(600)])
    kills.campaign(site, probing(), kills.seed(), times, probe=requests)
    rows = site.store.journal.database.rows("SELECT id, status, kind, previous FROM release")
    for release, status, kind, previous in rows:
        asked = probed(site, release)
        assert len(asked) <= 1, "what was kept, was kept once"
        if status == SUCCEEDED and kind == "release" and previous:
            assert asked, "nobody else asks, so only recorded requests can have promoted it"


def test_a_bad_file_is_refused_before_anything_changes(site: Site) -> None:
    place = probing()
    site.release("word-0", place)
    bad = blobs.add_bytes(site.store, b'{"path": "/"}\n{"path": "x"}\n')
    with pytest.raises(BadInput) as caught:
        site.ask("word-1", place, probe=bad)
    assert str(caught.value.place) == "requests.jsonl:2:1"
    assert releases.unfinished(site.store.journal, "reviews", "production") is None
