"""Keep one Envoy of a home alive, and its configuration as it is wanted."""

from __future__ import annotations

import os
import time
from pathlib import Path

from seatrial.clients import envoy
from seatrial.errors import Infrastructure, Problem
from seatrial.gateway import apply as configuration
from seatrial.gateway import config, files, pause, ports
from seatrial.gateway import servers as processes
from seatrial.gateway.apply import Outcome, Wanted
from seatrial.gateway.yard import Yard
from seatrial.journal import servers
from seatrial.journal.servers import ServerRow
from seatrial.system import files as disk
from seatrial.system import process

START_SECONDS = 20.0
SILENT_SECONDS = 10.0
# How often an Envoy with nothing to change is asked whether it still has what it was given.
LOOK_SECONDS = 5.0
# After so many failures in a row Envoy is started again; then after twice as many, and so on.
RESTART_AFTER = 3
MOST_THREADS = 8
# How long a line of the access log may wait for others; Envoy's own 10 s are too long for a judge.
FLUSH_MILLISECONDS = 200
LARGEST_LOG = 16 * 1024 * 1024


class Proxy:
    """`applied` is what Envoy has confirmed, but for what `outcome` says of single environments.

    `trouble` says why nothing could be confirmed at all, "" where it could.
    """

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.row: ServerRow | None = None
        self.applied: Wanted | None = None
        self.outcome = configuration.NOTHING
        self.trouble = ""
        self._asked: Wanted | None = None
        self._failures = 0
        self._not_before = 0.0
        self._starts = 0
        self._no_start_before = 0.0
        self._silent_since: float | None = None

    def keep(self, wanted: Wanted) -> None:
        """Make Envoy run with this configuration; with nothing in it, end Envoy.

        What cannot be done now is told by `trouble` and `outcome`, and done by a later call.
        """
        if not wanted.entries and not wanted.backends:
            self.end()
            return
        try:
            if self._adopted() and not self._is_due(wanted):
                return
            held = self._held(wanted)
            self._asked = wanted
            if self.row is None:
                self._start(wanted)
            self._apply(wanted, held)
        except (envoy.Unreachable, Problem, OSError) as error:
            self._fail(error)

    def holds(self, entry: str) -> bool:
        """Whether Envoy has confirmed what was wanted last of an environment."""
        return self.applied is not None and entry not in self.outcome.behind

    def end(self) -> None:
        """End Envoy; connections that are still open are cut."""
        if self._adopted() and self.row is not None:
            processes.end(self.yard.home, self.row.token, self.row.pid, grace_seconds=2.0)
            servers.move(self.yard.journal, self.row, servers.ENDED)
        self._forget()
        self._asked, self.trouble, self._failures = None, "", 0

    def _is_due(self, wanted: Wanted) -> bool:
        return wanted != self._asked or time.monotonic() >= self._not_before or self._is_free_again(wanted)

    def _is_free_again(self, wanted: Wanted) -> bool:
        """Whether an address that could not be opened could be now."""
        closed = [entry for entry in wanted.entries if entry.name in self.outcome.closed]
        return any(ports.is_free(entry.host, entry.port) for entry in closed)

    def _held(self, wanted: Wanted) -> Outcome:
        """The routes that are not to be tried again yet, as nothing has changed in them."""
        if self._asked is None or time.monotonic() >= self._not_before:
            return configuration.NOTHING
        same = {entry.name for entry in wanted.entries if entry in self._asked.entries}
        refused = {name: why for name, why in self.outcome.refused.items() if name in same}
        late = {name: why for name, why in self.outcome.late.items() if name in same}
        return Outcome(refused=refused, late=late)

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
        self.row, self.applied, self.outcome = None, None, configuration.NOTHING
        self._silent_since, self._not_before = None, 0.0

    def _start(self, wanted: Wanted) -> None:
        if time.monotonic() < self._no_start_before:
            raise Infrastructure("Envoy has ended, and is started again in a moment")
        self._starts += 1
        self._no_start_before = time.monotonic() + (pause.seconds(self._starts) if self._starts > 1 else 0.0)
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
        options += ["--file-flush-interval-msec", str(FLUSH_MILLISECONDS)]
        return [str(envoy.binary()), "-c", str(bootstrap), *options]

    def _env(self, token: str) -> dict[str, str]:
        return {"PATH": processes.PATH, "HOME": str(self.yard.home), process.TOKEN: token}

    def _apply(self, wanted: Wanted, held: Outcome) -> None:
        self.applied = None
        self.outcome = configuration.apply(self.yard.admin, self.yard.paths, wanted, held)
        self.applied, self.trouble, self._starts, self._silent_since = wanted, "", 0, None
        self._note_ready()
        if self.outcome == configuration.NOTHING:
            self._failures, self._not_before = 0, time.monotonic() + LOOK_SECONDS
        elif self.outcome != held:
            self._count_failure()
            late = ", ".join(set(self.outcome.late.values()) - set(held.late.values()))
            if late and is_time_to_restart(self._failures):
                self._restart(late)

    def _note_ready(self) -> None:
        """One that an earlier supervisor had only begun to start has answered us."""
        if self.row is not None and self.row.status == servers.STARTING:
            servers.move(self.yard.journal, self.row, servers.READY)

    def _fail(self, error: Exception) -> None:
        """Envoy took nothing: note why, and start it again where that may help."""
        self.applied = None
        self.trouble = (
            f"Envoy does not answer: {error}" if isinstance(error, envoy.Unreachable) else str(error)
        )
        self._count_failure()
        if self.row is None:
            return
        if isinstance(error, envoy.Unreachable):
            now = time.monotonic()
            self._silent_since = self._silent_since or now
            self._not_before = now + pause.seconds(1)
            if now - self._silent_since > SILENT_SECONDS:
                self._restart(self.trouble)
        elif is_time_to_restart(self._failures):
            self._restart(self.trouble)

    def _count_failure(self) -> None:
        self._failures += 1
        self._not_before = time.monotonic() + pause.seconds(self._failures)

    def _restart(self, why: str) -> None:
        """End Envoy, so that the next turn starts another; the servers behind it stay."""
        assert self.row is not None
        processes.end(self.yard.home, self.row.token, self.row.pid, grace_seconds=0.0)
        servers.move(self.yard.journal, self.row, servers.FAILED, reason=f"it is started again: {why}")
        self._forget()


def is_time_to_restart(failures: int) -> bool:
    """At 3, 6, 12, 24, … failures in a row: what a new Envoy does not mend must not cost the others much."""
    turns, rest = divmod(failures, RESTART_AFTER)
    return rest == 0 and turns > 0 and turns & (turns - 1) == 0


def shortened_log(yard: Yard) -> Path:
    """Envoy's log; it begins anew when it has become large."""
    log = files.envoy_log(yard.home)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    return log
