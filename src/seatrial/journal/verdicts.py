"""The last verdict on each candidate."""

from __future__ import annotations

import json
from typing import Any

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock


class VerdictRow(NamedTuple):
    """What was said of a candidate, and against what.

    `candidate` names what was judged apart from gates and baselines: project, stage, predictions and data.
    `key` is that of the evaluation, `status` the verdict's; `model` is the digest of the model's tree, ""
    where only predictions were judged. `body`: {"verdict": digest of its blob, "predictions": digest of the
    file, "data": digest, "baselines": {environment: {"package": digest, "predictions": digest}}}.
    """

    candidate: str
    project: str
    run: str
    key: str
    at: float
    status: str
    model: str
    body: dict[str, Any]


_VERDICT = "SELECT candidate, project, run, key, at, status, model, body FROM verdict"


def record(journal: Journal, row: VerdictRow) -> None:
    """Make this the last verdict on its candidate; the time of the row is set here."""
    sql = (
        "INSERT OR REPLACE INTO verdict(candidate, project, run, key, at, status, model, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    text = json.dumps(row.body, sort_keys=True)
    with journal.change() as database:
        database.rows(sql, (*row[:4], clock.now(), row.status, row.model, text))
        journal.append(
            "verdict",
            row.run or row.candidate,
            candidate=row.candidate,
            key=row.key,
            status=row.status,
            **row.body,
        )


def last(journal: Journal, candidate: str) -> VerdictRow | None:
    """The last verdict on a candidate."""
    row = journal.database.row(f"{_VERDICT} WHERE candidate = ?", (candidate,))
    return _row(row) if row else None


def of_model(journal: Journal, project: str, model: str) -> VerdictRow | None:
    """The latest verdict on a model, by the digest of its tree."""
    sql = f"{_VERDICT} WHERE project = ? AND model = ? ORDER BY rowid DESC LIMIT 1"
    row = journal.database.row(sql, (project, model)) if model else None
    return _row(row) if row else None


def _row(row: tuple[Any, ...]) -> VerdictRow:
    return VerdictRow._make((*row[:7], json.loads(row[7])))
