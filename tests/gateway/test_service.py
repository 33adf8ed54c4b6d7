import contextlib
import gc
import http.client
import json
import socket
import threading
import warnings

import pytest

from seatrial.gateway import files, ports, service
from seatrial.gateway.lease import Lease
from seatrial.gateway.service import Answer, Request, Route, Service
from tests.release.site import PATIENCE_SECONDS


@pytest.fixture
def lease():
    return Lease()


@pytest.fixture
def served(home, lease):
    """A service with the lease and a route that tells what it was sent."""

    def tell(request):
        if request.path == "/echo/broken":
            raise ValueError("as asked")
        return Answer(200, json.dumps([request.method, request.path, request.body.decode()]).encode())

    files.paths(home)
    made = Service(home, {"lease": lease.route(), "echo": Route(tell, ("POST",), largest_body=1000)})
    yield made
    made.close()


def ask(served, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def raw(served, content):
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(content)
        client.shutdown(socket.SHUT_WR)
        found = b""
        try:
            while more := client.recv(4096):
                found += more
        except ConnectionResetError:
            pass
        return found


def test_the_lease_is_held_for_ten_seconds_after_a_turn():
    now = 100.0
    lease = Lease(lambda: now)
    now = 110.0
    assert lease.is_held
    now = 110.1
    assert not lease.is_held
    lease.renew()
    assert lease.is_held


def test_the_lease_knows_when_nobody_was_told_that_it_is_held(monkeypatch):
    now = 100.0
    monkeypatch.setattr("seatrial.system.clock.now", lambda: now)
    lease = Lease(lambda: now)
    ask = lease.route().answer

    def told(at, path="/lease"):
        nonlocal now
        now = at
        return ask(Request("GET", path, {})).status

    assert [told(102.0), told(104.0), told(108.5)] == [200, 200, 200], "one was late"
    assert lease.gaps() == []
    assert told(114.0) == 503, "its loop hangs"
    assert lease.gaps() == [(108.5, 114.0)], "and it goes on"
    lease.renew()
    assert told(115.0) == 200
    now = 116.0
    assert lease.gaps() == [(108.5, 115.0)]


def test_who_asks_for_the_lease_is_told_whether_it_is_held(served, lease):
    assert ask(served, "GET", "/lease") == (200, b"held\n")
    lease._renewed -= 20
    assert ask(served, "GET", "/lease?x=1") == (503, b"lapsed\n")


def test_envoy_asks_on_a_socket_that_nobody_else_has(served, home):
    path = files.lease_socket(home)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"GET /lease HTTP/1.1\r\nHost: seatrial\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_reaches_its_route(served):
    status, body = ask(served, "POST", "/echo/a/b?c", b"hello")
    assert (status, json.loads(body)) == (200, ["POST", "/echo/a/b", "hello"])


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/", None, {}, 404),
        ("GET", "/lease/x", None, {}, 404),
        ("GET", "/nothing", None, {}, 404),
        ("POST", "/lease", None, {}, 405),
        ("POST", "/echo", b"x" * 1001, {}, 413),
        ("GET", "/lease", b"x", {}, 413),
        ("POST", "/echo", iter([b"a"]), {"Transfer-Encoding": "chunked"}, 411),
        ("POST", "/echo", None, {"Content-Length": "-1"}, 411),
        ("POST", "/echo/broken", b"", {}, 500),
    ],
)
def test_what_cannot_be_done_has_its_status(served, method, path, body, headers, status):
    assert ask(served, method, path, body, **headers)[0] == status
    assert ask(served, "GET", "/lease")[0] == 200


def test_who_uses_another_method_is_told_which_there_are(served):
    said = raw(served, b"PUT /echo HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"\r\nAllow: POST\r\n" in said
    assert said.endswith(b'{"error": "Method Not Allowed"}\n')


@pytest.mark.parametrize(
    "content",
    [
        b"\r\n\r\n",
        b"GET /lease\r\n\r\n",
        b"GET lease HTTP/1.1\r\n\r\n",
        b"GET /lease HTTP/2\r\n\r\n",
        b"GET /lease HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /lease HTTP/1.1\r\n : x\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"\xff\xfe\x00\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(served, content):
    assert raw(served, content).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "content",
    [b"", b"GET /lease HT", b"x" * 100_000, b"POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort"],
)
def test_who_stops_in_the_middle_gets_nothing_and_harms_nobody(served, content):
    assert raw(served, content) == b""
    assert ask(served, "GET", "/lease")[0] == 200


def test_who_is_slow_keeps_neither_envoy_nor_others_waiting(served, home, monkeypatch):
    monkeypatch.setattr(service, "HEAD_SECONDS", 2.0)
    idle = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(service.MOST_CONNECTIONS)]
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(files.lease_socket(home)))
        client.sendall(b"GET /lease HTTP/1.1\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
    for one in idle:
        assert one.recv(1) == b"", "it was sent away"
        one.close()
    assert ask(served, "GET", "/lease")[0] == 200


def test_the_end_leaves_no_connection_open(home, lease):
    files.paths(home)
    made = Service(home, {"lease": lease.route()})
    clients = [socket.create_connection(("127.0.0.1", made.port)) for _ in range(20)]
    made.close()
    for client in clients:
        client.settimeout(PATIENCE_SECONDS)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
        client.close()
    with warnings.catch_warnings(record=True, action="always") as warned:
        gc.collect()
    assert warned == []


def test_a_route_that_waits_keeps_the_lease_from_nobody(home, lease):
    entered, release = threading.Event(), threading.Event()

    def wait(_request):
        entered.set()
        release.wait(PATIENCE_SECONDS)
        return Answer(200)

    files.paths(home)
    made = Service(home, {"lease": lease.route(), "slow": Route(wait)})
    client = threading.Thread(target=ask, args=(made, "GET", "/slow"))
    client.start()
    assert entered.wait(PATIENCE_SECONDS)
    assert ask(made, "GET", "/lease")[0] == 200
    release.set()
    client.join()
    made.close()


def test_the_port_is_kept_over_restarts_unless_another_process_has_it(home, lease):
    files.paths(home)
    one = Service(home, {"lease": lease.route()})
    one.close()
    other = Service(home, {"lease": lease.route()})
    assert other.port == one.port
    other.close()
    with socket.create_server(("127.0.0.1", one.port)):
        third = Service(home, {"lease": lease.route()})
        assert third.port != one.port
        assert ask(third, "GET", "/lease")[0] == 200
        third.close()


@pytest.mark.parametrize("text", ["", "x", "-1", "80", "99999", "٣"])
def test_a_port_that_is_not_sound_is_not_used(home, text):
    files.paths(home)
    files.service_port(home).write_text(text)
    assert ports.LOWEST <= service.kept_port(home) <= ports.HIGHEST
