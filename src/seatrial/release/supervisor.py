"""The one process of a home that keeps its environments as they are to be.

It is started on demand and detached (`wake`), holds a lock for as long as it lives, and ends when nothing is
up. It may be killed at any instruction: all it knows is in the journal, Envoy and the model servers live on,
and the next supervisor knows them again. Commands write what they want into the journal and nudge it awake.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path

from seatrial.errors import Infrastructure, Problem
from seatrial.gateway import servers as processes
from seatrial.gateway.jobs import Jobs
from seatrial.gateway.lease import Lease
from seatrial.gateway.proxy import Proxy
from seatrial.gateway.service import Service
from seatrial.gateway.yard import open_yard
from seatrial.journal import servers
from seatrial.journal.journal import open_journal
from seatrial.release import label_requests, launch, rollout
from seatrial.release.target import Ground
from seatrial.release.wake import DETACH, lock_file, nudge_socket, sign
from seatrial.store.store import open_store
from seatrial.system import lock, process
from seatrial.system.settings import read

TURN_SECONDS = 1.0
# A prober may hold the lock for an instant; whoever else has it for longer is a supervisor.
LOCK_SECONDS = 1.0
# How long it stays when nothing is up, so that `down` and `up` in a row need no second start.
IDLE_SECONDS = 2.0
KEPT_LOGS = 200
# An argument: stay also when nothing is up, as what systemd keeps alive should.
STAY = "--stay"


class Bell:
    """What wakes the loop: a nudge, the death of a process, a finished job, or the time."""

    def __init__(self, home: Path) -> None:
        path = nudge_socket(home)
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(path))
        self._inner, self._outer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._deaths: dict[process.Identity, int] = {}

    def ring(self) -> None:
        """From a job's thread."""
        try:
            os.write(self._outer, b"!")
        except BlockingIOError:
            return  # it rings already

    def watch(self, alive: set[process.Identity]) -> None:
        """Ring when one of these processes dies."""
        for identity in set(self._deaths) - alive:
            os.close(self._deaths.pop(identity))
        for identity in alive - set(self._deaths):
            try:
                self._deaths[identity] = os.pidfd_open(identity.pid)
            except OSError:
                continue  # it is dead already, and the next turn sees that

    def wait(self, timeout_seconds: float) -> None:
        poll = select.poll()
        for descriptor in (self._socket.fileno(), self._inner, *self._deaths.values()):
            poll.register(descriptor, select.POLLIN)
        rung = {descriptor for descriptor, _ in poll.poll(timeout_seconds * 1000)}
        if self._inner in rung:
            os.read(self._inner, 4096)
        if self._socket.fileno() in rung:
            self._socket.recv(16)
        for identity in [one for one, descriptor in self._deaths.items() if descriptor in rung]:
            os.close(self._deaths.pop(identity))


def supervise(home: Path, *, stay: bool = False) -> None:
    """The loop. Returns when nothing is up any more, unless it is to stay."""
    journal = open_journal(home)
    store = open_store(home, journal)
    bell = Bell(home)
    yard = open_yard(home, journal, Jobs(bell.ring))
    lease = Lease()
    ground = Ground(yard, Proxy(yard), partial(launch.prepare, home, store), {}, lease)
    service = Service(home, {"lease": lease.route(), label_requests.WORD: label_requests.route(home)})
    end_orphans(home, {row.token for row in servers.live(journal)})
    forget_logs(home)
    idle_since: float | None = None
    trouble = ""
    while stay or idle_since is None or time.monotonic() - idle_since < IDLE_SECONDS:
        try:
            lease.renew()
            rollout.turn(ground)
            idle_since = (idle_since or time.monotonic()) if rollout.is_idle(ground) else None
            trouble = ""
        except (Problem, OSError) as problem:
            if str(problem) != trouble:
                trouble = str(problem)
                say(trouble)
        identities = {row.identity for row in servers.live(journal) if row.identity}
        bell.watch({one for one in identities if process.is_alive(one)})
        bell.wait(TURN_SECONDS)
    ground.proxy.end()
    service.close()
    end_orphans(home, {row.token for row in servers.live(journal)})  # what a measurement had started


def end_orphans(home: Path, known: set[str]) -> None:
    """End what carries a token of ours that the journal does not count among the living."""
    for token in processes.orphans(home, known):
        say(f"ending the orphan {token}")
        processes.end(home, token, 0, grace_seconds=1.0)


def forget_logs(home: Path) -> None:
    """Keep the logs of the last servers only; the last lines of those that failed are in the journal."""
    logs = sorted((home / "servers").glob("*.log"), key=lambda log: log.stat().st_mtime, reverse=True)
    for log in logs[KEPT_LOGS:]:
        log.unlink(missing_ok=True)


def say(text: str) -> None:
    """A line into the supervisor's log, which may be on a disk that is full: the work goes on without it."""
    with suppress(OSError):
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}\n")
        sys.stderr.flush()


def hold_lock(path: Path, *, stay: bool) -> int | None:
    """The lock's descriptor; None where a supervisor runs already. One that is to stay waits for its end."""
    deadline = time.monotonic() + LOCK_SECONDS
    while stay or time.monotonic() < deadline:
        descriptor = lock.try_hold(path)
        if descriptor is not None:
            return descriptor
        time.sleep(TURN_SECONDS if stay else 0.02)
    return None


def main() -> int:
    if DETACH in sys.argv and os.fork():
        return 0
    home, stay = read().home, STAY in sys.argv
    held = hold_lock(lock_file(home), stay=stay)
    if held is None:
        return 0
    sign(held)
    say(f"supervisor {os.getpid()} of {home}")
    try:
        supervise(home, stay=stay)
    except Infrastructure as problem:
        say(problem.message)
        return problem.exit_code
    except BaseException:
        traceback.print_exc()
        raise
    say("nothing is up; the supervisor ends")
    return 0


if __name__ == "__main__":
    sys.exit(main())
