"""The packages of a project: when each was first made, by which run, from which commit."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from seatrial.journal.journal import Journal
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
    sql = f"{_PACKAGE} WHERE project = ? ORDER BY at DESC, rowid DESC LIMIT ?"
    return [_row(row) for row in journal.database.rows(sql, (project, limit))]


def _row(row: tuple[Any, ...]) -> PackageRow:
    return PackageRow._make((*row[:5], json.loads(row[5])))
