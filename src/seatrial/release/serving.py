"""Whether an environment answers: by the journal, and by a look at the world, which may have moved on."""

from __future__ import annotations

from seatrial.journal import releases, servers
from seatrial.journal.journal import Journal
from seatrial.journal.releases import EnvironmentRow
from seatrial.journal.servers import ServerRow
from seatrial.system import process

_CONNECT_SECONDS = 1.0


def is_serving(journal: Journal, row: EnvironmentRow) -> bool:
    """Whether the stable revision has all the traffic, a server that lives, and an open address."""
    recent = servers.of_revision(journal, row.stable, limit=3)
    return row.serving == {row.stable: 100} and any(map(is_ready, recent)) and is_open(row.address)


def is_ready(row: ServerRow) -> bool:
    return row.status == servers.READY and row.identity is not None and process.is_alive(row.identity)


def is_open(address: str) -> bool:
    """Whether something listens there. One that listens on all addresses is asked on the loopback."""
    import socket

    host, _, port = address.rpartition(":")
    name = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))  # noqa: S104 - compared only
    try:
        socket.create_connection((name, int(port)), _CONNECT_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def all_serve(journal: Journal, project: str) -> bool:
    """Whether every environment of a project that is to be up serves."""
    rows = [row for row in releases.environments(journal) if row.project == project and row.stable]
    return all(is_serving(journal, row) for row in rows if row.desired == releases.UP)
