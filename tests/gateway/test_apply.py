"""Against a real Envoy."""

import contextlib
import json
import socket
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from seatrial.clients import envoy
from seatrial.gateway import apply, clusters, ports
from seatrial.gateway.config import CANDIDATE, Backend, Entry, Share
from tests.release.site import PATIENCE_SECONDS, get

pytestmark = pytest.mark.needs_envoy


def test_requests_go_where_the_weights_say_and_say_who_answered(gateway, upstream):
    gateway.keep(upstream("a"), a=100)
    answer = get(gateway.port)
    assert (answer.status, answer.text) == (200, "a")
    assert answer.headers["seatrial-revision"] == "r/production/a"
    assert len(answer.headers["x-request-id"]) == 36


def test_the_id_of_a_request_is_kept_where_the_client_gave_one(gateway, upstream):
    gateway.keep(upstream("a"), a=1)
    assert get(gateway.port, headers={"x-request-id": "order-7"}).headers["x-request-id"] == "order-7"


def test_a_change_holds_for_the_next_request(gateway, upstream):
    both = upstream("a"), upstream("b")
    for _ in range(20):
        gateway.keep(*both, a=100)
        assert get(gateway.port).text == "a"
        gateway.keep(*both, b=100)
        assert get(gateway.port).text == "b"


class SlowLease(BaseHTTPRequestHandler):
    """Grants a lease, but not at once."""

    def do_GET(self) -> None:
        time.sleep(0.3)
        with contextlib.suppress(BrokenPipeError):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def address_string(self) -> str:
        return "envoy"

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def slow_lease(tmp_path):
    """Where a lease can be asked for."""
    address = str(tmp_path / "lease")
    with socketserver.ThreadingUnixStreamServer(address, SlowLease) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield address
        server.shutdown()
        thread.join()


def test_a_candidate_has_the_next_request_however_late_its_lease_is_granted(gateway, upstream, slow_lease):
    stable, candidate = upstream("a"), upstream("b")
    gateway.keep(stable, a=1)
    backends = tuple(
        Backend(one.name, one.port, f"r/p/{one.name}", slow_lease) for one in (stable, candidate)
    )
    shares = (Share("a", 0), Share("b", 100, CANDIDATE))
    gateway.proxy.keep(apply.Wanted(backends, (gateway.entry._replace(shares=shares),)))
    assert get(gateway.port).text == "b"


def test_weights_split_the_requests(gateway, upstream):
    gateway.keep(upstream("a"), upstream("b"), a=80, b=20)
    answers = [get(gateway.port).text for _ in range(300)]
    # 60 are expected; 5 standard deviations of a binomial (sqrt(300 * .2 * .8) = 6.9) are 35.
    assert 25 <= answers.count("b") <= 95
    assert answers.count("a") + answers.count("b") == 300


def test_without_shares_every_request_is_refused_by_the_gateway_itself(gateway, upstream):
    gateway.keep(upstream("a"))
    answer = get(gateway.port)
    assert answer.status == 503
    assert "no revision" in answer.text


def test_a_cluster_leaves_only_after_its_routes_and_no_request_fails(gateway, upstream):
    one, other = upstream("a"), upstream("b")
    gateway.keep(one, a=1)
    stop, failed, count = threading.Event(), [], 0

    def load():
        nonlocal count
        while not stop.is_set():
            answer = get(gateway.port)
            count += 1
            if answer.status != 200:
                failed.append(answer)

    thread = threading.Thread(target=load)
    thread.start()
    for _ in range(25):
        gateway.keep(other, b=1)
        gateway.keep(one, a=1)
    stop.set()
    thread.join()
    assert failed == []
    assert count > 25


def test_clusters_of_before_and_after_are_there_while_routes_change(gateway, upstream, monkeypatch):
    one, other = upstream("a"), upstream("b")
    gateway.keep(one, a=1)
    seen = []
    put = apply.put

    def spy(admin, watched, document, versions):
        seen.append((watched.path.name, len(document["resources"])))
        return put(admin, watched, document, versions)

    monkeypatch.setattr(apply, "put", spy)
    gateway.keep(other, b=1)
    assert seen == [("clusters.json", 2), ("routes.json", 1), ("listeners.json", 1), ("clusters.json", 1)]


