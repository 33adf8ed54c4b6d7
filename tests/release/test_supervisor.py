"""Releases end to end: a real supervisor, a real Envoy, real servers."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from seatrial.errors import BadInput, Refused
from seatrial.gateway import ports
from seatrial.journal import releases, servers, traffic
from seatrial.release import history, wake, watch
from seatrial.release import request as asking
from seatrial.release.admission import Evidence
from seatrial.release.request import UnderWay
from seatrial.release.status import status
from seatrial.system import process
from tests.release import kills
from tests.release.site import PATIENCE_SECONDS, environment, eventually, get, port_of, processor_ticks

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]


def answer(place, path="/"):
    return get(port_of(place), path)


def test_from_the_first_release_to_the_last_process(site):
    place = environment()
    first = site.release("one", place)
    assert (first.status, first.plan["strategy"]) == (releases.SUCCEEDED, "recreate")
    assert answer(place).text == "one"
    assert answer(place).headers["seatrial-revision"] == "reviews/production/1"

    assert site.ask("one", place).release is None, "the same package with the same settings is live already"

    second = site.release("two", place)
    assert (second.status, second.plan["strategy"]) == (releases.SUCCEEDED, "blue-green")
    assert answer(place).text == "two"
    eventually(lambda: len(site.pids()) == 2)  # Envoy, and the one server

    rollback = asking.request_rollback(site.home, site.store.journal, "reviews", "production", by="Ada")
    assert rollback.revision.number == 1
    assert site.watch(rollback.release.id).status == releases.SUCCEEDED
    assert answer(place).text == "one"

    seen = status(site.home, site.store.journal)[0]
    assert (seen.revision, seen.serving) == ("reviews/production/1", {"reviews/production/1": 100})
    assert seen.answers
    ready = next(one for one in seen.processes if one.status == servers.READY)
    assert (ready.requests, ready.failed) == (1, 0)

    site.down()
    assert site.pids() == {}
    with pytest.raises(ConnectionRefusedError):
        answer(place)
    site.up()
    assert answer(place).text == "one"
    site.down()
    eventually(lambda: site.supervisors() == [])
    assert site.pids() == {}


def test_a_server_sees_what_it_was_given_and_nothing_of_ours(site, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    place = environment(env=(("LOG", "debug"),), secrets=("KEY",))
    site.release("one", place, secrets={"KEY": "s3cret"})
    seen = dict(line.split("=", 1) for line in answer(place, "/env").text.splitlines())
    assert seen["LOG"] == "debug"
    assert seen["KEY"] == "s3cret"
    assert seen["HOME"].startswith(str(site.home / "servers"))
    assert seen["TMPDIR"].startswith(str(site.home / "servers"))
    assert seen["MODEL"].endswith("/package/model.txt")
    assert "AWS_SECRET_ACCESS_KEY" not in seen
    assert "SEATRIAL_HOME" not in seen
    files = [path for path in site.home.rglob("*") if path.is_file()]
    holders = [path for path in files if b"s3cret" in content(path)]
    assert [path.parent.name for path in holders] == ["secrets"]
    assert holders[0].stat().st_mode & 0o077 == 0


def content(path):
    """What a file holds; nothing where it is gone: the supervisor works on meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def test_a_model_that_does_not_start_changes_nothing_and_says_why(site):
    place = environment()
    site.release("one", place)
    failed = site.release("crash", place)
    assert failed.status == releases.FAILED
    assert "exit code 4" in failed.reason
    assert "no such file: weights.bin" in failed.reason
    assert answer(place).text == "one"
    assert site.stable() == "reviews/production/1"
    quarantined = releases.quarantined(site.store.journal, "reviews", "production", site.package("crash"))
    assert quarantined == "", "its surroundings may be to blame"


def test_a_model_that_never_becomes_healthy_is_given_up(site):
    place = environment()
    site.release("one", place)
    failed = site.release("sick", place, ready_seconds=4.0)
    assert failed.status == releases.FAILED
    assert "not ready within 4 s: GET / answered 503" in failed.reason
    assert answer(place).text == "one"


