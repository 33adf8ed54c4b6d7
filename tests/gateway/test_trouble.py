"""Envoy refuses, is late, hangs, or cannot be had: against a real one."""

import signal
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from seatrial.gateway import apply, pause, ports, proxy
from seatrial.gateway.apply import Wanted
from seatrial.gateway.config import Backend, Entry, Share
from seatrial.gateway.proxy import Proxy, is_time_to_restart
from seatrial.journal import servers
from seatrial.system import files, process
from tests.gateway.conftest import until
from tests.release.site import PATIENCE_SECONDS, get

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]

# A header without a name.
NAMELESS = "header "


@pytest.fixture
def two(gateway, upstream):
    """Two environments, a server each, in one Envoy; what gives the second other weights."""
    a, b = upstream("a"), upstream("b")
    backends = (Backend("a", a.port, "r/one/1"), Backend("b", b.port, "r/one/2"))
    first = gateway.entry._replace(shares=(Share("a", 1),))
    port = ports.free_port()

    def keep(*weights: int, sticky: str = "") -> Wanted:
        shares = tuple(Share(name, w) for name, w in zip("ba", weights, strict=False))
        wanted = Wanted(backends, (Entry("environment-0", "127.0.0.1", port, shares, sticky=sticky), first))
        gateway.proxy.keep(wanted)
        return wanted

    keep(1)
    assert (get(port).text, get(first.port).text) == ("b", "a")
    return port, keep


def reasons(gateway):
    """Why Envoys were ended, the first first."""
    events = gateway.yard.journal.events(subject="gateway")
    return [event.body["reason"] for event in events if event.kind == "server.failed"]


def test_what_envoy_refuses_of_one_environment_leaves_it_as_it_was_and_stops_no_other(
    gateway, two, monkeypatch
):
    port, keep = two
    wanted = keep(1, 1, sticky=NAMELESS)
    assert list(gateway.proxy.outcome.refused) == ["environment-0"]
    assert (gateway.proxy.holds("environment-0"), gateway.proxy.holds("environment-1")) == (False, True)
    assert get(port).text == "b"
    second, first = wanted.entries
    changed = first._replace(shares=(Share("b", 1),))
    monkeypatch.setattr(apply, "CONFIRM_SECONDS", 10 * PATIENCE_SECONDS)  # what waits for it, hangs
    gateway.proxy.keep(wanted._replace(entries=(second, changed)))
    assert get(first.port).text == "b"
    assert list(gateway.proxy.outcome.refused) == ["environment-0"], "still, and not tried again yet"
    gateway.proxy.keep(wanted._replace(entries=(second._replace(shares=changed.shares, sticky=""), changed)))
    assert gateway.proxy.outcome == apply.NOTHING
    assert get(port).headers["seatrial-revision"] == "r/one/2"
    assert reasons(gateway) == []


def test_clusters_stay_while_routes_from_before_may_need_them(gateway, two):
    port, keep = two
    wanted = keep(1, 1, sticky=NAMELESS)
    second, first = wanted.entries
    only_a = wanted._replace(backends=wanted.backends[:1])
    gateway.proxy.keep(only_a)
    assert get(port).text == "b", "its routes of before still name that server"
    gateway.proxy.keep(only_a._replace(entries=(second._replace(shares=()), first)))
    assert get(port).status == 503
    assert [one["name"] for one in apply.read(Path(gateway.yard.paths.clusters))["resources"]] == ["a"]


def test_an_environment_whose_files_envoy_does_not_see_is_late_and_mended_by_a_new_envoy(
    gateway, two, monkeypatch
):
    monkeypatch.setattr(apply, "CONFIRM_SECONDS", 2.0)
    monkeypatch.setattr(pause, "FIRST_SECONDS", 0.05)
    port, keep = two
    files.remove(Path(gateway.yard.paths.routes("environment-0")).parent)  # and with it, Envoy's watch
    wanted = keep(1, 1)
    assert gateway.proxy.outcome.late == {"environment-0": "Envoy does not take routes.json"}
    before = gateway.proxy.row.token
    second, first = wanted.entries
    changed = wanted._replace(entries=(second, first._replace(shares=(Share("b", 1),))))
    gateway.proxy.keep(changed)
    assert get(first.port).text == "b"

    def is_mended():
        gateway.proxy.keep(changed)
        return gateway.proxy.applied == changed and gateway.proxy.outcome == apply.NOTHING

    until(is_mended)
    assert gateway.proxy.row.token != before
    assert reasons(gateway) == ["it is started again: Envoy does not take routes.json"]
    assert {get(port).text for _ in range(50)} == {"a", "b"}


