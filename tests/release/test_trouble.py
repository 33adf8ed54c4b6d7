"""Envoy hangs, an address is taken, a file is not seen: the others go on, and whoever waits is told."""

import os
import shutil
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seatrial.errors import BadInput, Infrastructure
from seatrial.gateway import files, ports
from seatrial.journal import releases
from seatrial.release import request as asking
from seatrial.release import trouble, wake, watch
from seatrial.release.status import status
from seatrial.system import process
from tests.release.site import PATIENCE_SECONDS, environment, eventually, get, port_of, processor_ticks

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]


def text(of):
    try:
        return get(port_of(of)).text
    except OSError as error:
        return str(error)


def troubles(site, subject):
    """The kinds of events about trouble of a release or an environment, in order."""
    events = site.store.journal.events(subject=subject)
    return [event.kind for event in events if event.kind.startswith("environment.")]


def said(site, subject):
    """All that it was in trouble with."""
    events = site.store.journal.events(subject=subject)
    return [event.body["text"] for event in events if event.kind == "environment.trouble"]


def restarts(site):
    events = site.store.journal.events(subject="gateway")
    return [event.body["reason"] for event in events if event.kind == "server.failed"]


def seen(site, name="production"):
    return next(one for one in status(site.home, site.store.journal) if one.name == name)


def test_a_release_while_envoy_hangs_is_told_and_ends_well_with_a_new_envoy(site):
    place = environment()
    site.release("one", place)
    before = site.envoy_pid()
    process.send(before, signal.SIGSTOP)
    asked = site.ask("two", place)
    heard = []
    row = watch.watch(site.home, site.store.journal, asked.release.id, heard.append)
    assert row.status == releases.SUCCEEDED
    assert text(place) == "two"
    told = [event.body["text"] for event in heard if event.kind == "environment.trouble"]
    assert "Envoy does not answer" in told[0]
    assert site.envoy_pid() != before
    assert {reason.partition(":")[0] for reason in restarts(site)} == {"it is started again"}
    eventually(lambda: seen(site).trouble == "")
    assert troubles(site, asked.release.id)[-1] == "environment.recovered"


def test_down_succeeds_while_envoy_hangs(site):
    place = environment(drain_seconds=2.0)
    site.release("one", place)
    process.send(site.envoy_pid(), signal.SIGSTOP)
    site.down()
    eventually(lambda: site.pids() == {} and site.supervisors() == [])


def test_a_rollback_to_an_address_that_is_taken_is_refused_and_one_begun_before_ends(site, monkeypatch):
    place = environment()
    site.release("one", place)
    site.release("two", place)
    site.down()
    eventually(lambda: ports.is_free("127.0.0.1", port_of(place)))
    journal, where = site.store.journal, ("reviews", "production")
    with socket.create_server(("127.0.0.1", port_of(place))):
        asking.request_up(site.home, journal, *where)
        eventually(lambda: "cannot listen on" in seen(site).trouble)
        with pytest.raises(BadInput, match="another process has the address"):
            asking.request_rollback(site.home, journal, *where, to="1")
        monkeypatch.setattr(ports, "is_free", lambda *_: True)  # it was, when it was asked
        asked = asking.request_rollback(site.home, journal, *where, to="1")
        ended = site.watch(asked.release.id)
        assert ended.status == releases.FAILED
        assert "cannot listen on" in ended.reason
    eventually(lambda: text(place) == "two")


def test_an_envoy_that_hangs_is_replaced_though_nobody_wants_anything(site):
    place = environment()
    site.release("one", place)
    before = site.envoy_pid()
    [supervisor] = site.supervisors()
    process.send(before, signal.SIGSTOP)
    eventually(lambda: said(site, "reviews/production"))
    ticks = processor_ticks(supervisor)
    time.sleep(3)
    assert processor_ticks(supervisor) - ticks <= 15, "more than 5% of a core"
    eventually(lambda: text(place) == "one")
    assert site.supervisors() == [supervisor]


def test_an_address_that_is_taken_meanwhile_stops_its_own_environment_only(site):
    place, other = environment(), environment(name="staging")
    site.release("one", place)
    site.release("two", other)
    site.down()
    eventually(lambda: ports.is_free("127.0.0.1", port_of(place)))
    with socket.create_server(("127.0.0.1", port_of(place))):
        asking.request_up(site.home, site.store.journal, "reviews", "production")
        with pytest.raises(Infrastructure, match=r"cannot listen on .* in use") as caught:
            watch.wait_up(site.home, site.store.journal, "reviews", "production")
        assert "as soon as the address is free" in caught.value.hint
        assert "cannot listen on" in seen(site).trouble
        assert seen(site, "staging").trouble == ""
        assert site.release("three", other).status == releases.SUCCEEDED
        [supervisor] = site.supervisors()
        ticks = processor_ticks(supervisor)
        time.sleep(3)
        assert processor_ticks(supervisor) - ticks <= 15, "more than 5% of a core"
    eventually(lambda: text(place) == "one")
    eventually(lambda: seen(site).trouble == "")
    assert restarts(site) == []


