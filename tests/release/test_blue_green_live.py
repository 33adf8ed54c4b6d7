"""Gates where the candidate gets all requests at once: they are judged while the old one stays ready."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.gateway import ports
from seatrial.journal import releases, servers
from seatrial.journal.releases import FAILED, SUCCEEDED, ReleaseRow
from seatrial.pipeline.pipeline import Environment, Gate, Predictions
from seatrial.release import narration, see, status
from seatrial.release.request import request_promotion
from seatrial.report import live
from tests.release import kills
from tests.release.canaries import load
from tests.release.site import NOWHERE, Site, environment, eventually, get, port_of
from tests.release.test_probe_live import recorded

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]

FEW_ERRORS = "error_rate <= 2%"
BESIDE = "error_rate <= stable + 2pp"


def judged(strategy: str, *gates: str, **more: Any) -> Environment:
    found = tuple(Gate(text, NOWHERE) for text in gates)
    plain = environment(strategy=strategy, gates=found, predictions=Predictions())
    return plain._replace(**{"warm_up_seconds": 1.0, **more})


def shares(site: Site, release: ReleaseRow) -> list[dict[str, int]]:
    events = site.store.journal.events(subject=release.id)
    return [event.body["weights"] for event in events if event.kind == "traffic"]


def step_of(site: Site, release: ReleaseRow) -> str:
    now = releases.release(site.store.journal, release.id)
    return status.describe_step(now) if now else ""


def is_quarantined(site: Site, release: ReleaseRow) -> bool:
    package = releases.revision(site.store.journal, release.revision)
    assert package is not None
    return bool(releases.quarantined(site.store.journal, "reviews", "production", package.package))


def test_blue_green_waits_for_evidence_with_the_old_one_ready(site: Site) -> None:
    preview = f"127.0.0.1:{ports.free_port()}"
    place = judged("blue-green", FEW_ERRORS, strategy_options=(("preview", preview),))
    site.release("word-0", place)
    asked = site.ask("word-1", place).release
    assert asked is not None
    eventually(lambda: step_of(site, asked) == "ask")
    assert get(port_of(place)).text == "word-0"
    assert get(port_of(place._replace(address=preview))).text == "word-1"
    row = releases.environment(site.store.journal, "reviews", "production")
    assert row is not None
    assert any(f"http://{preview}" in line for line in live.lines(see.watched(site.store.journal, row)))
    ways = "`seatrial promote production` or `seatrial abort production`"
    assert f"it waits for a person: {ways}; look at http://{preview}" in told(site, asked)
    request_promotion(site.home, site.store.journal, "reviews", "production")
    eventually(lambda: step_of(site, asked) == "analyse to 100%")
    assert get(port_of(place)).text == "word-1"
    assert site.server_pid(asked.previous)
    with load(place):
        release = site.watch(asked.id)
    assert release.status == SUCCEEDED
    [gate] = see.gates(site.store.journal, release)
    assert (gate.evidence, gate.candidate_n > 100) == (1.0, True)


def told(site: Site, release: ReleaseRow) -> list[str]:
    """What whoever watches is told."""
    return [narration.sentence(event) for event in site.store.journal.events(subject=release.id)]


@pytest.mark.parametrize("strategy", ["blue-green", "recreate"])
def test_a_gate_that_fails_brings_the_old_one_back(site: Site, strategy: str) -> None:
    place = judged(strategy, FEW_ERRORS)
    site.release("word-0", place)
    with load(place):
        release = site.release("fails-20", place)
    assert (release.status, release.reason) == (FAILED, f"{FEW_ERRORS} does not hold")
    assert shares(site, release)[-1] == {release.previous: 100}
    assert is_quarantined(site, release)
    eventually(lambda: get(port_of(place)).text == "word-0")
    live = [row.revision for row in servers.live(site.store.journal) if row.status == servers.READY]
    assert release.revision not in live


def test_what_compares_is_judged_by_recorded_requests_before_the_switch(site: Site) -> None:
    place = judged("blue-green", BESIDE, "agreement >= 0.9", probe="requests.jsonl")
    site.release("word-0", place)
    requests = recorded(site, [f"/{n}" for n in range(600)])
    bad = site.release("wrong-50", place, probe=requests)
    assert (bad.status, bad.reason) == (FAILED, "agreement >= 0.9 does not hold")
    assert bad.revision not in {name for weights in shares(site, bad) for name in weights}
    good = site.release("word-1", place, probe=requests)
    assert good.status == SUCCEEDED
    assert get(port_of(place)).text == "word-1"


def test_too_few_recorded_requests_release_nothing_and_accuse_nobody(site: Site) -> None:
    place = judged("blue-green", BESIDE, probe="requests.jsonl")
    site.release("word-0", place)
    release = site.release("word-1", place, probe=recorded(site, ["/1"] * 20))
    assert (release.status, release.body["cause"]) == (FAILED, "inconclusive")
    assert release.reason.startswith("the recorded requests did not suffice")
    assert not is_quarantined(site, release)
    assert release.revision not in {name for weights in shares(site, release) for name in weights}
    assert get(port_of(place)).text == "word-0"


@pytest.mark.parametrize("strategy", ["blue-green", "recreate"])
def test_it_comes_to_its_end_whatever_is_killed(site: Site, strategy: str) -> None:
    kills.campaign(site, judged(strategy, "error_rate <= 30%"), kills.seed(), 3, load)