def test_an_address_that_another_process_has_is_a_problem_of_that_environment_alone(gateway, upstream):
    one = upstream("a")
    wanted = gateway.keep(one, a=1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = gateway.entry._replace(name="environment-2", port=other.getsockname()[1])
        gateway.proxy.keep(wanted._replace(entries=(*wanted.entries, taken)))
        assert list(gateway.proxy.outcome.closed) == ["environment-2"]
        assert "in use" in gateway.proxy.outcome.closed["environment-2"]
        gateway.keep(one, upstream("b"), a=1)
        assert get(gateway.port).text == "a"
    gateway.proxy.keep(wanted._replace(entries=(*wanted.entries, taken)))
    assert gateway.proxy.outcome.closed == {}
    assert get(taken.port).status == 503


def test_an_environment_that_is_gone_leaves_nothing(gateway, upstream):
    wanted = gateway.keep(upstream("a"), a=1)
    second = gateway.entry._replace(name="environment-2", port=ports.free_port({gateway.port}))
    gateway.proxy.keep(wanted._replace(entries=(*wanted.entries, second)))
    gateway.proxy.keep(wanted)
    with pytest.raises((ConnectionRefusedError, ConnectionResetError)):  # reset: it was just being closed
        get(second.port)
    gateway.proxy.end()
    gateway.proxy.keep(wanted)
    assert [folder.name for folder in Path(gateway.yard.paths.route_folders).iterdir()] == ["environment-1"]


def test_what_envoy_refuses_is_an_error_and_not_a_wait(gateway, upstream):
    gateway.keep(upstream("a"), a=1)
    broken = clusters.clusters((Backend("a", 70_000),), ())
    watched = apply.Watched(Path(gateway.yard.paths.clusters), "cluster_manager.cds")
    assert apply.put(gateway.yard.admin, watched, broken, {}) is False
    assert get(gateway.port).text == "a"


def test_what_a_file_holds_is_read_back(gateway, upstream):
    gateway.keep(upstream("a"), a=1)
    path = Path(gateway.yard.paths.clusters)
    assert [one["name"] for one in apply.read(path)["resources"]] == ["a"]
    assert apply.read(path.with_name("missing.json")) == {}
    assert json.loads(path.read_bytes())["version_info"] == apply.read_version(path)


def test_a_websocket_passes_and_counts_as_active_until_it_ends(gateway, upstream):
    from seatrial.gateway import drain

    one = upstream("a")
    gateway.keep(one, a=1)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
        )
        assert b"101 Switching Protocols" in client.recv(1000)
        client.sendall(b"hello")
        assert client.recv(100) == b"HELLO"
        assert drain.active_requests(gateway.yard.admin, "a") == 1
        one.release.set()
        assert client.recv(100) == b""
    assert drain.wait_idle(gateway.yard.admin, "a", PATIENCE_SECONDS) == 0


def test_nothing_answers_on_the_socket_of_an_envoy_that_is_gone(gateway, upstream):
    gateway.keep(upstream("a"), a=1)
    admin = gateway.yard.admin
    gateway.proxy.end()
    with pytest.raises(envoy.Unreachable):
        envoy.stats(admin, ".*")
    with pytest.raises(ConnectionRefusedError):
        get(gateway.port)


def test_an_environment_that_went_away_comes_back_in_the_same_envoy(gateway, upstream):
    wanted = gateway.keep(upstream("a"), upstream("b"), a=1)
    first = wanted.entries[0]
    port = ports.free_port({first.port})
    for name in ("a", "b", "a"):
        shares = (Share(name, 1),)
        second = Entry("environment-2", "127.0.0.1", port, shares=shares)
        gateway.proxy.keep(wanted._replace(entries=(first, second)))
        assert get(port).text == name
        gateway.proxy.keep(wanted)
    assert get(first.port).text == "a"
