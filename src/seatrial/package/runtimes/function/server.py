"""Answer requests by a function: POST a JSON value, and what the function makes of it is the answer, as JSON.

    python3 seatrial_server.py FILE.py:NAME [--health PATH] [--prediction KEY]

seatrial packs this file with a model. It needs the standard library alone, as it runs in the Python of the
model. The function is found once, before the port opens; $MODEL names the model then. It is called by several
threads at once. The header `x-seatrial-prediction` says what was predicted: the answer itself, or what an
answer that is an object has under KEY.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import inspect
import json
import os
import re
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from email import errors
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LARGEST = 64 << 20  # bytes of a request
METHODS = "GET, HEAD, POST"
_PIECE = 1 << 16
_LONGEST_LINE = 1 << 13  # bytes of a line between chunks
_MOST_TRAILERS = 100
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;[^\r]*)?\r\n")  # of a chunk
_NO_HEADERS = (
    errors.FirstHeaderLineIsContinuationDefect,
    errors.InvalidHeaderDefect,
    errors.MissingHeaderBodySeparatorDefect,
)
_PATIENCE_SECONDS = 5.0
_LONGEST_PREDICTION = 512  # bytes; the gateway keeps no more
_Function = Callable[[Any], object]


class NoFunctionError(Exception):
    """Why there is no function to answer by."""


class BodyError(Exception):
    """Why a body cannot be read to its end, with the status that says so."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def load(named: str) -> _Function:
    """The function that `FILE.py:NAME` names. Raises NoFunctionError, or whatever the file raises."""
    path, _, name = named.rpartition(":")
    file = Path(__file__).resolve().parent / path
    if not file.is_file():
        raise NoFunctionError(f"there is no file {path}")
    sys.path.insert(0, str(file.parent))  # it finds what lies beside it, as a script does
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise NoFunctionError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module  # so that a pickle finds its classes
    spec.loader.exec_module(module)
    found = getattr(module, name, None)
    if not callable(found):
        raise NoFunctionError(f"{path} has no function {name}")
    if inspect.iscoroutinefunction(found):
        raise NoFunctionError(f"{name} of {path} is asynchronous; a plain function is needed")
    return found  # type: ignore[no-any-return]


def plain(value: object) -> object:
    """A number or an array of numpy, and its like, as Python's own."""
    tolist = getattr(value, "tolist", None)
    if tolist is None:
        raise TypeError(f"{type(value).__name__} is not JSON")
    return tolist()


def prediction_of(answer: object, key: str) -> str:
    """What an answer predicts, as a header can say it; "" where it is no number and no line of text."""
    value = answer.get(key) if isinstance(answer, dict) else answer
    value = plain(value) if hasattr(value, "tolist") else value
    if isinstance(value, str):
        text = value if value.isprintable() else ""
    else:
        text = json.dumps(value) if isinstance(value, (bool, int, float)) else ""
    return text.encode("utf-8", "ignore")[:_LONGEST_PREDICTION].decode("utf-8", "ignore").strip()


