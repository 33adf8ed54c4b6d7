"""What the supervisor of one home holds while it lives. All that must outlive it is in the journal."""

from __future__ import annotations

import subprocess
from pathlib import Path

from seatrial.clients.envoy import Admin
from seatrial.gateway import files
from seatrial.gateway.config import Paths
from seatrial.gateway.jobs import Jobs
from seatrial.journal.journal import Journal
from seatrial.journal.servers import ServerRow
from seatrial.named_tuple import NamedTuple
from seatrial.system import process

# Envoy answers within milliseconds; whoever waits for one that hangs keeps all environments waiting.
ANSWER_SECONDS = 3.0
# From the end of a process' first thread to that of all of them.
ENDING_SECONDS = 1.0


class Yard(NamedTuple):
    """`children` are the processes that we started ourselves, by token: only theirs is the exit known."""

    home: Path
    journal: Journal
    jobs: Jobs
    paths: Paths
    children: dict[str, subprocess.Popen[bytes]]

    @property
    def admin(self) -> Admin:
        return Admin(Path(self.paths.admin_socket), ANSWER_SECONDS)

    def is_alive(self, row: ServerRow) -> bool:
        """Whether the process of a server exists; also reaps it where it is our child."""
        child = self.children.get(row.token)
        if child is not None and child.poll() is not None:
            return False
        return row.identity is not None and process.is_alive(row.identity)

    def exit_code(self, row: ServerRow) -> int | None:
        """How a server of ours ended: its code, or the signal as a negative number; None: not known.

        Its process may still be ending: one whose first thread is gone is dead in /proc, and cannot be reaped
        before its other threads are gone, too.
        """
        child = self.children.get(row.token)
        if child is None or self.is_alive(row):
            return None
        try:
            return child.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def reap(self, row: ServerRow) -> None:
        """Let go of a child whose process has been ended."""
        child = self.children.pop(row.token, None)
        if child is not None:
            child.wait()


def open_yard(home: Path, journal: Journal, jobs: Jobs) -> Yard:
    (home / "servers").mkdir(mode=0o700, exist_ok=True)
    return Yard(home, journal, jobs, files.paths(home), {})