def test_a_first_release_that_fails_leaves_nothing(site):
    place = environment()
    assert site.release("crash", place).status == releases.FAILED
    assert site.stable() == ""
    eventually(lambda: site.supervisors() == [] and site.pids() == {})


def test_recreate_starts_the_old_revision_again_when_the_new_one_fails(site):
    place = environment(strategy="recreate")
    site.release("one", place)
    failed = site.release("crash", place)
    assert (failed.status, failed.plan["strategy"]) == (releases.FAILED, "recreate")
    assert answer(place).text == "one"
    assert site.release("two", place).status == releases.SUCCEEDED
    assert answer(place).text == "two"


def test_a_model_that_crashes_while_it_bakes_is_taken_back_and_quarantined(site):
    place = environment(strategy_options=(("bake", "60s"),))
    site.release("one", place)
    asked = site.ask("two", place)
    eventually(lambda: answer(place).text == "two")
    with pytest.raises(UnderWay):
        site.ask("three", place)
    assert site.ask("two", place).release.id == asked.release.id, "asked for again, it is the same release"
    assert answer(place, "/crash").status == 503
    row = site.watch(asked.release.id)
    assert row.status == releases.FAILED
    assert "exit code 3" in row.reason
    assert answer(place).text == "one"
    with pytest.raises(Refused, match="quarantine"):
        site.ask("two", place)
    again = site.ask("two", place, lift_quarantine="the crash was ours")
    assert again.release is not None
    asking.request_abort(site.home, site.store.journal, "reviews", "production", "enough")
    row = site.watch(again.release.id)
    assert row.status == releases.ABORTED
    (told,) = history.history([row], [again.revision], [])
    assert told.why == "out of quarantine: the crash was ours; enough"
    assert answer(place).text == "one"


def test_one_that_is_killed_while_it_bakes_is_taken_back_but_not_blamed(site):
    place = environment(strategy_options=(("bake", "60s"),))
    site.release("one", place)
    asked = site.ask("two", place)
    eventually(lambda: answer(place).text == "two")
    process.send(site.server_pid(asked.revision.id), signal.SIGKILL)
    assert site.watch(asked.release.id).status == releases.FAILED
    assert answer(place).text == "one"
    assert releases.quarantined(site.store.journal, "reviews", "production", asked.revision.package) == ""


def test_requests_under_way_are_finished_by_the_revision_that_began_them(site):
    from concurrent.futures import ThreadPoolExecutor

    place = environment(drain_seconds=PATIENCE_SECONDS)
    site.release("one", place)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(answer, place, f"/held?until={site.home}/go-on")
        eventually(lambda: status(site.home, site.store.journal)[0].processes[0].active == 1)
        site.release("two", place)
        assert answer(place).text == "two"
        (site.home / "go-on").touch()
        assert slow.result().text == "one"


def test_what_does_not_end_in_time_is_cut_and_counted(site):
    from concurrent.futures import ThreadPoolExecutor

    place = environment(drain_seconds=0.2)
    first = site.release("one", place)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(answer, place, f"/held?until={site.home}/never")
        eventually(lambda: status(site.home, site.store.journal)[0].processes[0].active == 1)
        site.release("two", place)
        assert slow.result().status == 503
    events = site.store.journal.events(subject=first.id)
    assert [event.body["cut"] for event in events if event.kind == "server.stopping"] == [1]


def test_an_address_of_another_process_is_refused_before_anything_starts(site):
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = environment(other.getsockname()[1])
        with pytest.raises(BadInput, match="another process has the address") as caught:
            site.ask("one", place)
    assert caught.value.place == place.place
    assert releases.environments(site.store.journal) == []


