"""Requests straight to a server, also to one that answers badly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from seatrial.errors import Infrastructure
from seatrial.gateway import ask as asking
from seatrial.gateway import ports
from seatrial.gateway.ask import Asked, ask
from tests.release.site import PATIENCE_SECONDS

REQUEST = Asked("POST", "/classify?top=1", (("X-User", "ann"),), b"hello", "probe-1")


@contextmanager
def answering(answer: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A server of one answer, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            taken, _ = server.accept()
            with taken:
                received = b""
                while b"hello" not in received:
                    received += taken.recv(4096)
                heard.append(received)
                if callable(answer):
                    answer(taken)
                else:
                    taken.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join(PATIENCE_SECONDS)


def test_it_is_asked_as_recorded_and_marked_as_a_probe() -> None:
    answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Seatrial-Prediction: cat\r\n\r\nok"
    with answering(answer) as (port, heard):
        line = ask(port, "p/e/2", REQUEST)
    assert (line.code, line.failed, line.prediction) == (201, False, "cat")
    assert (line.revision, line.request) == ("p/e/2", "probe-1")
    assert line.microseconds is not None
    head = heard[0].split(b"\r\n")
    assert head[0] == b"POST /classify?top=1 HTTP/1.1"
    assert {b"X-User: ann", b"x-request-id: probe-1", b"Content-Length: 5"} <= set(head)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 99999 X\r\n\r\n",
    ],
)
def test_what_is_no_whole_answer_is_a_failure(answer: bytes) -> None:
    with answering(answer) as (port, _):
        assert ask(port, "p/e/2", REQUEST).failed


def test_a_fault_of_the_request_is_none_of_the_server() -> None:
    with answering(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n") as (port, _):
        line = ask(port, "p/e/2", REQUEST)
    assert (line.code, line.failed) == (404, False)


def test_an_answer_without_an_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WHOLE_SECONDS", 0.2)
    monkeypatch.setattr(asking, "SILENCE_SECONDS", 5.0)

    def endless(taken: socket.socket) -> None:
        taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                taken.sendall(b"." * 100_000)
        except OSError:
            return

    with answering(endless) as (port, _):
        assert ask(port, "p/e/2", REQUEST).failed


def test_silence_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SILENCE_SECONDS", 0.2)
    over = threading.Event()
    with answering(lambda _taken: over.wait(PATIENCE_SECONDS) and None) as (port, _):
        line = ask(port, "p/e/2", REQUEST)
        over.set()
    assert (line.failed, line.microseconds) == (True, None)


def test_where_nobody_listens_nothing_is_said_of_a_model() -> None:
    with pytest.raises(Infrastructure, match="nobody listens"):
        ask(ports.free_port(), "p/e/2", REQUEST)
