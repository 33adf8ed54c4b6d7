"""Candidate and stable behind a real Envoy: who gets which requests, and what costs none."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from seatrial.clients import envoy
from seatrial.gateway import config, drain, files, log_line, ports
from seatrial.gateway.apply import Wanted
from seatrial.gateway.config import CANDIDATE, Backend, Share
from seatrial.gateway.lease import Lease
from seatrial.gateway.service import Service
from tests.gateway.conftest import until
from tests.release.site import PATIENCE_SECONDS, get

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]

# A process that holds the lease of a home and does nothing else, as the supervisor does.
HOLDER = """
import sys, time
from pathlib import Path
from seatrial.gateway.lease import Lease
from seatrial.gateway.service import Service
lease = Lease()
Service(Path(sys.argv[1]), {"lease": lease.route()})
print("ready", flush=True)
while True:
    lease.renew()
    time.sleep(0.5)
"""
# A server of its own process, so that it can be killed.
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"c")
    def log_message(self, *_):
        pass
class Server(ThreadingHTTPServer):
    request_queue_size = 256
server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
print("ready", flush=True)
server.serve_forever()
"""


def spawned(code, *arguments):
    child = subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"ready\n"
    return child


@pytest.fixture
def lease(yard):
    held = Lease(lambda: 100.0)  # no time passes, so that it is held however long a test takes
    service = Service(yard.home, {"lease": held.route()})
    yield held
    service.close()


@pytest.fixture
def split(gateway, upstream):
    """Serve a stable server and a candidate, which gets so much; more is of the entry."""
    stable, candidate = upstream("s"), upstream("c")
    lease = str(files.lease_socket(gateway.yard.home))
    backends = tuple(Backend(one.name, one.port, f"r/p/{one.name}", lease) for one in (stable, candidate))

    def keep(weight, **more):
        port = more.pop("candidate_port", candidate.port)
        shares = (Share("s", 100 - weight), Share("c", weight, CANDIDATE))
        servers = (backends[0], backends[1]._replace(port=port))
        entry = gateway.entry._replace(shares=shares, logged=True, **more)
        gateway.proxy.keep(Wanted(servers, (entry,)))
        assert gateway.proxy.trouble == ""
        return stable, candidate

    return keep


def led(gateway):
    """Wait until Envoy has learnt that the lease is held."""
    admin = gateway.yard.admin
    until(lambda: "c.leased::" in envoy.ask(admin, "GET", "/clusters").decode())
    until(lambda: "/failed_active_hc" not in envoy.ask(admin, "GET", "/clusters").decode())


def answers(gateway, count, headers=None):
    return Counter(get(gateway.port, headers=headers).text for _ in range(count))


def test_a_candidate_has_its_part_at_once_and_says_who_it_is(gateway, lease, split):
    split(20)
    led(gateway)
    seen = answers(gateway, 300)
    # 60 are expected; 5 standard deviations of a binomial (sqrt(300 * .2 * .8) = 6.9) are 35.
    assert 25 <= seen["c"] <= 95
    assert seen["s"] + seen["c"] == 300
    split(100)
    answer = get(gateway.port)
    assert (answer.text, answer.headers["seatrial-revision"]) == ("c", "r/p/c")


def test_without_anybody_who_holds_the_lease_all_goes_to_stable(gateway, split):
    split(100)
    until(lambda: "/failed_active_hc" in envoy.ask(gateway.yard.admin, "GET", "/clusters").decode())
    answer = get(gateway.port)
    assert (answer.text, answer.headers["seatrial-revision"]) == ("s", "r/p/s")


def test_a_loop_that_hangs_lets_the_lease_lapse_and_has_it_back_when_it_turns(gateway, lease, split):
    split(100)
    led(gateway)
    assert get(gateway.port).text == "c"
    lease._renewed -= 20.0
    until(lambda: get(gateway.port).text == "s")
    lease.renew()
    until(lambda: get(gateway.port).text == "c")


def test_requests_to_a_candidate_count_for_its_server_and_those_that_fell_back_for_stable(
    gateway, lease, split
):
    split(100)
    led(gateway)
    get(gateway.port)
    names = r"cluster\.(s|c)\.upstream_rq_total"
    assert envoy.stats(gateway.yard.admin, names) == {
        "cluster.s.upstream_rq_total": 0,
        "cluster.c.upstream_rq_total": 1,
    }
    split(100, candidate_port=ports.free_port())
    led(gateway)
    assert get(gateway.port).text == "s"
    assert envoy.stats(gateway.yard.admin, names)["cluster.s.upstream_rq_total"] == 1


