"""Predictions of live traffic, and the labels that came for them: late, early, twice, or for nobody.

A label is joined with the prediction of the same request, whichever comes first. The first label of a request
counts; what comes later for it is kept in numbers only, as repeated or contradicting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from seatrial.journal.journal import Journal

# What became of a label.
JOINED = "joined"
WAITING = "waiting"  # no prediction of this request is known (yet)
REPEATED = "repeated"
CONTRADICTING = "contradicting"


class Prediction(NamedTuple):
    """What a revision answered. `unit` is a digest of whom it was for, "" where requests are the units."""

    request: str
    at: float
    revision: str
    value: str
    unit: str = ""


class Label(NamedTuple):
    """What was true. `prediction` is given where the file of labels says itself what was predicted."""

    request: str
    at: float
    value: str
    prediction: str = ""


class Pair(NamedTuple):
    """A prediction with its label. `sequence` is the order in which pairs were completed."""

    sequence: int
    request: str
    predicted_at: float
    revision: str
    prediction: str
    label: str
    unit: str


def add_predictions(
    journal: Journal, project: str, environment: str, predictions: Iterable[Prediction]
) -> None:
    """Keep predictions, and complete the labels that waited for them. Call it inside `change`."""
    sql = "INSERT OR IGNORE INTO prediction VALUES (?, ?, ?, ?, ?, ?, ?)"
    for one in predictions:
        journal.database.rows(sql, (project, environment, one.request, *one[1:]))
        label = _label(journal, project, environment, one.request)
        if label is not None:
            _join(journal, project, environment, one, label)


def add_labels(journal: Journal, project: str, environment: str, labels: Iterable[Label]) -> dict[str, int]:
    """Keep labels; returns how many became what. Call it inside `change`."""
    outcomes = dict.fromkeys((JOINED, WAITING, REPEATED, CONTRADICTING), 0)
    for one in labels:
        outcomes[_add_label(journal, project, environment, one)] += 1
    return outcomes


def _add_label(journal: Journal, project: str, environment: str, one: Label) -> str:
    before = _label(journal, project, environment, one.request)
    if before is not None:
        return REPEATED if before.value == one.value else CONTRADICTING
    values = (project, environment, *one)
    journal.database.rows("INSERT INTO label VALUES (?, ?, ?, ?, ?, ?)", values)
    prediction = _prediction(journal, project, environment, one.request)
    if prediction is None:
        return WAITING
    _join(journal, project, environment, prediction, one)
    return JOINED


def _label(journal: Journal, project: str, environment: str, request: str) -> Label | None:
    sql = (
        "SELECT request, at, value, prediction FROM label"
        " WHERE project = ? AND environment = ? AND request = ?"
    )
    row = journal.database.row(sql, (project, environment, request))
    return Label._make(row) if row else None


def _prediction(journal: Journal, project: str, environment: str, request: str) -> Prediction | None:
    sql = (
        "SELECT request, at, revision, value, unit FROM prediction"
        " WHERE project = ? AND environment = ? AND request = ?"
    )
    row = journal.database.row(sql, (project, environment, request))
    return Prediction._make(row) if row else None


def _join(journal: Journal, project: str, environment: str, prediction: Prediction, label: Label) -> None:
    value = prediction.value or label.prediction
    sql = (
        "INSERT INTO pair(project, environment, request, predicted_at, revision, prediction, label, unit)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    journal.database.rows(
        sql,
        (project, environment, *prediction[:3], value, label.value, prediction.unit),
    )


def pairs(
    journal: Journal, project: str, environment: str, *, after: int = 0, limit: int = 10_000
) -> list[Pair]:
    """Completed pairs in the order of their completion, those after a sequence number."""
    sql = (
        "SELECT sequence, request, predicted_at, revision, prediction, label, unit FROM pair"
        " WHERE project = ? AND environment = ? AND sequence > ? ORDER BY sequence LIMIT ?"
    )
    return [Pair._make(row) for row in journal.database.rows(sql, (project, environment, after, limit))]


def last_pair(journal: Journal, project: str, environment: str) -> int:
    """The sequence number of the pair that was completed last; 0 before the first."""
    sql = "SELECT max(sequence) FROM pair WHERE project = ? AND environment = ?"
    row = journal.database.row(sql, (project, environment))
    return int(row[0] or 0) if row else 0


def forget(journal: Journal, project: str, environment: str, before: float) -> None:
    """Forget predictions, labels and pairs that are older. Call it inside `change`."""
    for sql in (
        "DELETE FROM prediction WHERE project = ? AND environment = ? AND at < ?",
        "DELETE FROM label WHERE project = ? AND environment = ? AND at < ?",
        "DELETE FROM pair WHERE project = ? AND environment = ? AND predicted_at < ?",
    ):
        journal.database.rows(sql, (project, environment, before))
