"""The server that is packed with a model, as a process and over real connections."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import NamedTuple

import pytest

from seatrial.gateway.ports import free_port
from seatrial.package.all_runtimes import runtime
from seatrial.package.runtime import FILE

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 60.0
HEADER = "x-seatrial-prediction"
MODEL = """\
import os, time
from pathlib import Path
from beside import shown

class Array:
    def __init__(self, value): self.value = value
    def tolist(self): return self.value

WORD = (Path(os.environ["MODEL"]) / "word").read_text()

def answer(value):
    if value == "wait":
        Path("waiting").touch()
        while not Path("go").exists():
            time.sleep(0.01)
    if value == "exit":
        raise SystemExit(3)
    if value == "array":
        return {"prediction": Array(7), "all": Array([1, 2])}
    return shown(WORD, value)
"""
BESIDE = """\
def shown(word, value):
    return {"word": word, "prediction": value["text"], "also": value.get("also")}
"""


class Running(NamedTuple):
    folder: Path
    port: int
    process: subprocess.Popen[str]
    connections: list[HTTPConnection]

    def connection(self) -> HTTPConnection:
        self.connections.append(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS))
        return self.connections[-1]

    def end(self) -> tuple[int, str]:
        """The exit code, and what it said on stderr."""
        self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=PATIENCE_SECONDS)[1]
        return self.process.returncode, said


Start = Callable[..., Running]


def launch(folder: Path, *words: str, port: int = 0) -> subprocess.Popen[str]:
    env = {**os.environ, "MODEL": str(folder / "model"), "PORT": str(port)}
    program = [sys.executable, "-I", FILE, *words]
    return subprocess.Popen(program, cwd=folder, env=env, stderr=subprocess.PIPE, text=True)


def packed(folder: Path) -> Path:
    """The folder, with what a package has of a function."""
    (folder / "model").mkdir()
    (folder / "model" / "word").write_text("good")
    (folder / "app").mkdir()
    (folder / "app" / "predict.py").write_text(MODEL)
    (folder / "app" / "beside.py").write_text(BESIDE)
    (folder / FILE).write_bytes(runtime("function").server())
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return packed(tmp_path)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    with starting(folder) as start:
        yield start


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """That of one server, which nothing that one request does to it keeps from answering the next."""
    with starting(packed(tmp_path_factory.mktemp("server"))) as start:
        yield start().port


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Starts servers of what is packed in a folder; they end with the block."""
    started: list[subprocess.Popen[str]] = []
    connections: list[HTTPConnection] = []

    def started_with(*words: str) -> Running:
        port = free_port()
        started.append(launch(folder, "app/predict.py:answer", *words, port=port))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and started[-1].poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except OSError:
                time.sleep(0.01)
            else:
                break
        return Running(folder, port, started[-1], connections)

    yield started_with
    for connection in connections:
        connection.close()
    for process in started:
        process.kill()
        process.communicate()


def ask(connection: HTTPConnection, value: object, path: str = "/") -> HTTPResponse:
    connection.request("POST", path, json.dumps(value))
    return connection.getresponse()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def rest(sock: socket.socket) -> bytes:
    """All that is answered, up to the end of the connection."""
    return b"".join(iter(lambda: sock.recv(65536), b""))


def raw(port: int, sent: bytes) -> tuple[int, dict[str, str]]:
    """Status and JSON of what answers these very bytes, the last."""
    with connected(port) as sock:
        sock.sendall(sent)
        sock.shutdown(socket.SHUT_WR)
        head, _, body = rest(sock).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_many_requests_of_one_connection_are_answered_by_the_function(start: Start) -> None:
    running = start("--health", "/health")
    connection = running.connection()
    connection.request("GET", "/health?x")
    assert (ready := connection.getresponse()).status == 200
    assert json.loads(ready.read()) == {"ready": True}
    kept = connection.sock
    for text in ("good", "größer", "two\nlines", "x" * 2000):
        answered = ask(connection, {"text": text}, "/any/path")
        assert answered.status == 200
        assert json.loads(answered.read()) == {"word": "good", "prediction": text, "also": None}
        said = (answered.headers[HEADER] or "").encode("latin-1").decode()
        assert said == ("" if "\n" in text else text[:512])
    assert connection.sock is kept
    connection.request("GET", "/")
    assert connection.getresponse().status == 404
    connection.close()
    code, said = running.end()
    assert (code, said.count("no prediction"), "Traceback" in said) == (0, 1, False)


