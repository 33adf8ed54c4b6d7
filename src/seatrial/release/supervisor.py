"""The one process of a home that keeps its environments as they are to be.

It is started on demand and detached, holds a lock for as long as it lives, and ends when nothing is up. It
may be killed at any instruction: all it knows is in the journal, Envoy and the model servers live on, and the
next supervisor knows them again. Commands write what they want into the journal and nudge it awake.
"""

from __future__ import annotations

import os
import pwd
import select
import socket
import sys
import time
import traceback
from functools import partial
from pathlib import Path

from seatrial.errors import Infrastructure, Problem
from seatrial.gateway import files
from seatrial.gateway import servers as processes
from seatrial.gateway.jobs import Jobs
from seatrial.gateway.proxy import Proxy
from seatrial.gateway.yard import open_yard
from seatrial.journal import servers
from seatrial.journal.journal import open_journal
from seatrial.release import launch, rollout
from seatrial.release.target import Ground
from seatrial.store.store import open_store
from seatrial.system import lock, process
from seatrial.system.settings import read

TURN_SECONDS = 1.0
# A prober may hold the lock for an instant; whoever else has it for longer is a supervisor.
LOCK_SECONDS = 1.0
# How long it stays when nothing is up, so that `down` and `up` in a row need no second start.
IDLE_SECONDS = 2.0
KEPT_LOGS = 200
LARGEST_LOG = 16 * 1024 * 1024
# Variables that a supervisor needs; those of whoever happened to start it must not reach the servers.
DETACH = "--detach"
INHERITED = ("PATH", "PYTHONPATH", "XDG_RUNTIME_DIR", *processes.INHERITED)


def ensure(home: Path) -> None:
    """Make sure that a supervisor runs, and wake it. It is nobody's child, so nobody has to wait for it."""
    if lock.is_held(lock_file(home)):
        nudge(home)
        return
    log = home / "supervisor.log"
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    env |= {"HOME": pwd.getpwuid(os.getuid()).pw_dir, "SEATRIAL_HOME": str(home)}
    command = [sys.executable, "-m", "seatrial.release.supervisor", DETACH]
    processes.start(command, Path("/"), env, log).wait()


def nudge(home: Path) -> None:
    """Wake the supervisor; without one, nothing happens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(b"!", str(nudge_socket(home)))
        except OSError:
            return


def lock_file(home: Path) -> Path:
    return home / "supervisor.lock"


def nudge_socket(home: Path) -> Path:
    return files.sockets(home) / "nudge.sock"


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


def supervise(home: Path) -> None:
    """The loop. Returns when nothing is up any more."""
    journal = open_journal(home)
    store = open_store(home, journal)
    bell = Bell(home)
    yard = open_yard(home, journal, Jobs(bell.ring))
    ground = Ground(yard, Proxy(yard), partial(launch.prepare, home, store))
    end_orphans(home, {row.token for row in servers.live(journal)})
    forget_logs(home)
    idle_since: float | None = None
    trouble = ""
    while idle_since is None or time.monotonic() - idle_since < IDLE_SECONDS:
        try:
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
    """A line into the supervisor's log."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def hold_lock(path: Path) -> int | None:
    """The lock's descriptor; None where a supervisor runs already."""
    deadline = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < deadline:
        descriptor = lock.try_hold(path)
        if descriptor is not None:
            return descriptor
        time.sleep(0.02)
    return None


def main() -> int:
    if DETACH in sys.argv and os.fork():
        return 0
    home = read().home
    if hold_lock(lock_file(home)) is None:
        return 0
    say(f"supervisor {os.getpid()} of {home}")
    try:
        supervise(home)
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