def test_an_environment_whose_files_envoy_does_not_see_keeps_no_other_waiting(site):
    place, other = environment(), environment(name="staging")
    site.release("one", place)
    site.release("two", other)
    routes = Path(files.paths(site.home).routes(files.entry_name("reviews", "production")))
    shutil.rmtree(routes.parent.rename(site.home / "aside"))  # and with it, Envoy's watch; it may be written
    asked = site.ask("three", place)
    eventually(lambda: said(site, asked.release.id))
    assert site.release("four", other).status == releases.SUCCEEDED
    assert site.watch(asked.release.id).status == releases.SUCCEEDED
    assert any("Envoy does not take routes.json" in one for one in said(site, asked.release.id))
    assert (text(place), text(other)) == ("three", "four")
    assert "it is started again: Envoy does not take routes.json" in restarts(site)


def test_down_is_told_what_is_in_the_way_and_ends(site):
    place = environment(drain_seconds=2.0)
    site.release("one", place)
    site.release("two", environment(name="staging"))
    process.send(site.envoy_pid(), signal.SIGSTOP)
    heard = []
    asking.request_down(site.home, site.store.journal, "reviews", "production")
    watch.wait_down(site.home, site.store.journal, "reviews", "production", say=heard.append)
    assert heard
    assert heard[0].startswith("in trouble: Envoy does not answer")


def test_a_supervisor_that_cannot_live_is_an_error_and_not_a_wait(site, monkeypatch):
    monkeypatch.setattr(watch, "KEEP_SECONDS", 0.1)
    broken = site.home / "broken.py"
    broken.write_text("import sys; sys.exit('no space left')")
    monkeypatch.setattr("seatrial.release.wake.program", lambda: ["/usr/bin/env", "python3", str(broken)])
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(watch.wait, site.home, lambda: False, lambda: False)
        with pytest.raises(Infrastructure, match="ends whenever it is started: no space left"):
            waiting.result(timeout=PATIENCE_SECONDS)


def test_a_first_release_that_cannot_go_on_is_told(site, monkeypatch):
    """As when the code of the supervisor is not that of the plan."""
    broken = site.home / "broken.py"
    broken.write_text(
        "from seatrial.release import rollout, supervisor\n"
        "def thaw(steps): raise TypeError('no such step')\n"
        "rollout.thaw = thaw\n"
        "supervisor.main()\n"
    )
    monkeypatch.setattr("seatrial.release.wake.program", lambda: supervisor(broken))
    site.ask("one", environment())
    eventually(lambda: seen(site).trouble == "this is a defect of seatrial: TypeError: no such step")


OTHERS = {
    "version": "edition.__version__ = '0.0.9'",
    "code": "edition.glance = edition.content = lambda: 'edited'",
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_supervisor_of_other_code_is_replaced_and_what_serves_lives_on(site, monkeypatch, what):
    older = site.home / "older.py"
    older.write_text(
        f"from seatrial.system import edition\n{OTHERS[what]}\n"
        "from seatrial.release import supervisor\nsupervisor.main()\n"
    )
    with monkeypatch.context() as patched:
        patched.setattr("seatrial.release.wake.program", lambda: supervisor(older))
        place = environment()
        patched.setattr("seatrial.release.wake.edition.is_ours", lambda told: True)
        site.release("one", place)
    (before,), serving = holders(site), site.pids()
    looks = iter((False, True))
    watch.wait(site.home, lambda: next(looks), lambda: False)
    assert holders(site) == [before], "who only watches replaces none"
    assert wake.ensure(site.home) is False, "another one was started"
    eventually(lambda: holders(site) not in ([], [before]))
    assert wake.ensure(site.home) is True
    site.release("two", place)
    assert text(place) == "two"
    assert set(serving) & set(site.pids()), "Envoy is the same"


def supervisor(script):
    """A command that the site knows as its supervisor."""
    return [sys.executable, str(script), "seatrial.release.supervisor"]


def holders(site):
    """The pids of those who hold the lock of the supervisor."""
    at = wake.lock_file(site.home).stat()
    wanted = f"{os.major(at.st_dev):02x}:{os.minor(at.st_dev):02x}:{at.st_ino}"
    lines = Path("/proc/locks").read_text().splitlines()
    return [int(line.split()[4]) for line in lines if line.split()[5] == wanted]


def test_another_wish_begins_a_new_row_of_failures():
    first = trouble.failed(None, ("up",), "no")
    second = trouble.failed(first, ("up",), "no")
    assert (first.times, second.times) == (1, 2)
    assert second.not_before > first.not_before
    assert trouble.failed(second, ("down",), "no").times == 1