def test_a_candidate_drains_also_after_its_routes_have_gone(gateway, lease, split):
    _stable, candidate = split(100)
    led(gateway)
    client = threading.Thread(target=get, args=(gateway.port, "/hold"))
    client.start()
    assert candidate.held.wait(PATIENCE_SECONDS)
    split(0)
    assert drain.active_requests(gateway.yard.admin, "c") == 1
    assert drain.wait_idle(gateway.yard.admin, "c", 0.3) == 1
    candidate.release.set()
    assert drain.wait_idle(gateway.yard.admin, "c", PATIENCE_SECONDS) == 0
    client.join()


@pytest.mark.parametrize("sticky", ["header x-user", "cookie user"])
def test_users_stay_with_the_candidate_while_its_part_grows(gateway, lease, split, sticky):
    def who(user):
        given = {"x-user": f"u{user}"} if sticky.startswith("header") else {"Cookie": f"a=b; user=u{user}"}
        return get(gateway.port, headers=given).text

    before = set()
    for weight in (10, 30, 60, 100):
        split(weight, sticky=sticky, seed="release-7")
        led(gateway)
        mine = {user for user in range(60) if who(user) == "c"}
        assert mine == {user for user in range(60) if who(user) == "c"}
        assert before <= mine
        before = mine
    assert len(before) == 60


def test_a_user_without_a_cookie_is_given_one_that_keeps_him(gateway, lease, split):
    split(50, sticky="cookie user")
    led(gateway)
    for _ in range(10):
        first = get(gateway.port)
        cookie = first.headers["set-cookie"].split(";")[0]
        assert cookie == f"user={first.headers['x-request-id']}"
        assert answers(gateway, 10, {"Cookie": f"a=b; {cookie}"}) == {first.text: 10}
        assert "set-cookie" not in get(gateway.port, headers={"Cookie": cookie}).headers


def test_the_first_request_of_a_user_is_logged_as_his(gateway, lease, split):
    split(50, sticky="cookie user")
    cookie = get(gateway.port).headers["set-cookie"].split(";")[0]
    get(gateway.port, headers={"Cookie": cookie})
    log = Path(gateway.yard.paths.log(gateway.entry.name))
    until(lambda: log.exists() and len(log.read_bytes().splitlines()) == 2)
    assert [one.unit for one in log_line.lines(log.read_bytes())] == [cookie.removeprefix("user=")] * 2


def test_the_log_names_who_answered_the_request_and_the_user(gateway, lease, split):
    split(100, sticky="cookie user")
    led(gateway)
    get(gateway.port, headers={"x-request-id": "order-7", "Cookie": "a=b; user=ada"})
    log = Path(gateway.yard.paths.log(gateway.entry.name))
    until(lambda: log.exists() and log.stat().st_size > 0)
    (line,) = log_line.lines(log.read_bytes())
    assert (line.revision, line.code, line.failed) == ("r/p/c", 200, False)
    assert (line.request, line.unit, line.prediction) == ("order-7", "ada", "")
    assert abs(line.at - time.time()) < 10
    assert 0 < line.microseconds < 5_000_000
    assert log.parent.stat().st_mode & 0o777 == 0o700