def test_an_envoy_that_hangs_is_noticed_without_a_change_and_started_again(gateway, upstream, monkeypatch):
    monkeypatch.setattr(proxy, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(proxy, "SILENT_SECONDS", 1.5)
    monkeypatch.setattr("seatrial.gateway.yard.ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(pause, "FIRST_SECONDS", 0.05)
    wanted = gateway.keep(upstream("a"), a=1)
    hung = gateway.proxy.row
    process.send(hung.pid, signal.SIGSTOP)

    def says_so():
        gateway.proxy.keep(wanted)
        return "no answer within 1 s" in gateway.proxy.trouble

    def is_well():
        gateway.proxy.keep(wanted)
        return not gateway.proxy.trouble

    until(says_so)
    assert not gateway.proxy.holds("environment-1")
    until(is_well)
    assert get(gateway.port).text == "a"
    assert not process.is_alive(hung.identity)
    assert [why.partition(":")[0] for why in reasons(gateway)] == ["it is started again"]


def test_an_envoy_that_hangs_can_be_ended(gateway, upstream):
    gateway.keep(upstream("a"), a=1)
    hung = gateway.proxy.row
    process.send(hung.pid, signal.SIGSTOP)
    gateway.proxy.end()
    assert not process.is_alive(hung.identity)
    assert servers.live(gateway.yard.journal) == []


def test_one_that_an_earlier_supervisor_was_still_starting_becomes_ready(gateway, upstream):
    wanted = gateway.keep(upstream("a"), a=1)
    servers.move(gateway.yard.journal, gateway.proxy.row, servers.STARTING)
    Proxy(gateway.yard).keep(wanted)
    assert [row.status for row in servers.live(gateway.yard.journal)] == [servers.READY]


def test_an_envoy_that_cannot_be_had_is_a_trouble_with_growing_pauses(gateway, upstream, monkeypatch):
    started = []

    def binary():
        started.append(time.monotonic())
        return Path("/bin/false")

    monkeypatch.setattr("seatrial.clients.envoy.binary", binary)
    monkeypatch.setattr(pause, "FIRST_SECONDS", 0.05)

    def thrice():
        gateway.keep(one, a=1)
        return len(started) == 4

    one = upstream("a")
    until(thrice)
    assert gateway.proxy.row is None
    assert "Envoy" in gateway.proxy.trouble
    pauses = [later - earlier for earlier, later in pairwise(started[1:])]
    assert pauses[0] >= 0.15  # of 0.2 and 0.4, less what the machine was late with the stamp before
    assert pauses[1] >= 0.3


def test_an_address_that_is_taken_meanwhile_is_closed_and_opened_as_soon_as_it_is_free(
    gateway, two, monkeypatch
):
    monkeypatch.setattr(apply, "CONFIRM_SECONDS", 10 * PATIENCE_SECONDS)  # what waits for it, hangs
    port, keep = two
    wanted = keep(1)
    without = wanted._replace(entries=wanted.entries[1:])
    gateway.proxy.keep(without)
    until(lambda: ports.is_free("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", port)):
        gateway.proxy.keep(wanted)
        assert list(gateway.proxy.outcome.closed) == ["environment-0"]
        assert gateway.proxy.outcome.behind == {}
        written = Path(gateway.yard.paths.listeners).stat().st_mtime_ns
        gateway.proxy.keep(wanted)
        assert Path(gateway.yard.paths.listeners).stat().st_mtime_ns == written, "not tried in a loop"
    gateway.proxy.keep(wanted)
    assert gateway.proxy.outcome == apply.NOTHING
    assert get(port).text == "b"


def test_a_new_envoy_is_tried_ever_more_seldom():
    assert [count for count in range(1, 50) if is_time_to_restart(count)] == [3, 6, 12, 24, 48]
