"""The life of a model server: starting → ready → draining → stopping → ended, or failed.

Each function brings one server from one status to the next and may take long, so it runs as a job. It may
die at any instruction and be called again, by the next supervisor: the row says what there is to do, and the
token finds a process that was started but not yet written down.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

from seatrial.errors import Problem
from seatrial.gateway import drain
from seatrial.gateway import servers as processes
from seatrial.gateway.secret_values import masked
from seatrial.gateway.servers import LONGEST_LOOK_SECONDS, Launch
from seatrial.gateway.yard import Yard
from seatrial.journal import servers
from seatrial.journal.servers import ServerRow
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock, process


class Serving(NamedTuple):
    """How a revision is started, and how we know that it answers."""

    launch: Launch
    health: str
    ready_seconds: float


def bring_up(yard: Yard, token: str, prepare: Callable[[], Serving]) -> None:
    """starting → ready; or failed, with the reason and the last lines of its log."""
    try:
        serving = prepare()
        row = started(yard, token, serving.launch)
        if row is not None:
            wait_ready(yard, row, serving)
    except (Problem, OSError) as error:
        row = waiting(yard, token)
        if row is not None:
            fail(yard, row, f"it could not be started: {error}", ours=True)


def waiting(yard: Yard, token: str) -> ServerRow | None:
    """The server's row while it is still to be brought up."""
    row = servers.server(yard.journal, token)
    return row if row is not None and row.status == servers.STARTING else None


def started(yard: Yard, token: str, launch: Launch) -> ServerRow | None:
    """The row of a server whose process runs, or ran; None when it is no longer wanted."""
    row = waiting(yard, token)
    if row is None or row.identity is not None:
        return row
    # A supervisor before us may have died between the start and its record.
    process.end_token(token)
    child = processes.spawn(yard.home, token, row.port, launch)
    yard.children[token] = child
    identity = process.identify(child.pid) or process.Identity(child.pid, 0, process.boot())
    servers.started(yard.journal, token, identity)
    return waiting(yard, token)


def wait_ready(yard: Yard, row: ServerRow, serving: Serving) -> None:
    deadline = time.monotonic() + serving.ready_seconds
    look = 0.01
    while waiting(yard, row.token) is not None:
        why_not = processes.unhealthy(row.port, serving.health)
        if not yard.is_alive(row):
            fail(yard, row, f"it ended before it was ready{how_it_ended(yard, row)}")
        elif not why_not:
            servers.move(yard.journal, row, servers.READY, ready=clock.now())
        elif time.monotonic() >= deadline:
            fail(yard, row, f"it was not ready within {serving.ready_seconds:g} s: {why_not}")
        else:
            time.sleep(look)
            look = min(look * 1.5, LONGEST_LOOK_SECONDS)


def lose(yard: Yard, row: ServerRow) -> None:
    """A server that is to run has died: → failed."""
    fail(yard, row, f"its process is gone{how_it_ended(yard, row)}")


def fail(yard: Yard, row: ServerRow, reason: str, *, ours: bool = False) -> None:
    """→ failed; all that it started is ended first. `ours`: it never ran, so the model is not to blame."""
    exit_code = yard.exit_code(row)
    processes.end(yard.home, row.token, row.pid, grace_seconds=0.5)
    log = printed(yard.home, row)
    servers.move(
        yard.journal, row, servers.FAILED, reason=reason, log=log, exit=exit_code, ours=ours, at=clock.now()
    )
    yard.reap(row)


def drain_out(yard: Yard, row: ServerRow, drain_seconds: float) -> None:
    """draining → stopping, once nothing uses the server; what still does after `drain_seconds` is cut."""
    cut = drain.wait_idle(yard.admin, row.token, drain_seconds, lambda: not yard.is_alive(row))
    servers.move(yard.journal, row, servers.STOPPING, cut=cut)


def stop(yard: Yard, row: ServerRow) -> None:
    """stopping → ended."""
    processes.end(yard.home, row.token, row.pid)
    yard.reap(row)
    servers.move(yard.journal, row, servers.ENDED, log=printed(yard.home, row))


def printed(home: Path, row: ServerRow) -> str:
    """The end of what a server has printed, without its secrets: kept when it is over, as its log is not."""
    kept: str | None = row.body.get("log")
    if kept is not None:
        return kept
    return masked(home, row.revision, processes.last_lines(processes.log_file(home, row.token)))


def how_it_ended(yard: Yard, row: ServerRow) -> str:
    code = yard.exit_code(row)
    if code is None:
        return ""
    if code < 0:
        return f", killed by {signal.Signals(-code).name}"
    return f", with exit code {code}"
