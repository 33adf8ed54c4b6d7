"""Gates on numbers beside real servers: commands, a real Prometheus, and what Envoy itself counts."""

from __future__ import annotations

import os
import socket
from functools import partial
from pathlib import Path

import pytest

from seatrial.gateway.servers import token_prefix
from seatrial.journal import readings, releases, traffic
from seatrial.journal.releases import ABORTED, FAILED, SUCCEEDED, ReleaseRow
from seatrial.pipeline.pipeline import Environment, Gate, Metric
from seatrial.release import request as asking
from seatrial.release import see, strata, wake
from seatrial.system import process
from tests.clients.prometheus_server import serving
from tests.release.canaries import canary, load
from tests.release.site import NOWHERE, Site, eventually

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]


def judged(gate: str, *metrics: Metric, **more: object) -> Environment:
    return canary("50%", gates=(Gate(gate, NOWHERE),), metrics=metrics, warm_up_seconds=0.5, **more)


def command(text: str) -> Metric:
    return Metric("queue", NOWHERE, command=text, every_seconds=1.0)


def is_quarantined(site: Site, revision: str) -> bool:
    row = releases.revision(site.store.journal, revision)
    return bool(releases.quarantined(site.store.journal, "reviews", "production", row.package))


def trouble(site: Site) -> str:
    return str(releases.environment(site.store.journal, "reviews", "production").trouble.text)


def aborted(site: Site, release: str) -> ReleaseRow:
    """What becomes of a release that a person ends."""
    asking.request_abort(site.home, site.store.journal, "reviews", "production", "seen enough")
    row = site.watch(release)
    assert row.status == ABORTED
    return row


def test_readings_that_keep_the_gate_promote_without_any_request(site: Site) -> None:
    asks = 'test -f serve.py && test -n "$SEATRIAL_STABLE_PORT" && echo ${SEATRIAL_CANDIDATE##*/}'
    place = judged("queue <= 2", command(asks))
    site.release("word-0", place)
    release = site.release("word-1", place)
    assert release.status == SUCCEEDED
    found = readings.after(site.store.journal, release.id, 0)
    assert {one.value for one in found} == {2.0}
    before = [look.candidate_n for look in traffic.looks(site.store.journal, release.id)][:-1]
    assert max(before, default=0) <= 8  # at a confidence of 95%: 2^-6 < 5%, and the bets cost some
    assert len(found) >= 6
    gate = see.gates(site.store.journal, release)[0]
    assert (gate.unit, gate.candidate, gate.last, gate.evidence) == ("readings", 0.0, 2.0, 1.0)


def test_a_killed_supervisor_counts_every_reading_once(site: Site) -> None:
    place = judged("queue <= 2", command("echo 1"))
    site.release("word-0", place)
    asked = site.ask("word-1", place)
    for count in (1, 3, 5):
        eventually(partial(has_measured, site, asked.release.id, count))
        site.kill_supervisor()
    release = site.watch(asked.release.id)
    assert release.status == SUCCEEDED
    [gate] = see.gates(site.store.journal, release)
    most, least = driven(site, release), driven(site, release, before=1.0)
    assert least - 1 <= gate.candidate_n <= most, "one may come after the last look"


def driven(site: Site, release: ReleaseRow, before: float = 0.0) -> int:
    """How many readings are not of a gap that a busy machine makes, nor of so long before one."""
    gaps = strata.gaps_of(release.body)
    times = [one.at for one in readings.after(site.store.journal, release.id, 0)]
    return sum(not any(begin - before < at <= end for begin, end in gaps) for at in times)


def has_measured(site: Site, release: str, count: int) -> bool:
    wake.ensure(site.home)
    return len(values(site, release, "queue")) >= count


def test_readings_beyond_the_bar_take_it_back(site: Site) -> None:
    place = judged("queue <= 2", command("echo 3"))
    site.release("word-0", place)
    release = site.release("word-1", place)
    assert (release.status, release.reason) == (FAILED, "queue <= 2 does not hold")
    assert is_quarantined(site, release.revision)


