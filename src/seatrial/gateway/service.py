"""The supervisor's own small HTTP server: for Envoy on a Unix socket, for others on a port of the loopback.

It answers in a thread of its own, one request a connection. Whoever sends too much, too slowly, or what is no
HTTP loses his connection, and keeps nobody else waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

from seatrial.gateway import files, ports
from seatrial.named_tuple import NamedTuple
from seatrial.system import files as disk

LARGEST_HEAD = 16 * 1024
HEAD_SECONDS = 5.0
BODY_SECONDS = 30.0
MOST_CONNECTIONS = 64
JSON = "application/json"


class Request(NamedTuple):
    """`path` is as it was sent, without what follows a "?". Names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


class Answer(NamedTuple):
    """`allow` names the methods that a path has, where another one was used. No body: the status in words."""

    status: int
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"
    allow: str = ""


class Route(NamedTuple):
    """Who answers the paths that begin with one word.

    `answer` runs in a second thread, one at a time, unless it is `quick`: then it must never wait.
    """

    answer: Callable[[Request], Answer]
    methods: tuple[str, ...] = ("GET",)
    largest_body: int = 0
    quick: bool = False


Routes = Mapping[str, Route]


class Service:
    """`routes` are by the first word of the path: "lease" for `/lease`."""

    def __init__(self, home: Path, routes: Routes) -> None:
        self._home = home
        self._routes = routes
        self._loop = asyncio.new_event_loop()
        self._slow = ThreadPoolExecutor(1, "service-slow")
        self.port = self._loop.run_until_complete(self._open())
        self._thread = threading.Thread(target=self._loop.run_forever, name="service", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._shut())
        self._slow.shutdown(wait=False, cancel_futures=True)
        self._loop.close()

    async def _shut(self) -> None:
        for server in self._servers:
            server.close()
        begun = asyncio.all_tasks() - {asyncio.current_task()}
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed lets go of its socket in the next turn

    async def _open(self) -> int:
        """Listen on both; the port is that of the supervisor before, where it is still free."""
        socket = files.lease_socket(self._home)
        inside = await asyncio.start_unix_server(self._door(), path=socket, limit=LARGEST_HEAD)
        port = kept_port(self._home)
        try:
            outside = await asyncio.start_server(self._door(), "127.0.0.1", port, limit=LARGEST_HEAD)
        except OSError:
            port = ports.free_port()
            outside = await asyncio.start_server(self._door(), "127.0.0.1", port, limit=LARGEST_HEAD)
        disk.write(files.service_port(self._home), str(port).encode())
        self._servers = (inside, outside)
        return port

    def _door(self) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        """Serves connections, at most so many at once: those of one door never fill the other."""
        served: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(served) == MOST_CONNECTIONS:
                writer.close()
                return
            task = self._loop.create_task(self._serve(reader, writer))
            served.add(task)
            task.add_done_callback(served.discard)
            # Also of one that is cancelled before it begins.
            task.add_done_callback(lambda _: writer.close())

        return accept

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
            writer.write(written(await self._answer(parse_head(head), reader, writer)))
            await asyncio.wait_for(writer.drain(), BODY_SECONDS)

    async def _answer(
        self, request: Request | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Answer:
        if request is None:
            return Answer(400)
        route = self._routes.get(request.path.split("/")[1])
        if route is None:
            return Answer(404)
        if request.method not in route.methods:
            return Answer(405, allow=", ".join(route.methods))
        length = body_length(request)
        if length is None:
            return Answer(411)
        if length > route.largest_body:
            return Answer(413)
        if request.headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await asyncio.wait_for(reader.readexactly(length), BODY_SECONDS)
        return await self._perform(route, request._replace(body=body))

    async def _perform(self, route: Route, request: Request) -> Answer:
        try:
            if route.quick:
                return route.answer(request)
            return await self._loop.run_in_executor(self._slow, route.answer, request)
        except Exception:  # noqa: BLE001 - whatever a request can cause must not end the others
            import traceback

            traceback.print_exc()
            return Answer(500)


def kept_port(home: Path) -> int:
    """The port of the supervisor before; a free one where there is none, or not a sound one."""
    try:
        text = files.service_port(home).read_text("ascii").strip()
    except (OSError, ValueError):
        text = ""
    number = int(text) if text.isdigit() and len(text) < 6 else 0
    return number if ports.LOWEST <= number <= ports.HIGHEST else ports.free_port()


def parse_head(head: bytes) -> Request | None:
    """A request's first line and headers; None for what is no HTTP/1."""
    first, *rest = head.decode("latin-1")[:-4].split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[1].startswith("/") or words[2] not in ("HTTP/1.1", "HTTP/1.0"):
        return None
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip() or name.lower() in headers:
            return None
        headers[name.lower()] = value.strip()
    return Request(words[0], words[1].partition("?")[0], headers)


def body_length(request: Request) -> int | None:
    """How many bytes follow the head; None where they are not told in advance, and plainly."""
    if "transfer-encoding" in request.headers:
        return None
    text = request.headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def written(answer: Answer) -> bytes:
    phrase = HTTPStatus(answer.status).phrase
    body, kind = answer.body, answer.kind
    if not body:
        body, kind = json.dumps({"error": phrase}).encode() + b"\n", JSON
    allow = f"Allow: {answer.allow}\r\n" if answer.allow else ""
    head = (
        f"HTTP/1.1 {answer.status} {phrase}\r\nContent-Type: {kind}\r\n{allow}"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
