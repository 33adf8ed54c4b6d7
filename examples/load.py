"""Requests from outside for as long as a block takes, and how each of them ended.

wrk makes them where it is installed, else threads of Python. Each has an id of its own, so that the digit
that was really in the picture can be told later, as a label.
"""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import unquote

CONNECTIONS = 8
NOBODY = "-"

POST_DIGITS = """
local bodies = {}
for line in io.lines(os.getenv("DIGITS")) do bodies[#bodies + 1] = line end
local answers = io.open(os.getenv("ANSWERS"), "w")
answers:setvbuf("line")
local name, turn, pause = os.getenv("LOAD"), -1, tonumber(os.getenv("PAUSE"))
local headers = {["content-type"] = "application/json"}
function request()
  turn = turn + 1
  headers["x-request-id"] = name .. "-" .. turn
  return wrk.format("POST", "/predict", headers, bodies[turn % #bodies + 1])
end
if pause > 0 then
  function delay() return pause end
end
function response(status, found)
  answers:write(found["x-request-id"] or "-", " ", status, " ", found["seatrial-revision"] or "-", "\\n")
end
"""


class Answer(NamedTuple):
    """`digit` is the index of the picture that was sent, `revision` the number of who answered."""

    request: str
    digit: int
    status: int
    revision: str

    @property
    def failed(self):
        return not 200 <= self.status < 300


class Load:
    """`lost` counts the requests that got no answer at all; it is known when the load is over."""

    def __init__(self, folder, name, bodies, address, pause_seconds=0.0):
        self.folder, self.name, self.bodies, self.address = folder, name, bodies, address
        self.pause_seconds = pause_seconds
        self.lost = 0
        (folder / f"{name}.jsonl").write_text("\n".join(bodies))
        self.log = folder / f"{name}.answers"
        self.log.touch()

    def answers(self):
        """Every answer so far, in order."""
        lines = self.log.read_text().split("\n")[:-1]
        return [self.answer(*line.split(" ")) for line in lines]

    def answer(self, request, status, revision):
        turn = int(request.rpartition("-")[2])
        return Answer(request, turn % len(self.bodies), int(status), unquote(revision).rpartition("/")[2])

    def counts(self):
        """(answers, failed ones) by revision."""
        found = self.answers()
        failed = Counter(one.revision for one in found if one.failed)
        return {
            name: (number, failed[name]) for name, number in Counter(one.revision for one in found).items()
        }


def makers():
    """Who makes the load, in words."""
    return f"wrk, {CONNECTIONS} connections" if shutil.which("wrk") else f"{CONNECTIONS} threads of Python"


@contextmanager
def running(load):
    """The load, while the block takes."""
    with (by_wrk if shutil.which("wrk") else by_threads)(load):
        yield load


@contextmanager
def by_wrk(load):
    script = load.folder / "post.lua"
    script.write_text(POST_DIGITS)
    env = {
        **os.environ,
        "DIGITS": str(load.folder / f"{load.name}.jsonl"),
        "ANSWERS": str(load.log),
        "LOAD": load.name,
        "PAUSE": f"{1000 * load.pause_seconds:.0f}",
    }
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d3600s", "-s", script, f"http://{load.address}"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        process.send_signal(2)
        text = process.communicate()[0]
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    load.lost = sum(map(int, errors.groups())) if errors else 0


@contextmanager
def by_threads(load):
    done, lost = [], []

    def client(first):
        turn = first
        while not done:
            name = f"{load.name}-{turn}"
            try:
                status, _, headers = post(load.address, load.bodies[turn % len(load.bodies)], name)
                os.write(log, f"{name} {status} {headers.get('seatrial-revision', NOBODY)}\n".encode())
            except (OSError, HTTPException):
                lost.append(turn)
            turn += CONNECTIONS
            time.sleep(load.pause_seconds)

    log = os.open(load.log, os.O_WRONLY | os.O_APPEND)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        clients = [pool.submit(client, first) for first in range(CONNECTIONS)]
        try:
            yield
        finally:
            done.append(True)
    os.close(log)
    for one in clients:
        one.result()
    load.lost = len(lost)


def body(pixels):
    return json.dumps({"pixels": pixels})


def post(address, content, request=""):
    """Status, content and headers of the answer to one request. Raises OSError where there is none."""
    headers = {"content-type": "application/json"} | ({"x-request-id": request} if request else {})
    asked = urllib.request.Request(f"http://{address}/predict", content.encode(), headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as reply:
            return reply.status, reply.read(), reply.headers
    except urllib.error.HTTPError as reply:
        return reply.code, reply.read(), reply.headers