def test_what_cannot_be_measured_neither_passes_nor_harms(site: Site) -> None:
    place = judged("queue <= 2", command("echo broken >&2; exit 7"), within_seconds=1.0, on_deadline="hold")
    site.release("word-0", place)
    asked = site.ask("word-1", place)
    said = "queue cannot be measured: the command ended with 7: broken"
    eventually(lambda: trouble(site) == said)
    [gate] = see.gates(site.store.journal, releases.release(site.store.journal, asked.release.id))
    assert gate.trouble == said
    assert releases.release(site.store.journal, asked.release.id).body["late"]
    release = aborted(site, asked.release.id)
    assert not is_quarantined(site, release.revision)
    assert all(one.value is None for one in readings.after(site.store.journal, release.id, 0))
    eventually(lambda: not trouble(site))


def test_a_command_that_hangs_keeps_nobody_waiting_and_leaves_nothing(site: Site) -> None:
    place = judged("queue <= 2", command(f"touch {site.home}/begun; sleep 1000"))
    site.release("word-0", place)
    asked = site.ask("word-1", place)
    eventually((site.home / "begun").exists)
    release = aborted(site, asked.release.id)
    assert readings.after(site.store.journal, release.id, 0) == [], "it was waited for"
    site.down()
    eventually(lambda: not site.supervisors())
    assert not list(process.tokens(token_prefix(site.home)))


def test_a_query_to_prometheus_is_asked_with_the_candidates_name(site: Site, tmp_path: Path) -> None:
    with serving(tmp_path / "prometheus") as address:
        query = 'label_replace(vector(0.5), "port", "$SEATRIAL_CANDIDATE_PORT", "", "")'
        place = judged("load < 1", Metric("load", NOWHERE, "", address, query, 1.0))
        site.release("word-0", place)
        release = site.release("word-1", place)
        assert release.status == SUCCEEDED
        assert {one.value for one in readings.after(site.store.journal, release.id, 0)} == {0.5}


def test_a_prometheus_that_is_away_is_trouble_and_no_evidence(site: Site) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))  # it is nobody else's, and nobody listens
        away = f"http://127.0.0.1:{mute.getsockname()[1]}"
        place = judged("load < 1", Metric("load", NOWHERE, "", away, "up", 1.0))
        site.release("word-0", place)
        asked = site.ask("word-1", place)
        eventually(lambda: "does not answer" in trouble(site))
        release = aborted(site, asked.release.id)
    assert not is_quarantined(site, release.revision)
    assert values(site, release.id, "load") == []


def test_the_gateways_own_numbers_are_of_the_candidate_and_of_its_share(site: Site) -> None:
    place = judged("throughput >= 1")._replace(
        gates=(Gate("throughput >= 1", NOWHERE), Gate("saturation <= 1000", NOWHERE))
    )
    site.release("word-0", place)
    asked = site.ask("slow-50", place)  # so that some are always in flight
    with load(place) as said:
        eventually(lambda: len(values(site, asked.release.id, "throughput")) >= 1)
        eventually(lambda: len(values(site, asked.release.id, "saturation")) >= 1)
        aborted(site, asked.release.id)
    rate = float(said[0].partition("Requests/sec:")[2].split()[0])
    throughput = values(site, asked.release.id, "throughput")
    assert all(rate / 20 < value < 20 * rate for value in throughput), (rate, throughput)
    busy = [value * len(os.sched_getaffinity(0)) for value in values(site, asked.release.id, "saturation")]
    assert all(0 < value <= 8 for value in busy), busy  # wrk has 8 connections


def test_without_requests_the_gateway_has_no_number(site: Site) -> None:
    place = judged("throughput >= 5")
    site.release("word-0", place)
    asked = site.ask("word-1", place)
    eventually(lambda: "throughput" in readings.last(site.store.journal, asked.release.id))
    release = aborted(site, asked.release.id)
    assert not is_quarantined(site, release.revision)
    assert values(site, release.id, "throughput") == []
    assert readings.last(site.store.journal, release.id)["throughput"].value is None


def values(site: Site, release: str, metric: str) -> list[float]:
    found = readings.after(site.store.journal, release, 0)
    return [one.value for one in found if one.metric == metric and one.value is not None]
