"""The processes that serve, and Envoy: written down before they start, so that they are found again.

The life of a server: starting → ready → draining → stopping → ended. One that dies by itself, or never
becomes healthy, goes to failed from wherever it was. `revision` is "" for Envoy.
"""

from __future__ import annotations

import json
from typing import Any

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock
from seatrial.system.process import Identity

STARTING = "starting"
READY = "ready"
DRAINING = "draining"
STOPPING = "stopping"
ENDED = "ended"
FAILED = "failed"
LIVE = (STARTING, READY, DRAINING, STOPPING)


class ServerRow(NamedTuple):
    """`pid` is 0 until the process was started; `body` has `release`, and `reason` once it failed."""

    token: str
    revision: str
    port: int
    pid: int
    start_ticks: int
    boot: str
    status: str
    at: float
    body: dict[str, Any]

    @property
    def identity(self) -> Identity | None:
        return Identity(self.pid, self.start_ticks, self.boot) if self.pid else None

    @property
    def subject(self) -> str:
        """What its events are about: the release it was started for, else its revision."""
        return str(self.body.get("release") or self.revision or "gateway")


class Deaths(NamedTuple):
    """How often servers of a revision ended by themselves once they were ready, `lately` of these since a
    time that was asked for; when and why the last one did."""

    times: int
    lately: int
    last: float
    reason: str


_SERVER = "SELECT token, revision, port, pid, start_ticks, boot, status, at, body FROM server"


def add(journal: Journal, token: str, *, revision: str, port: int, release: str = "") -> ServerRow:
    """Write down a process that is about to be started."""
    row = ServerRow(token, revision, port, 0, 0, "", STARTING, clock.now(), {"release": release})
    with journal.change(durable=True) as database:
        values = (*row[:8], json.dumps(row.body))
        database.rows("INSERT INTO server VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        journal.append("server.starting", row.subject, token=token, revision=revision)
    return row


def server(journal: Journal, token: str) -> ServerRow | None:
    row = journal.database.row(f"{_SERVER} WHERE token = ?", (token,))
    return ServerRow._make((*row[:8], json.loads(row[8]))) if row else None


def live(journal: Journal) -> list[ServerRow]:
    """All servers that are not over, the oldest first, Envoy among them."""
    marks = ", ".join("?" * len(LIVE))
    rows = journal.database.rows(f"{_SERVER} WHERE status IN ({marks}) ORDER BY rowid", LIVE)
    return [ServerRow._make((*row[:8], json.loads(row[8]))) for row in rows]


def of_revision(journal: Journal, revision: str, limit: int = 20) -> list[ServerRow]:
    """The last servers of a revision, the youngest first, those that are over included."""
    sql = f"{_SERVER} WHERE revision = ? ORDER BY rowid DESC LIMIT ?"
    return [
        ServerRow._make((*row[:8], json.loads(row[8])))
        for row in journal.database.rows(sql, (revision, limit))
    ]


def deaths(journal: Journal, project: str, environment: str, since: float) -> dict[str, Deaths]:
    """The deaths of each revision of an environment that had any; `lately` is since then."""
    sql = (
        "SELECT revision, count(*), sum(body ->> 'at' >= ?), max(body ->> 'at'), body ->> 'reason'"
        " FROM server WHERE status = ? AND body ->> 'ready' IS NOT NULL AND instr(revision, ?) = 1"
        " GROUP BY revision"
    )
    rows = journal.database.rows(sql, (since, FAILED, f"{project}/{environment}/"))
    return {revision: Deaths(*told) for revision, *told in rows}


def started(journal: Journal, token: str, identity: Identity) -> None:
    """The process of this token runs."""
    with journal.change(durable=True) as database:
        sql = "UPDATE server SET pid = ?, start_ticks = ?, boot = ? WHERE token = ?"
        database.rows(sql, (*identity, token))


def move(journal: Journal, row: ServerRow, status: str, **event: Any) -> bool:
    """Bring a server from the status it had to another, with its event. False: it was no longer there."""
    with journal.change(durable=True) as database:
        sql = (
            "UPDATE server SET status = ?, body = json_patch(body, ?)"
            " WHERE token = ? AND status = ? RETURNING token"
        )
        if database.row(sql, (status, json.dumps(event), row.token, row.status)) is None:
            return False
        journal.append(f"server.{status}", row.subject, token=row.token, revision=row.revision, **event)
        return True
