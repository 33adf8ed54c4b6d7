"""A function behind the server that seatrial packs with it, beside what people write or take for that.

    python -m bench.runtime [--seconds 5] [--rounds 3] [--connections 1 32]

The load comes from outside: wrk, one thread, POST of a JSON of 200 bytes over connections that stay open. The
function costs nearly nothing, so that what is measured is the server around it; all call the same one, in the
same Python. Beside ours: the standard library's `ThreadingHTTPServer` with a handler of one's own,
FastAPI on uvicorn with its fast parts (uvloop, httptools), and Flask on waitress, each in one process and
without a log of requests. Failed are other answers than 2xx, and broken or timed-out connections.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from bench import peers
from bench.load import Load, Peer, cpu_seconds, head, median, tell, wrk
from seatrial.gateway import ports
from seatrial.package.all_runtimes import runtime
from seatrial.package.runtime import FILE

OURS = "seatrial, serve: {function: …}"
ASKED = {"text": "a word or two, and so on " * 7}
PREDICT = """\
def answer(value):
    return {"prediction": "long" if len(value["text"]) > 100 else "short", "score": 0.93}
"""
BY_HAND = """\
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from predict import answer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        value = json.loads(self.rfile.read(int(self.headers["content-length"])))
        content = json.dumps(answer(value)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
FASTAPI = """\
from typing import Any
from fastapi import Body, FastAPI
from predict import answer

app = FastAPI()

@app.post("/")
def predict(value: Any = Body()):
    return answer(value)
"""
FLASK = """\
from flask import Flask, jsonify, request
from predict import answer

app = Flask(__name__)

@app.post("/")
def predict():
    return jsonify(answer(request.get_json()))
"""
POST = """\
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[%s]==]
"""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--connections", type=int, nargs="+", default=[1, 32])
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        folder = Path(name)
        write(folder)
        with servers(folder) as named:
            for connections in chosen.connections:
                compare(named, folder / "post.lua", connections, chosen)


def write(folder: Path) -> None:
    """All that the servers are made of."""
    (folder / FILE).write_bytes(runtime("function").server())
    (folder / "post.lua").write_text(POST % json.dumps(ASKED))
    sources = {"predict": PREDICT, "by_hand": BY_HAND, "with_fastapi": FASTAPI, "with_flask": FLASK}
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[dict[str, Peer]]:
    """All of them, each on a port of its own."""
    fast, flask = peers.folder("fastapi"), peers.folder("flask")
    uvicorn = ["-m", "uvicorn", "with_fastapi:app", "--no-access-log", "--log-level", "warning"]
    commands: dict[str, list[str | Path]] = {
        OURS: [sys.executable, FILE, "predict.py:answer"],
        "ThreadingHTTPServer, by hand": [sys.executable, "by_hand.py"],
        "FastAPI, uvicorn": [fast / "python", *uvicorn, "--port", "$PORT"],
        "Flask, waitress": [flask / "waitress-serve", "--listen=127.0.0.1:$PORT", "with_flask:app"],
    }
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(serving(folder, command)) for name, command in commands.items()}


@contextlib.contextmanager
def serving(folder: Path, command: list[str | Path]) -> Iterator[Peer]:
    """A server that has answered rightly once."""
    port = ports.free_port()
    words = [str(word).replace("$PORT", str(port)) for word in command]
    env = {**os.environ, "PORT": str(port), "MODEL": str(folder), "PYTHONPATH": str(folder)}
    server = subprocess.Popen(words, cwd=folder, env=env, stderr=subprocess.DEVNULL)
    try:
        while ports.is_free("127.0.0.1", port):
            if server.poll() is not None:
                raise SystemExit(f"{' '.join(words)} ended with {server.returncode}")
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/", json.dumps(ASKED), {"content-type": "application/json"})
        answered = connection.getresponse()
        assert (answered.status, json.loads(answered.read())["prediction"]) == (200, "long"), words
        connection.close()
        yield Peer(port, server.pid)
    finally:
        server.kill()
        server.wait()


def compare(named: dict[str, Peer], post: Path, connections: int, chosen: argparse.Namespace) -> None:
    head(connections, chosen.rounds)
    loads: dict[str, list[Load]] = {name: [] for name in named}
    for _ in range(chosen.rounds):
        for name, (port, pid) in named.items():
            before = cpu_seconds(pid)
            load = wrk(port, connections, chosen.seconds, post)
            cpu = (cpu_seconds(pid) - before) / max(load.requests, 1)
            loads[name].append(load._replace(cpu=cpu * 1_000_000))
    for name, found in loads.items():
        tell(name, found)
    for name in list(loads)[1:]:
        rate = median(loads[OURS], "rate") / median(loads[name], "rate")
        cpu = median(loads[name], "cpu") / median(loads[OURS], "cpu")
        print(f"ours against {name}: {rate:.2f}x the requests, for 1/{cpu:.2f} of the CPU each")


if __name__ == "__main__":
    main()
