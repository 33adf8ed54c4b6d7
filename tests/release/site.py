"""What the tests of releases stand on: small packages that serve, requests for them, and a clean end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from seatrial.errors import Place
from seatrial.gateway import ports
from seatrial.gateway.servers import token_prefix
from seatrial.journal import releases, servers
from seatrial.journal.releases import ReleaseRow
from seatrial.package import build
from seatrial.package.contents import CODE, WEIGHT, PackageContents, PackagedFile, PackagedPython
from seatrial.pipeline.pipeline import Environment
from seatrial.release import request as asking
from seatrial.release import wake, watch
from seatrial.release.request import Asked, Request
from seatrial.store import blobs
from seatrial.store.store import Store
from seatrial.system import lock, process

SERVER = Path(__file__).with_name("model_server.py")
# Only what hangs takes so long, however busy the machine is.
PATIENCE_SECONDS = 180.0
NOWHERE = Place("seatrial.yaml", 1, 1)
PATH = os.environ["PATH"]


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]


class Site(NamedTuple):
    home: Path
    store: Store

    def package(self, word: str, python: PackagedPython | None = None) -> str:
        """A package whose server answers every request with `word`."""
        model, code = f"{word}\n".encode(), SERVER.read_bytes()
        files = (
            PackagedFile("model.txt", blobs.add_bytes(self.store, model), len(model), False, WEIGHT),
            PackagedFile("serve.py", blobs.add_bytes(self.store, code), len(code), False, CODE),
        )
        contents = PackageContents("model.txt", files, python, serve="exec python3 serve.py")
        return build.build(self.store, contents)

    def ask(self, word: str, environment: Environment, **more: Any) -> Asked:
        request = Request("reviews", environment, self.package(word), PATH, **more)
        return asking.request_release(self.home, self.store, request)

    def release(self, word: str, environment: Environment, **more: Any) -> ReleaseRow:
        """Release, and watch it to its end."""
        asked = self.ask(word, environment, **more)
        assert asked.release is not None
        return self.watch(asked.release.id)

    def watch(self, release: str) -> ReleaseRow:
        return watch.watch(self.home, self.store.journal, release, is_cancelled=out_of_patience())

    def down(self, name: str = "production", project: str = "reviews") -> None:
        asking.request_down(self.home, self.store.journal, project, name)
        watch.wait_down(self.home, self.store.journal, project, name, is_cancelled=out_of_patience())

    def up(self, name: str = "production") -> None:
        asking.request_up(self.home, self.store.journal, "reviews", name)
        watch.wait_up(self.home, self.store.journal, "reviews", name, is_cancelled=out_of_patience())

    def pids(self) -> dict[str, list[int]]:
        """All processes of this home that serve, Envoy among them, by token."""
        found: dict[str, list[int]] = {}
        for pid, token in process.tokens(token_prefix(self.home)):
            found.setdefault(token, []).append(pid)
        return found

    def supervisors(self) -> list[int]:
        """The pids of this home's supervisor."""
        wanted = f"SEATRIAL_HOME={self.home}".encode()
        found = []
        for name in os.listdir("/proc"):  # noqa: PTH208
            if name.isdigit() and name != str(os.getpid()):
                try:
                    words = Path(f"/proc/{name}/cmdline").read_bytes().split(b"\0")
                    env = Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"seatrial.release.supervisor" in words and wanted in env:
                    found.append(int(name))
        return found

    def kill_supervisor(self) -> None:
        """Kill it, and wait until its lock is free: to whoever asks before, it seems to be alive."""
        for pid in self.supervisors():
            process.send(pid, signal.SIGKILL)
        eventually(lambda: not lock.is_held(wake.lock_file(self.home)))

    def envoy_pid(self) -> int:
        return next(row.pid for row in servers.live(self.store.journal) if not row.revision)

    def server_pid(self, revision: str) -> int:
        rows = servers.of_revision(self.store.journal, revision)
        return next(row.pid for row in rows if row.status == servers.READY)

    def is_ready(self, revision: str) -> bool:
        return any(row.status == servers.READY for row in servers.of_revision(self.store.journal, revision))

    def stable(self, environment: str = "production") -> str:
        row = releases.environment(self.store.journal, "reviews", environment)
        return row.stable if row else ""


def environment(port: int = 0, **more: Any) -> Environment:
    """An environment on a port of its own."""
    address = f"127.0.0.1:{port or ports.free_port()}"
    return Environment("production", NOWHERE, address=address, drain_seconds=5.0)._replace(**more)


def port_of(of: Environment) -> int:
    return int(of.address.rpartition(":")[2])


def get(port: int, path: str = "/", headers: dict[str, str] | None = None) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode(), dict(answer.getheaders()))
    finally:
        connection.close()


def processor_ticks(pid: int) -> int:
    """User and system time of a process, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something is true, and stays so; fails when it does not become so.

    For what passes again a slow machine may have no eyes: of that, look at what the journal keeps.
    """
    is_over = out_of_patience()
    while not holds():
        assert not is_over(), "it did not become true"
        time.sleep(0.02)


def out_of_patience() -> Callable[[], bool]:
    """Whether so much time has passed since now that what is waited for hangs."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    return lambda: time.monotonic() > deadline


@contextmanager
def cleaned(site: Site) -> Iterator[Site]:
    """End, whatever happens, all that a test started in its home."""
    try:
        yield site
    finally:
        while (supervisors := site.supervisors()) or site.pids():
            for pid in supervisors:
                process.send(pid, signal.SIGKILL)
            for token in site.pids():
                process.end_token(token, 0)