class Load:
    """Requests from several threads, on connections that are kept, until it is stopped."""

    def __init__(self, port, threads=8):
        self.answers, self.failed = Counter(), []
        self._port, self._over, self._lock = port, threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        while not self._over.is_set():
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                text = answer.read().decode()
                what = text if answer.status == 200 else f"{answer.status} {text}"
            except (OSError, http.client.HTTPException) as error:
                what = repr(error)
                connection.close()
            with self._lock:
                self.answers[what] += 1
                if what not in ("s", "c"):
                    self.failed.append(what)
        connection.close()

    def seen(self):
        with self._lock:
            return Counter(self.answers)

    def goes_on(self):
        before = self.seen().total()
        until(lambda: self.seen().total() > before)

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        return self.failed


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_candidate_whose_driver_is_gone_has_no_requests_within_30_seconds(gateway, split, number):
    holder = spawned(HOLDER, gateway.yard.home)
    try:
        split(50)
        led(gateway)
        load = Load(gateway.port)
        until(lambda: load.seen()["c"] > 50)
        os.kill(holder.pid, number)
        began = time.monotonic()

        def is_quiet():
            before = load.seen()
            until(lambda: load.seen()["s"] > before["s"] + 100)
            return load.seen()["c"] == before["c"]

        until(is_quiet, 30.0)
        assert time.monotonic() - began < 30.0
        assert load.stop() == []
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_a_candidate_that_is_killed_costs_at_most_the_requests_that_it_had_in_hand(gateway, lease, split):
    port = ports.free_port()
    child = spawned(SERVER, port)
    try:
        split(50, candidate_port=port)
        led(gateway)
        load = Load(gateway.port)
        until(lambda: load.seen()["c"] > 100)
        child.kill()
        before = load.seen()
        until(lambda: load.seen()["s"] > before["s"] + 500)
        failed = load.stop()
        assert len(failed) <= 2 * 8, "one in hand a connection, and one sent before its end was known"
        assert all("connection termination" in one or "reset" in one for one in failed), failed
        assert answers(gateway, 50) == {"s": 50}
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_50_changes_of_weights_under_32_connections_cost_no_request(gateway, lease, split):
    split(1)
    led(gateway)
    load = Load(gateway.port, threads=32)
    for number in range(50):
        split(number % 50 + 1)
        load.goes_on()
    assert load.stop() == []
    assert load.seen()["c"] > 0


def test_mirrored_requests_reach_the_candidate_and_nobody_has_its_answers(gateway, lease, upstream):
    stable, candidate = upstream("s"), upstream("c")
    held = str(files.lease_socket(gateway.yard.home))
    backends = tuple(Backend(one.name, one.port, f"r/p/{one.name}", held) for one in (stable, candidate))
    base = gateway.entry._replace(shares=(Share("s", 1),), logged=True)
    entry, shadow = config.shadowed(base, ("c",))
    gateway.proxy.keep(Wanted(backends, (entry, shadow)))
    led(gateway)
    assert answers(gateway, 40) == {"s": 40}
    mains = gateway.yard.paths.log(entry.name), gateway.yard.paths.log(shadow.name)

    def logged(path):
        file = Path(path)
        return {one.request: one for one in log_line.lines(file.read_bytes())} if file.exists() else {}

    until(lambda: len(logged(mains[0])) == 40 == len(logged(mains[1])))
    own, copies = map(logged, mains)
    assert set(own) == set(copies)
    assert {one.revision for one in own.values()} == {"r/p/s"}
    assert {(one.revision, one.code) for one in copies.values()} == {("r/p/c", 200)}


def test_a_shadow_has_no_requests_without_the_lease(gateway, upstream):
    stable, candidate = upstream("s"), upstream("c")
    held = str(files.lease_socket(gateway.yard.home))
    backends = tuple(Backend(one.name, one.port, f"r/p/{one.name}", held) for one in (stable, candidate))
    entry, shadow = config.shadowed(gateway.entry._replace(shares=(Share("s", 1),)), ("c",))
    gateway.proxy.keep(Wanted(backends, (entry, shadow)))
    until(lambda: "/failed_active_hc" in envoy.ask(gateway.yard.admin, "GET", "/clusters").decode())
    assert answers(gateway, 10) == {"s": 10}
    log = Path(gateway.yard.paths.log(shadow.name))
    until(lambda: log.exists() and len(log.read_bytes().splitlines()) == 10)
    assert {(one.revision, one.code) for one in log_line.lines(log.read_bytes())} == {("", 503)}


def test_a_preview_has_the_candidate_alone_and_the_environment_none_of_it(gateway, lease, upstream):
    stable, candidate = upstream("s"), upstream("c")
    backends = tuple(Backend(one.name, one.port, f"r/p/{one.name}") for one in (stable, candidate))
    entry = gateway.entry._replace(shares=(Share("s", 1),))
    other = config.preview(entry, "127.0.0.1", ports.free_port(), ("c",))
    gateway.proxy.keep(Wanted(backends, (entry, other)))
    assert answers(gateway, 10) == {"s": 10}
    assert get(other.port).headers["seatrial-revision"] == "r/p/c"
