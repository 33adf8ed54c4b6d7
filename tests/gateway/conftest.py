"""A real Envoy in a home of the test's own, and small servers behind it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from seatrial.gateway import ports
from seatrial.gateway.apply import Wanted
from seatrial.gateway.config import Backend, Entry, Share
from seatrial.gateway.jobs import Jobs
from seatrial.gateway.proxy import Proxy
from seatrial.gateway.yard import Yard, open_yard
from seatrial.journal.journal import Journal
from tests.release.site import PATIENCE_SECONDS


class Upstream(NamedTuple):
    """A server that answers with its name; `/hold` answers once `release` is set.

    `/status/404` answers with that status, `/cut` breaks off in the middle, `/grpc/13` ends with that status
    of gRPC.
    """

    name: str
    port: int
    held: threading.Event
    release: threading.Event


class Gateway(NamedTuple):
    yard: Yard
    proxy: Proxy
    entry: Entry

    @property
    def port(self) -> int:
        return self.entry.port

    def keep(self, *upstreams: Upstream, **weights: int) -> Wanted:
        """Serve these upstreams with these weights (those without one get nothing)."""
        shares = tuple(Share(name, weight) for name, weight in weights.items())
        backends = tuple(Backend(one.name, one.port, f"r/production/{one.name}") for one in upstreams)
        wanted = Wanted(backends, (self.entry._replace(shares=shares),))
        self.proxy.keep(wanted)
        return wanted


@pytest.fixture
def yard(home: Path, journal: Journal) -> Yard:
    return open_yard(home, journal, Jobs(lambda: None))


@pytest.fixture
def gateway(yard: Yard) -> Iterator[Gateway]:
    made = Gateway(yard, Proxy(yard), Entry("environment-1", "127.0.0.1", ports.free_port()))
    yield made
    made.proxy.end()


class Server(ThreadingHTTPServer):
    """Leaves neither a connection nor a thread behind, whoever still holds the other end."""

    daemon_threads = False

    def __init__(self, handler: type[BaseHTTPRequestHandler], release: threading.Event) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._release = release
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._open.discard(request)
        super().close_request(request)

    def server_close(self) -> None:
        self._release.set()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


@pytest.fixture
def upstream() -> Iterator[Callable[[str], Upstream]]:
    """Makes servers, by name."""
    servers: list[Server] = []

    def make(name: str) -> Upstream:
        held, release = threading.Event(), threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                if self.path == "/hold":
                    held.set()
                    release.wait(PATIENCE_SECONDS)
                if self.headers.get("Upgrade") == "websocket":
                    self.upgrade()
                    return
                _, kind, what = f"{self.path}/".split("/")[:3]
                self.send_response(int(what) if kind == "status" else 200)
                if kind == "grpc":
                    self.send_header("Content-Type", "application/grpc")
                    self.send_header("grpc-status", what)
                self.send_header("Content-Length", str(len(name) + (kind == "cut")))
                self.send_header("x-seatrial-prediction", f"from {name}")
                self.close_connection = kind == "cut"
                self.end_headers()
                self.wfile.write(name.encode())

            def upgrade(self) -> None:
                self.send_response(101)
                self.send_header("Upgrade", "websocket")
                self.send_header("Connection", "Upgrade")
                self.end_headers()
                self.wfile.flush()
                self.connection.sendall(self.connection.recv(100).upper())
                held.set()
                release.wait(PATIENCE_SECONDS)
                self.close_connection = True

            def finish(self) -> None:
                # What closes the writer fails on a connection that was cut, and would leave the reader open.
                with contextlib.suppress(OSError):
                    super().finish()
                self.rfile.close()

            def log_message(self, *_arguments: object) -> None:
                pass

        server = Server(Handler, release)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return Upstream(name, server.server_address[1], held, release)

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.01)