def test_environments_of_several_projects_share_a_gateway_without_colliding(site):
    one, other = environment(), environment(name="staging")
    site.release("one", one)
    site.release("two", other)
    assert (answer(one).text, answer(other).text) == ("one", "two")
    with pytest.raises(BadInput, match="belongs to the environment reviews/production"):
        site.ask("three", one._replace(name="third"))
    assert len([row for row in servers.live(site.store.journal) if not row.revision]) == 1
    site.down("staging")
    assert answer(one).text == "one"
    with pytest.raises(ConnectionRefusedError):
        answer(other)


def test_what_dies_is_started_again(site):
    place = environment()
    site.release("one", place)
    for victim in (site.envoy_pid, lambda: site.server_pid("reviews/production/1")):
        pid = victim()
        process.send(pid, signal.SIGKILL)
        eventually(lambda pid=pid: pid not in [one for pids in site.pids().values() for one in pids])
        eventually(lambda: kills.answers(place, "one", "reviews/production/1"))


def test_of_one_that_dies_at_requests_the_status_says_how_often(site):
    """It is healthy, so nothing else tells that it answers nobody."""
    place = environment()
    site.release("one", place)
    for times in (1, 2):
        assert answer(place, "/crash").status == 503
        eventually(lambda times=times: seen(site) == times)
        eventually(lambda: kills.answers(place, "one", "reviews/production/1"))
    [told] = status(site.home, site.store.journal)
    assert (told.deaths.lately, told.deaths.reason) == (2, "its process is gone, with exit code 3")
    assert [one.status for one in told.processes] == ["ready"]


def seen(site):
    [told] = status(site.home, site.store.journal)
    return told.deaths.times if told.deaths else 0


def test_the_status_says_when_nobody_answers(site):
    place = environment()
    site.release("one", place)
    assert status(site.home, site.store.journal)[0].answers
    site.kill_supervisor()
    process.send(site.envoy_pid(), signal.SIGKILL)
    eventually(lambda: not status(site.home, site.store.journal)[0].answers)
    wake.ensure(site.home)
    eventually(lambda: status(site.home, site.store.journal)[0].answers)
    assert answer(place).text == "one"


def test_servers_outlive_their_supervisor_and_the_next_one_knows_them(site):
    place = environment()
    site.release("one", place)
    before = site.pids()
    site.kill_supervisor()
    assert answer(place).text == "one"
    assert site.release("two", place).status == releases.SUCCEEDED
    eventually(lambda: len(site.pids()) == 2)
    envoy = next(row.token for row in servers.live(site.store.journal) if not row.revision)
    assert envoy in before, "Envoy was adopted, not started again"


def test_what_carries_our_token_but_is_in_no_journal_is_ended(site):
    from seatrial.gateway.servers import new_token, start

    token = new_token(site.home)
    orphan = start(["/bin/sleep", "600"], site.home, {process.TOKEN: token}, site.home / "orphan.log")
    foreign = start(
        ["/bin/sleep", "600"], site.home, {process.TOKEN: "server-of-another-home-1"}, site.home / "x.log"
    )
    try:
        site.release("one", environment())
        assert orphan.wait(timeout=PATIENCE_SECONDS) != 0
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_there_is_one_supervisor_however_many_are_started(site):
    site.release("one", environment())
    [pid] = site.supervisors()
    command = [sys.executable, "-m", "seatrial.release.supervisor"]
    variables = {**os.environ, "SEATRIAL_HOME": str(site.home)}
    others = [subprocess.Popen(command, env=variables) for _ in range(3)]
    assert [other.wait(PATIENCE_SECONDS) for other in others] == [0, 0, 0]
    assert site.supervisors() == [pid]


def test_an_idle_supervisor_costs_next_to_nothing(site):
    site.release("one", environment())
    [pid] = site.supervisors()
    eventually(lambda: len(site.pids()) == 2)
    before = processor_ticks(pid)
    time.sleep(3)
    assert processor_ticks(pid) - before <= 15, "more than 5% of a core"


