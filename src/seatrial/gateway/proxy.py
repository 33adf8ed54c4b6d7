"""Keep one Envoy of a home alive, and its configuration as it is wanted."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from seatrial.clients import envoy
from seatrial.errors import Infrastructure
from seatrial.gateway import apply as configuration
from seatrial.gateway import config, files
from seatrial.gateway import servers as processes
from seatrial.gateway.apply import Wanted
from seatrial.gateway.yard import Yard
from seatrial.journal import servers
from seatrial.journal.servers import ServerRow
from seatrial.system import files as disk
from seatrial.system import process

START_SECONDS = 20.0
UNREACHABLE_SECONDS = 10.0
LONGEST_BACKOFF_SECONDS = 30.0
MOST_THREADS = 8
LARGEST_LOG = 16 * 1024 * 1024


class Proxy:
    """`applied` is what Envoy has confirmed; `problems` says, by entry, why a listener cannot be opened."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.applied: Wanted | None = None
        self.problems: dict[str, str] = {}
        self.row: ServerRow | None = None
        self._deaths = 0
        self._not_before = 0.0
        self._unreachable_since: float | None = None

    def keep(self, wanted: Wanted) -> None:
        """Make Envoy run with this configuration; with nothing in it, end Envoy. Raises Infrastructure."""
        if not wanted.entries and not wanted.backends:
            self.end()
            return
        if self._adopted() and wanted == self.applied and not self.problems:
            return
        if self.row is None:
            self._start(wanted)
        self._apply(wanted)

    def end(self) -> None:
        """End Envoy; connections that are still open are cut."""
        if self._adopted() and self.row is not None:
            processes.end(self.yard.home, self.row.token, self.row.pid, grace_seconds=2.0)
            servers.move(self.yard.journal, self.row, servers.ENDED)
        self._forget()

    def _adopted(self) -> bool:
        """Whether an Envoy of ours runs, also one that an earlier supervisor started."""
        for row in servers.live(self.yard.journal):
            if row.revision:
                continue
            if self.yard.is_alive(row):
                self.row = row
                return True
            processes.end(self.yard.home, row.token, row.pid, grace_seconds=0.0)
            servers.move(self.yard.journal, row, servers.FAILED, reason="its process is gone")
            self._forget()
        return False

    def _forget(self) -> None:
        if self.row is not None:
            self.yard.reap(self.row)
        self.row, self.applied, self.problems, self._unreachable_since = None, None, {}, None

    def _start(self, wanted: Wanted) -> None:
        if time.monotonic() < self._not_before:
            raise Infrastructure("Envoy died and is started again in a moment")
        self._deaths += 1
        backoff = min(LONGEST_BACKOFF_SECONDS, 0.1 * 2**self._deaths) if self._deaths > 1 else 0.0
        self._not_before = time.monotonic() + backoff
        configuration.write_all(self.yard.paths, wanted)
        home = self.yard.home
        token = processes.new_token(home)
        row = servers.add(self.yard.journal, token, revision="", port=0)
        child = processes.start(self._command(), home, self._env(token), shortened_log(self.yard))
        self.yard.children[token] = child
        identity = process.identify(child.pid) or process.Identity(child.pid, 0, process.boot())
        servers.started(self.yard.journal, token, identity)
        self._wait_ready(row)
        servers.move(self.yard.journal, row, servers.READY)
        self.row = servers.server(self.yard.journal, token)

    def _wait_ready(self, row: ServerRow) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not envoy.is_ready(self.yard.admin):
            code = self.yard.children[row.token].poll()
            if code is not None or time.monotonic() > deadline:
                processes.end(self.yard.home, row.token, 0, grace_seconds=0.0)
                self.yard.reap(row)
                servers.move(self.yard.journal, row, servers.FAILED, reason="Envoy does not start")
                log = processes.last_lines(files.envoy_log(self.yard.home), 5)
                raise Infrastructure(f"Envoy does not start: {log}", hint="see `seatrial doctor`")
            time.sleep(0.01)

    def _command(self) -> list[str]:
        bootstrap = files.bootstrap_file(self.yard.home)
        disk.write(bootstrap, config.text(config.bootstrap(self.yard.paths)))
        threads = min(MOST_THREADS, len(os.sched_getaffinity(0)))
        options = ["--disable-hot-restart", "--log-level", "warning", "--concurrency", str(threads)]
        return [str(envoy.binary()), "-c", str(bootstrap), *options]

    def _env(self, token: str) -> dict[str, str]:
        return {"PATH": processes.PATH, "HOME": str(self.yard.home), process.TOKEN: token}

    def _apply(self, wanted: Wanted) -> None:
        self.applied = None
        try:
            self.problems = configuration.apply(self.yard.admin, self.yard.paths, wanted)
        except envoy.Unreachable as error:
            self._end_if_stuck()
            raise Infrastructure(f"Envoy does not answer: {error}") from error
        self.applied, self._deaths, self._unreachable_since = wanted, 0, None

    def _end_if_stuck(self) -> None:
        """An Envoy that lives but does not answer for long is ended, so that the next turn starts another."""
        now = time.monotonic()
        self._unreachable_since = self._unreachable_since or now
        if self.row is not None and now - self._unreachable_since > UNREACHABLE_SECONDS:
            process.send(self.row.pid, signal.SIGKILL)


def shortened_log(yard: Yard) -> Path:
    """Envoy's log; it begins anew when it has become large."""
    log = files.envoy_log(yard.home)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    return log
