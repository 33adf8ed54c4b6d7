"""Start the supervisor of a home, or wake it: all that whoever wants something of it needs to know of it.

It is nobody's child, leads a session of its own, stands in no folder of anybody's and holds no stream of
whoever happened to need it first. Nor does it take over that one's variables, but for a few; inside a run
those are the variables that the run was started with, because a stage sets its own for itself alone.
"""

from __future__ import annotations

import os
import pwd
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from seatrial.gateway import files
from seatrial.gateway import servers as processes
from seatrial.system import lock, process, settings

DETACH = "--detach"
INHERITED = ("PATH", "PYTHONPATH", *processes.INHERITED)
LARGEST_LOG = 16 * 1024 * 1024


def ensure(home: Path) -> bool:
    """Make sure that a supervisor runs, and wake it. Returns whether one ran already."""
    if lock.is_held(lock_file(home)):
        nudge(home)
        return True
    log = log_file(home)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    around = outer_variables()
    env = {"PATH": processes.PATH, **{name: around[name] for name in INHERITED if name in around}}
    env |= {"HOME": pwd.getpwuid(os.getuid()).pw_dir, settings.HOME: str(home)}
    processes.start([*program(), DETACH], Path("/"), env, log).wait()
    return False


def program() -> list[str]:
    """The command that is the supervisor, in the foreground."""
    return [sys.executable, "-m", "seatrial.release.supervisor"]


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