def length_of(text: str) -> int:
    """What a Content-Length says. Raises BodyError."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BodyError(HTTPStatus.BAD_REQUEST, "the Content-Length is no number")
    return check_size(int(text))


def chunk_size(line: bytes) -> int:
    """What the line before a chunk says; 0 for the last one. Raises BodyError."""
    found = _SIZE.fullmatch(line)
    if found is None:
        raise BodyError(HTTPStatus.BAD_REQUEST, "a chunk does not begin with its size")
    return check_size(int(found[1], 16))


def check_size(size: int) -> int:
    """The same size, if a body may have it. Raises BodyError."""
    if size > LARGEST:
        raise BodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {LARGEST >> 20} MiB")
    return size


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def handle_one_request(self) -> None:
        self.server.wait(self.connection)
        try:
            super().handle_one_request()
        finally:
            self.server.idle.discard(self.connection)

    def parse_request(self) -> bool:
        self.server.idle.discard(self.connection)
        if not super().parse_request():
            return False
        if any(isinstance(defect, _NO_HEADERS) for defect in self.headers.defects):
            self.send_error(HTTPStatus.BAD_REQUEST, "a line of the head is no header")
            return False
        return True

    def handle_expect_100(self) -> bool:
        said = super().handle_expect_100()
        self.wfile.flush()
        return said

    def do_GET(self) -> None:
        if self.headers.get("content-length", "0") != "0" or "transfer-encoding" in self.headers:
            self.close_connection = True  # its body is not read, and must not be taken for a request
        if self.path.partition("?")[0] == self.server.health:
            self.answer(HTTPStatus.OK, b'{"ready": true}')
        else:
            said = f"GET {self.server.health} says whether it is ready; POST the rest"
            self.refuse(HTTPStatus.NOT_FOUND, said)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        was_to_close, self.close_connection = self.close_connection, True
        try:
            content = self.body()
        except BodyError as problem:  # where the next request begins is not known: so there is none
            self.refuse(problem.status, str(problem))
            self.pass_over()
            return
        self.close_connection = was_to_close
        try:
            value = json.loads(content)
        except (ValueError, RecursionError) as problem:
            self.refuse(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {problem}")
            return
        self.respond(value)

    def respond(self, value: object) -> None:
        try:
            found = self.server.function(value)
            content = json.dumps(found, default=plain, allow_nan=False).encode()
            prediction = prediction_of(found, self.server.key)
        except BaseException as problem:  # noqa: BLE001 - whatever it raises: who asks gets an answer
            traceback.print_exc()
            said = f"{type(problem).__name__} in the function; its log says more"
            self.refuse(HTTPStatus.INTERNAL_SERVER_ERROR, said)
            return
        self.answer(HTTPStatus.OK, content, prediction)
        if not prediction:
            self.server.warn()

    def body(self) -> bytes:
        """What was sent. Raises BodyError."""
        lengths = self.headers.get_all("content-length", [])
        codings = self.headers.get_all("transfer-encoding", [])
        if len(lengths) + len(codings) > 1:
            raise BodyError(HTTPStatus.BAD_REQUEST, "the length of the body is said twice")
        if lengths:
            return self.exactly(length_of(lengths[0]))
        if not codings:
            raise BodyError(HTTPStatus.LENGTH_REQUIRED, "a body needs a Content-Length, or comes in chunks")
        if codings[0].strip().lower() != "chunked":
            raise BodyError(HTTPStatus.BAD_REQUEST, "of the codings of a body only `chunked` is known")
        if self.request_version == "HTTP/1.0":
            raise BodyError(HTTPStatus.BAD_REQUEST, "HTTP/1.0 has no chunks")
        return self.chunks()

    def chunks(self) -> bytes:
        """A body in chunks; the trailers after it say nothing here. Raises BodyError."""
        content = bytearray()
        while size := chunk_size(self.rfile.readline(_LONGEST_LINE)):
            check_size(len(content) + size)
            content += self.exactly(size)
            if self.exactly(2) != b"\r\n":
                raise BodyError(HTTPStatus.BAD_REQUEST, "a chunk does not end where it says")
        for _ in range(_MOST_TRAILERS):
            line = self.rfile.readline(_LONGEST_LINE)
            if line == b"\r\n":
                return bytes(content)
            if not line.endswith(b"\r\n"):
                break
        raise BodyError(HTTPStatus.BAD_REQUEST, "what follows the last chunk has no end")

    def exactly(self, length: int) -> bytes:
        content = self.rfile.read(length)
        if len(content) < length:
            raise BodyError(HTTPStatus.BAD_REQUEST, "the body ends too early")
        return content

    def refuse(self, status: HTTPStatus, message: str) -> None:
        self.answer(status, json.dumps({"error": message}).encode())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no HTTP of ours, also in JSON.

        Of another method the client is to blame: a status of 5xx would count as a failure of the model.
        """
        self.close_connection = True
        status = HTTPStatus(code)
        if status == HTTPStatus.NOT_IMPLEMENTED:
            status, message = HTTPStatus.METHOD_NOT_ALLOWED, f"{self.command} is none of {METHODS}"
        self.refuse(status, message or explain or status.phrase)

    def answer(self, status: HTTPStatus, content: bytes, prediction: str = "") -> None:
        self.close_connection = self.close_connection or self.server.is_ending
        self.send_response(status)
        if prediction:  # headers are written as Latin-1: so these are the bytes of UTF-8
            self.send_header("x-seatrial-prediction", prediction.encode().decode("latin-1"))
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("allow", METHODS)
        if self.close_connection:
            self.send_header("connection", "close")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def pass_over(self) -> None:
        """Read on to the end of what is refused: else its sender would see no answer, but the end."""
        self.wfile.flush()
        self.connection.settimeout(_PATIENCE_SECONDS)
        while self.rfile.read1(_PIECE):
            pass

    def log_message(self, *_: object) -> None:
        """A line for each request would be most of the work."""


class Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = False  # so that `server_close` waits for what is in flight

    def __init__(self, port: int, function: _Function, health: str, key: str) -> None:
        self.function, self.health, self.key = function, health, key
        self.idle: set[socket.socket] = set()  # connections between two requests
        self.is_ending = False
        self.warned = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def wait(self, connection: socket.socket) -> None:
        """A connection waits for its next request; at the end only for one that was sent already."""
        self.idle.add(connection)
        if self.is_ending:
            self.close_reading(connection)

    def warn(self) -> None:
        """Say once that an answer told no prediction: no label can be joined with it."""
        if self.warned.acquire(blocking=False):
            what = f"an answer has no prediction: neither a text, a number nor an object with {self.key!r}"
            sys.stderr.write(f"seatrial_server: {what}\n")

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no fault of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            traceback.print_exc()

    def end(self) -> None:
        """Take no new connection, answer what was asked, and end."""
        self.shutdown()
        self.socket.setblocking(False)
        with contextlib.suppress(OSError):  # until nobody waits to be taken
            while True:
                connection, address = self.get_request()
                connection.setblocking(True)
                self.process_request(connection, address)
        self.is_ending = True
        for connection in list(self.idle):
            self.close_reading(connection)

    @staticmethod
    def close_reading(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RD)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("function")
    parser.add_argument("--health", default="/")
    parser.add_argument("--prediction", default="prediction")
    said = parser.parse_args()
    try:
        function = load(said.function)
    except NoFunctionError as problem:
        sys.exit(f"seatrial_server: {problem}")
    server = Server(int(os.environ["PORT"]), function, said.health, said.prediction)
    once, ending = threading.Lock(), threading.Thread(target=server.end)

    def end(*_: object) -> None:
        if once.acquire(blocking=False):  # a second signal may come in the middle of the first
            ending.start()

    signal.signal(signal.SIGTERM, end)
    server.serve_forever()
    ending.join()
    server.server_close()


if __name__ == "__main__":
    main()
