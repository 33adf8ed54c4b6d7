"""The demo's load tells of every request how it ended, by wrk and by threads alike."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import requires
from tests.release.site import eventually


class Handler(BaseHTTPRequestHandler):
    """Answers as the gateway does; pictures whose first pixel is 9 fail, and revision 8 answers them."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        pixels = json.loads(self.rfile.read(int(self.headers["content-length"])))["pixels"]
        failed = pixels[0] == 9
        self.send_response(500 if failed else 200)
        self.send_header("x-request-id", self.headers["x-request-id"])
        self.send_header("seatrial-revision", f"digits/production/{8 if failed else 7}")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("maker", ["wrk", "threads"])
def test_every_request_has_an_id_and_its_picture(
    demo: Any, address: str, tmp_path: Path, maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if maker == "wrk":
        requires("wrk")
    else:
        monkeypatch.setattr(shutil, "which", lambda _: None)
    load = demo("load")
    requests = load.Load(tmp_path, "today", [load.body([1]), load.body([9]), load.body([2])], address, 0.002)
    with load.running(requests):
        eventually(lambda: len(requests.answers()) >= 60)
    found = requests.answers()
    assert len({one.request for one in found}) == len(found)
    turns = [int(one.request.removeprefix("today-")) for one in found]
    assert [one.digit for one in found] == [turn % 3 for turn in turns]
    assert all(one.failed == (one.digit == 1) for one in found)
    assert {one.digit: one.revision for one in found} == {0: "7", 1: "8", 2: "7"}
    failed = sum(turn % 3 == 1 for turn in turns)
    assert requests.counts() == {"7": (len(found) - failed, 0), "8": (failed, failed)}
    assert requests.lost == 0


def test_who_gets_no_answer_is_counted(demo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    load = demo("load")
    with socket.create_server(("127.0.0.1", 0)) as closing:
        address = f"127.0.0.1:{closing.getsockname()[1]}"
        requests = load.Load(tmp_path, "today", [load.body([1])], address)
        with load.running(requests):
            closing.accept()[0].close()
            closing.close()
    assert requests.lost > 0
    assert requests.answers() == []