def test_the_prediction_is_under_the_key_that_was_named(start: Start) -> None:
    connection = start("--prediction", "also").connection()
    texts = {"a": "a", 7: "7", 0.5: "0.5", True: "true", None: None, "": None}
    for also, said in (*texts.items(), ([1], None)):
        answered = ask(connection, {"text": "other", "also": also})
        assert (answered.status, answered.headers[HEADER]) == (200, said), also
        answered.read()


def test_what_numpy_makes_is_json(start: Start) -> None:
    answered = ask(start().connection(), "array")
    assert json.loads(answered.read()) == {"prediction": 7, "all": [1, 2]}
    assert answered.headers[HEADER] == "7"


def test_what_the_function_raises_is_its_fault_and_the_connection_stays(start: Start) -> None:
    running = start()
    connection = running.connection()
    for value, name in (({}, "KeyError"), ("exit", "SystemExit"), ({"text": float("nan")}, "ValueError")):
        answered = ask(connection, value)
        assert (answered.status, answered.headers[HEADER]) == (500, None)
        assert json.loads(answered.read()) == {"error": f"{name} in the function; its log says more"}
    assert ask(connection, {"text": "a"}).status == 200
    connection.close()
    code, said = running.end()
    assert (code, said.count("Traceback"), "KeyError: 'text'" in said) == (0, 3, True)


@pytest.mark.parametrize(
    ("head", "body", "status", "said"),
    [
        ("content-length: 4", "{'a'", 400, "the body is not JSON"),
        ("content-length: 0", "", 400, "the body is not JSON"),
        ("content-length: 3", "12", 400, "ends too early"),
        ("content-length: x", "", 400, "is no number"),
        ("content-length: -1", "", 400, "is no number"),
        (f"content-length: {(64 << 20) + 1}", "1", 413, "at most 64 MiB"),
        ("content-length: 1\r\ncontent-length: 1", "1", 400, "said twice"),
        ("content-length : 1", "1", 400, "is no header"),
        ("x: y", "", 411, "needs a Content-Length"),
        ("content-length: 1\r\ntransfer-encoding: chunked", "1", 400, "said twice"),
        ("transfer-encoding: chunked\r\ntransfer-encoding: chunked", "1", 400, "said twice"),
        ("transfer-encoding: gzip, chunked", "1", 400, "only `chunked`"),
        ("transfer-encoding:\r\n chunked, x", "1", 400, "only `chunked`"),
    ],
)
def test_what_is_no_request_is_refused_in_json(
    port: int, head: str, body: str, status: int, said: str
) -> None:
    sent = f"POST / HTTP/1.1\r\nhost: x\r\n{head}\r\n\r\n{body}".encode()
    found, answered = raw(port, sent)
    assert (found, said in answered["error"]) == (status, True)


CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b'c\r\n{"text":"a"}\r\n0\r\n\r\n',
        b'1\r\n{\r\n0000B\r\n"text":"a"}\r\n000\r\n\r\n',
        b'C \t;name="a;b"\r\n{"text":"a"}\r\n0;last\r\nx-sum: 1\r\ny: z\r\n\r\n',
    ],
)
def test_a_body_may_come_in_chunks_and_the_connection_stays(port: int, body: bytes) -> None:
    follows = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with connected(port) as sock:
        for at in range(len(CHUNKED + body)):  # however it is cut on its way
            sock.sendall((CHUNKED + body)[at : at + 1])
        sock.sendall(follows)
        got = rest(sock)
    assert got.count(b"HTTP/1.1 200 OK") == 2
    assert b'"prediction": "a"' in got
    assert got.endswith(b'{"ready": true}')


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "does not begin with its size"),
        (b"\r\n", 400, "does not begin with its size"),
        (b"x\r\n", 400, "does not begin with its size"),
        (b"-1\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"+1\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"0x1\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"1_0\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b" 1\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"1\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"1;a\rb\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"1;" + b"a" * 9000 + b"\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"00000000000000001\r\n1\r\n0\r\n\r\n", 400, "does not begin with its size"),
        (b"ffffffffffffffff\r\n1", 413, "at most 64 MiB"),
        (b"4000001\r\n1", 413, "at most 64 MiB"),
        (b"1\r\n1\r\n4000000\r\n1", 413, "at most 64 MiB"),
        (b"2\r\n1", 400, "ends too early"),
        (b"1\r\n1", 400, "ends too early"),
        (b"1\r\n12\r\n0\r\n\r\n", 400, "does not end where it says"),
        (b"1\r\n1\n0\r\n\r\n", 400, "does not end where it says"),
        (b"1\r\n1\r\n", 400, "does not begin with its size"),
        (b"1\r\n1\r\n0\r\n", 400, "has no end"),
        (b"1\r\n1\r\n0\r\n\n", 400, "has no end"),
        (b"1\r\n1\r\n0\r\n" + b"x: y\r\n" * 200 + b"\r\n", 400, "has no end"),
        (b"0\r\n\r\n", 400, "the body is not JSON"),
    ],
)
def test_chunks_that_are_none_are_refused(port: int, body: bytes, status: int, said: str) -> None:
    found, answered = raw(port, CHUNKED + body)
    assert (found, said in answered["error"]) == (status, True)


