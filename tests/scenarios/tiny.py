"""A whole project, small enough to be released often: its model is a number, its server answers with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import remove_sockets

BIN = Path(sys.executable).parent

PIPELINE = """\
project: tiny
stages:
  train:
    run: python train.py
    inputs: [train.py, level.txt]
    outputs: [model/]
  evaluate:
    evaluate: model/
    inputs: [predict.py]
    predict: python predict.py "$MODEL" "$DATA" "$PREDICTIONS"
    data: test.csv
    task: classification
    gates:
      - accuracy >= 0.5
      - accuracy >= production - 0.1
  package: {package: model/, include: [serve.py, predict.py], serve: python serve.py, health: /health}
  release: {release: production, needs: [evaluate]}
environments:
  production: {target: process, from: [main], drain: 5s}
"""

TRAIN = """\
import pathlib
pathlib.Path("model").mkdir()
pathlib.Path("model/level").write_text(pathlib.Path("level.txt").read_text())
"""

# A model of level n is right about all but the last n rows of every hundred.
PREDICT = """\
import csv, pathlib, sys
level = int(pathlib.Path(sys.argv[1], "level").read_text()) % 5
with open(sys.argv[2]) as file, open(sys.argv[3], "w") as out:
    out.write("id,prediction\\n")
    for row in csv.DictReader(file):
        wrong = int(row["id"]) % 100 >= 100 - level
        out.write(f"{row['id']},{'no' if (row['label'] == 'yes') == wrong else 'yes'}\\n")
"""

SERVE = """\
import os, pathlib, signal, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
LEVEL = pathlib.Path(os.environ["MODEL"], "level").read_bytes()
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", str(len(LEVEL)))
        self.end_headers()
        self.wfile.write(LEVEL)
    def log_message(self, *_): pass
class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
"""


class Tiny:
    """The project as a repository in `folder`, with a home for its state."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "tiny"
        self.home = folder / "home"
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SEATRIAL_"))
        }
        self.env = {
            **kept,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "SEATRIAL_HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self.repository.mkdir(parents=True)
        rows = "".join(f"{n},{'yes' if n % 2 else 'no'}\n" for n in range(1000))
        files = {"seatrial.yaml": PIPELINE, "train.py": TRAIN, "predict.py": PREDICT, "serve.py": SERVE}
        for name, text in {**files, "test.csv": "id,label\n" + rows}.items():
            self.write(name, text)
        self.git("init", "-q", "-b", "main")

    def write(self, name: str, text: str) -> None:
        (self.repository / name).write_text(text)

    def git(self, *words: str) -> None:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(
            ["git", *who, *words], cwd=self.repository, env=self.env, check=True, capture_output=True
        )

    def commit(self, level: int) -> None:
        """Commit a model of that level."""
        self.write("level.txt", str(level))
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"Level {level}")

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [str(BIN / "seatrial"), *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.repository, env=self.env, stdout=pipe, stderr=pipe, text=True
        )

    def seatrial(self, *words: str, exit_code: int = 0) -> str:
        """What the command printed; fails with all it said when it ends with another exit code."""
        process = self.start(*words)
        output, error = process.communicate(timeout=600)
        said = f"seatrial {' '.join(words)}: {process.returncode}\n{output}\n{error}"
        assert process.returncode == exit_code, said
        return output

    def json(self, *words: str) -> Any:
        return json.loads(self.seatrial(*words, "--json"))

    def production(self) -> dict[str, Any]:
        return next(e for e in self.json("status")["environments"] if e["name"] == "production")

    def answer(self) -> int:
        """The level that production answers with. Raises OSError when there is no answer."""
        with urllib.request.urlopen(f"http://{self.production()['address']}/", timeout=60) as reply:
            return int(reply.read())

    def processes(self) -> dict[int, str]:
        """All living processes that speak of this home, and their command lines."""
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                command = (folder / "cmdline").read_bytes()
                texts = (command, (folder / "environ").read_bytes(), bytes((folder / "cwd").readlink()))
            except OSError:
                continue
            if any(bytes(self.home) in text for text in texts):
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
        return found

    def gone(self, seconds: float) -> bool:
        """Whether no process is left within some seconds: a supervisor with nothing to do ends by itself."""
        deadline = time.monotonic() + seconds
        while processes := self.processes():
            if time.monotonic() > deadline:
                raise AssertionError(f"left behind: {processes}")
            time.sleep(0.05)
        return True


@contextmanager
def ended(tiny: Tiny) -> Iterator[Tiny]:
    """End, whatever happens, all that belongs to the project: commands, supervisor, Envoy and servers."""
    try:
        yield tiny
    finally:
        while processes := tiny.processes():  # one of them may have started another since we looked
            for pid in processes:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        remove_sockets(tiny.home)
