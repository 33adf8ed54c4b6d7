"""The packages of a project: when each was first made, by which run, from which commit."""

from __future__ import annotations

import json
from typing import Any

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock


class PackageRow(NamedTuple):
    """`commit` is the first that gave this package; others may give the same one.

    `body`: {"name": of the model, "stage": that made it, "size": bytes of all its files}.
    """

    digest: str
    project: str
    at: float
    run: str
    commit: str
    body: dict[str, Any]


_PACKAGE = "SELECT digest, project, at, run, commit_id, body FROM package"


# A command within a run has made a package, perhaps one that was there before.
TOLD = "run.package"
_TOLD = (
    "SELECT json_extract(event.body, '$.package'), event.sequence FROM event"
    " JOIN run ON run.id = event.subject WHERE event.kind = ? AND run.project = ?"
    " ORDER BY event.sequence DESC LIMIT 1"
)
_OF_RUN = (
    "SELECT json_extract(stage_run.body, '$.body.package') AS digest,"
    " (SELECT max(sequence) FROM event WHERE subject = run.id AND kind IN ('run.started', 'run.finished')),"
    " run.id"
    " FROM run JOIN stage_run ON stage_run.run = run.id"
    " WHERE run.project = ? AND stage_run.status = 'succeeded' AND {}"
    " ORDER BY run.number DESC, stage_run.position DESC LIMIT 1"
)
_MADE = (
    "SELECT digest, (SELECT max(sequence) FROM event WHERE subject = digest AND kind = 'package.made'"
    " AND json_extract(body, '$.project') = package.project)"
    " FROM package WHERE project = ? ORDER BY rowid DESC LIMIT 1"
)


def record(
    journal: Journal, digest: str, project: str, *, run: str, commit: str, body: dict[str, Any]
) -> bool:
    """Note a package; False, and nothing else, where the project has it already."""
    sql = (
        "INSERT OR IGNORE INTO package(digest, project, at, run, commit_id, body)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING digest"
    )
    text = json.dumps(body, sort_keys=True)
    with journal.change() as database:
        is_new = database.row(sql, (digest, project, clock.now(), run, commit, text)) is not None
        if is_new:
            journal.append("package.made", digest, project=project, run=run, commit=commit, **body)
    return is_new


def package(journal: Journal, project: str, digest: str) -> PackageRow | None:
    row = journal.database.row(f"{_PACKAGE} WHERE project = ? AND digest = ?", (project, digest))
    return _row(row) if row else None


def packages(journal: Journal, project: str, *, limit: int = 100) -> list[PackageRow]:
    """The packages of a project, the newest first."""
    sql = f"{_PACKAGE} WHERE project = ? ORDER BY rowid DESC LIMIT ?"
    return [_row(row) for row in journal.database.rows(sql, (project, limit))]


def newest(journal: Journal, project: str) -> str:
    """The digest of the package that the project gave last, "" where there is none.

    The last run that has one counts, also where it was restored: made long ago, or by another project. A
    command within a run, or by hand, may have made a later one. Events say what came later: a clock may step
    back.
    """
    sources = (
        (_OF_RUN.format("digest IS NOT NULL"), (project,)),
        (_TOLD, (TOLD, project)),
        (_MADE, (project,)),
    )
    found = [row for sql, values in sources if (row := journal.database.row(sql, values)) is not None]
    return str(max(found, key=lambda row: row[1])[0]) if found else ""


def last_run(journal: Journal, project: str, digest: str) -> str:
    """The last run of the project that gave this package, restored or made; "" where none did."""
    row = journal.database.row(_OF_RUN.format("digest = ?"), (project, digest))
    made = package(journal, project, digest)
    return str(row[2]) if row else made.run if made else ""


def _row(row: tuple[Any, ...]) -> PackageRow:
    return PackageRow._make((*row[:5], json.loads(row[5])))