def test_chunks_of_a_version_that_has_none_are_refused(port: int) -> None:
    found, answered = raw(port, CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n")
    assert (found, answered) == (400, {"error": "HTTP/1.0 has no chunks"})


def test_as_much_comes_in_chunks_as_in_one_piece(port: int) -> None:
    piece = b"\x20" * (1 << 20)
    fits = b"100000\r\n" + piece + b"\r\n"
    value = b"100000\r\n" + b'{"text": "a"}'.ljust(1 << 20) + b"\r\n"
    assert raw(port, CHUNKED + fits * 63 + value + b"0\r\n\r\n")[0] == 200
    assert raw(port, CHUNKED + fits * 63 + value + b"1\r\n \r\n0\r\n\r\n")[0] == 413


def test_who_waits_to_be_told_to_go_on_is_told(port: int) -> None:
    head = CHUNKED.replace(b"host: x", b"expect: 100-continue")
    with connected(port) as sock:
        sock.sendall(head)
        assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b'd\r\n{"text": "a"}\r\n0\r\n\r\n')
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_deep_json_and_other_methods_are_refused(start: Start) -> None:
    running = start()
    deep = b"[" * 200_000
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(deep)
    assert raw(running.port, head + deep)[0] == 400
    refused = raw(running.port, b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
    assert refused == (405, {"error": "PUT is none of GET, HEAD, POST"})
    connection = running.connection()
    connection.request("OPTIONS", "/")
    assert (answered := connection.getresponse()).status == 405, "no failure of the server: the client's"
    assert answered.headers["allow"] == "GET, HEAD, POST"


def test_who_asks_for_the_head_gets_no_more(start: Start) -> None:
    connection = start().connection()
    for path, status in (("/", 200), ("/other", 404)):
        connection.request("HEAD", path)
        answered = connection.getresponse()
        assert (answered.status, answered.read()) == (status, b"")
        assert int(answered.headers["content-length"]) > 0
    assert ask(connection, {"text": "a"}).status == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nx y: %d\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length : %d\r\n\r\n",
    ],
)
def test_a_body_that_is_not_read_is_never_taken_for_a_request(port: int, head: bytes) -> None:
    """One connection carries the requests of many users."""
    hidden = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nnull"
    with connected(port) as sock:
        sock.sendall(head % len(hidden) + hidden)
        got = b""
        try:
            while piece := sock.recv(65536):
                got += piece
        except ConnectionError:
            pass
    assert got.count(b"HTTP/1.1 ") <= 1


def test_asked_to_end_it_answers_what_it_was_asked(start: Start) -> None:
    running = start()
    idle, busy = running.connection(), running.connection()
    assert ask(idle, {"text": "a"}).read()
    busy.request("POST", "/", json.dumps("wait"))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (running.folder / "waiting").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.process.send_signal(signal.SIGTERM)
    running.process.send_signal(signal.SIGTERM)
    assert idle.sock.recv(1) == b"", "who asks nothing is let go"
    assert running.process.poll() is None
    (running.folder / "go").touch()
    answered = busy.getresponse()
    assert (answered.status, answered.headers["connection"]) == (500, "close"), "it has no such text"
    assert running.process.wait(PATIENCE_SECONDS) == 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", running.port))


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("app/none.py:answer", "seatrial_server: there is no file app/none.py\n"),
        ("app/predict.py:guess", "seatrial_server: app/predict.py has no function guess\n"),
        ("app/predict.py:WORD", "seatrial_server: app/predict.py has no function WORD\n"),
        (
            "late.py:answer",
            "seatrial_server: answer of late.py is asynchronous; a plain function is needed\n",
        ),
    ],
)
def test_without_a_function_it_ends_with_a_line(folder: Path, named: str, said: str) -> None:
    (folder / "late.py").write_text("async def answer(value): return value\n")
    process = launch(folder, named)
    assert process.communicate(timeout=PATIENCE_SECONDS)[1] == said
    assert process.returncode == 1


def test_a_file_that_cannot_be_loaded_shows_where(folder: Path) -> None:
    (folder / "app" / "predict.py").write_text("open('none')\n")
    process = launch(folder, "app/predict.py:answer")
    said = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert (process.returncode, 'app/predict.py", line 1' in said) == (1, True)