def test_watching_may_be_stopped_and_the_release_goes_on(site):
    from seatrial.errors import Interrupted

    place = environment()
    asked = site.ask("one", place)
    with pytest.raises(Interrupted):
        watch.watch(site.home, site.store.journal, asked.release.id, is_cancelled=lambda: True)
    eventually(lambda: releases.release(site.store.journal, asked.release.id).finished is not None)
    assert answer(place).text == "one"


def ctrl_c(*_):
    raise KeyboardInterrupt


def test_ctrl_c_ends_the_watching_and_never_says_that_the_same_again_goes_on(site):
    from seatrial.errors import Interrupted

    place = environment()
    asked = site.ask("one", place)
    with pytest.raises(Interrupted, match="stopped watching; what was asked for goes on"):
        watch.watch(site.home, site.store.journal, asked.release.id, on_event=ctrl_c)
    with pytest.raises(Interrupted, match=f"stopped waiting for {asked.release.id}; nothing was asked for"):
        watch.watch_other(site.home, site.store.journal, asked.release.id, on_event=ctrl_c)
    eventually(lambda: releases.release(site.store.journal, asked.release.id).finished is not None)
    assert answer(place).text == "one"


def test_ctrl_c_after_something_was_asked_for_says_that_it_is_done(site, monkeypatch):
    from seatrial.errors import Interrupted
    from seatrial.release import wake

    monkeypatch.setattr(wake, "ensure", ctrl_c)
    with pytest.raises(Interrupted, match="what was asked for is done all the same"):
        site.ask("one", environment())
    assert [row.status for row in releases.releases(site.store.journal, "reviews", "production")] == [
        releases.RUNNING
    ]


def test_a_verdict_against_what_is_no_longer_live_is_refused(site):
    place = environment()
    site.release("one", place)
    stale = Evidence("pass", baselines={"production": site.package("zero")})
    with pytest.raises(Refused, match="is live in `production`"):
        site.ask("two", place, evidence=stale)
    fresh = Evidence("pass", baselines={"production": site.package("one")})
    assert site.release("two", place, evidence=fresh).status == releases.SUCCEEDED


def test_20_kills_at_random_instants(site):
    kills.campaign(site, environment(), kills.seed(), 20)


@pytest.mark.soak
def test_many_kills_at_random_instants(site):
    kills.campaign(site, environment(), kills.seed(), int(os.environ.get("SOAK_KILLS", "500")))
    assert wake.lock_file(site.home).exists()


def test_what_the_gateway_itself_refuses_is_counted(site):
    place = environment()
    release = site.release("word-0", place)
    [supervisor] = site.supervisors()
    os.kill(supervisor, signal.SIGSTOP)  # it would start another one
    os.kill(site.server_pid(release.revision), signal.SIGKILL)
    [server] = status(site.home, site.store.journal)[0].processes
    eventually(lambda: not ports.is_answered(f"127.0.0.1:{server.port}"))
    assert [get(port_of(place)).status for _ in range(3)] == [503] * 3
    os.kill(supervisor, signal.SIGCONT)
    eventually(lambda: site.is_ready(release.revision) and site.server_pid(release.revision) != server.pid)
    seen = status(site.home, site.store.journal)[0]
    assert (seen.requests, seen.failed) == (3, 3)
    assert sum(one.failed for one in seen.processes) == 0, "it is another server"


def test_what_was_logged_of_requests_is_removed_when_all_is_down_and_counted_once(site):
    place = environment()
    site.release("one", place)
    for _ in range(7):
        get(port_of(place))
    site.down()
    logs = site.home / "gateway" / "logs"
    eventually(lambda: not [*logs.rglob("access.log*")])
    site.up()
    for _ in range(5):
        get(port_of(place))
    site.down()
    eventually(lambda: not [*logs.rglob("access.log*")])
    minutes = traffic.minutes(site.store.journal, "reviews", "production")
    assert sum(one.requests for one in minutes) == 12
