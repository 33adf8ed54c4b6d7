"""Start the supervisor of a home, or wake it: all that whoever wants something of it needs to know of it.

It is nobody's child, leads a session of its own, stands in no folder of anybody's and holds no stream of
whoever happened to need it first. Nor does it take over that one's variables, but for a few; inside a run
those are the variables that the run was started with, because a stage sets its own for itself alone.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from seatrial.gateway import files
from seatrial.gateway import servers as processes
from seatrial.system import edition, lock, process, settings, user

DETACH = "--detach"
INHERITED = ("PATH", "PYTHONPATH", *processes.INHERITED)
LARGEST_LOG = 16 * 1024 * 1024
_PATIENCE_SECONDS = 5.0
_MOMENT_SECONDS = 0.02


def ensure(home: Path) -> bool:
    """Make sure that a supervisor of our own code runs, and wake it. Returns whether one ran already."""
    if lock.is_held(lock_file(home)):
        end_other(home)
    return keep(home)


def keep(home: Path) -> bool:
    """The same with one of whatever code, for whoever only watches.

    He may be of the older code himself, since an update, and would end the new one again and again.
    """
    if lock.is_held(lock_file(home)):
        nudge(home)
        return True
    log = log_file(home)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    around = outer_variables()
    env = {"PATH": processes.PATH, **{name: around[name] for name in INHERITED if name in around}}
    env |= {"HOME": user.home() or "/", settings.HOME: str(home)}
    processes.start([*program(), DETACH], Path("/"), env, log).wait()
    return False


def sign(lock_: int) -> None:
    """Write into the lock that we hold whose it is, for `end_other`."""
    os.truncate(lock_, 0)
    os.write(lock_, json.dumps([*edition.told(), process.identify(os.getpid())]).encode())


def end_other(home: Path) -> None:
    """End a supervisor of other code than ours: it would not know what we wish for.

    It can be ended at any instruction, and what serves lives on; see `supervisor`.
    """
    try:
        *told, identity = json.loads(lock_file(home).read_text())
    except ValueError:
        return  # it holds the lock, and is about to sign
    other = process.Identity(*identity)
    if edition.is_ours(told) or not process.is_alive(other):
        return
    process.send(other.pid, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while lock.is_held(lock_file(home)) and time.monotonic() < deadline:
        time.sleep(_MOMENT_SECONDS)


def program() -> list[str]:
    """The command that is the supervisor, in the foreground."""
    return [sys.executable, "-X", "utf8", "-m", "seatrial.release.supervisor"]


def outer_variables() -> Mapping[str, str]:
    """Our variables, or those of the nearest process above us that is not part of a run."""
    found: Mapping[str, str] = os.environ
    pid = os.getpid()
    while settings.RUN in found:
        pid = process.parent(pid)
        found = process.variables(pid) if pid > 1 else {}
    return found


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


def log_file(home: Path) -> Path:
    return home / "supervisor.log"


def nudge_socket(home: Path) -> Path:
    return files.sockets(home) / "nudge.sock"
