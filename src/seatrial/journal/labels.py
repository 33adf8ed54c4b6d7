"""Predictions of live traffic, and the labels that came for them: late, early, twice, or for nobody.

A label is joined with the prediction of the same request, whichever comes first; a request has one pair at
most. The first label of a request counts; what comes later for it is kept in numbers only, as repeated or
contradicting, unless somebody says that it corrects the first. Work is done for many requests in one
statement: they come by the hundred thousand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple

# What became of a label.
JOINED = "joined"
WAITING = "waiting"  # no prediction of this request is known (yet)
REPEATED = "repeated"
CONTRADICTING = "contradicting"
OUTCOMES = (JOINED, WAITING, REPEATED, CONTRADICTING)
CORRECTED = "corrected"  # it is in the place of another one now

# The kinds of events: labels were given; predictions came for labels that waited; labels were wrong.
GIVEN = "labels.given"
MATCHED = "labels.matched"
CORRECTION = "labels.corrected"

_AT_ONCE = 10_000
_LOOKED_THROUGH = 50_000
# In the order in which they are forgotten.
_TIMES = (("prediction", "at"), ("label", "at"), ("pair", "predicted_at"))


class Prediction(NamedTuple):
    """What a revision answered. `unit` is a digest of whom it was for, "" where requests are the units.

    `value` is "" where the gateway does not see what was predicted and the label will say it.
    """

    request: str
    at: float
    revision: str
    value: str
    unit: str = ""


class Label(NamedTuple):
    """What was true. `prediction` is given where whoever labels says what was predicted.

    A label that also gives `revision` and `predicted_at` is whole: it waits for no prediction.
    """

    request: str
    at: float
    value: str
    prediction: str = ""
    revision: str = ""
    predicted_at: float = 0.0

    @property
    def is_whole(self) -> bool:
        return bool(self.prediction and self.revision and self.predicted_at)


class Pair(NamedTuple):
    """A prediction with its label. `sequence` is the order in which pairs were completed."""

    sequence: int
    request: str
    predicted_at: float
    revision: str
    prediction: str
    label: str
    unit: str


def pair_of(label: Label, prediction: Prediction | None) -> Pair | None:
    """What the two make together; None while something is missing.

    Of a label that is not whole the gateway's log is the witness, and the label fills in what it left out.
    So it does not matter which of the two came first.
    """
    if label.is_whole:
        told = (label.predicted_at, label.revision, label.prediction)
        return Pair(0, label.request, *told, label.value, "")
    value = (prediction.value or label.prediction) if prediction else ""
    if prediction is None or not value:
        return None
    return Pair(0, label.request, prediction.at, prediction.revision, value, label.value, prediction.unit)


def add_predictions(
    journal: Journal, project: str, environment: str, predictions: Iterable[Prediction]
) -> int:
    """Keep predictions; returns how many labels they complete that waited. Call it inside `change`.

    The first prediction of a request counts.
    """
    place = (project, environment)
    matched = 0
    for some in _chunks(predictions):
        asked = {one.request: one for one in reversed(some)}
        known = _predictions(journal, place, list(asked))
        fresh = [one for request, one in reversed(asked.items()) if request not in known]
        _insert(journal, "prediction", place, fresh)
        labels = _labels(journal, place, [one.request for one in fresh])
        found = [(labels[one.request], one) for one in fresh if one.request in labels]
        made = [pair_of(label, one) for label, one in found if not label.is_whole]
        matched += _join(journal, place, [one for one in made if one is not None])
    if matched:
        journal.append(MATCHED, f"{project}/{environment}", joined=matched)
    return matched


def add_labels(journal: Journal, project: str, environment: str, labels: Iterable[Label]) -> dict[str, int]:
    """Keep labels; returns how many became what. Call it inside `change`."""
    outcomes = dict.fromkeys(OUTCOMES, 0)
    for some in _chunks(labels):
        for outcome, count in _add_labels(journal, (project, environment), some).items():
            outcomes[outcome] += count
    if any(outcomes.values()):
        journal.append(GIVEN, f"{project}/{environment}", **outcomes)
    return outcomes


def correct_labels(
    journal: Journal, project: str, environment: str, labels: Iterable[Label], *, why: str, by: str
) -> dict[str, int]:
    """Keep labels, also in the place of others that said something else. Call it inside `change`.

    Only what was true is corrected, never what was predicted. A pair keeps its number: what a gate has
    weighed of it stays weighed, since evidence that can be taken back promises nothing.
    """
    place, rest, corrected = (project, environment), list[Label](), 0
    for some in _chunks(labels):
        known = _labels(journal, place, [one.request for one in some])
        others = {one.request: one for one in reversed(some) if _is_other(known.get(one.request), one)}
        _say_otherwise(journal, place, list(others.values()))
        rest += [one for one in some if others.get(one.request) is not one]
        corrected += len(others)
    if corrected:
        journal.append(CORRECTION, f"{project}/{environment}", corrected=corrected, why=why, by=by)
    return {**add_labels(journal, project, environment, rest), CORRECTED: corrected}


def _say_otherwise(journal: Journal, place: tuple[str, str], labels: Sequence[Label]) -> None:
    values = json.dumps([(one.request, one.value) for one in labels])
    for table, column in (("label", "value"), ("pair", "label")):
        sql = (
            f"UPDATE {table} SET {column} = asked.value ->> 1 FROM json_each(?) AS asked"  # noqa: S608
            " WHERE project = ? AND environment = ? AND request = asked.value ->> 0"
        )
        journal.database.rows(sql, (values, *place))


def _is_other(before: Label | None, one: Label) -> bool:
    """Whether there is a label that says something else of the same prediction."""
    if before is None or before.value == one.value:
        return False
    return _says_the_same(before._replace(value=one.value), one)


def _add_labels(journal: Journal, place: tuple[str, str], labels: list[Label]) -> dict[str, int]:
    known = _labels(journal, place, [one.request for one in labels])
    fresh: list[Label] = []
    repeated = 0
    for one in labels:
        before = known.setdefault(one.request, one)
        if before is one:
            fresh.append(one)
        else:
            repeated += _says_the_same(before, one)
    _insert(journal, "label", place, [(*one, 0) for one in fresh])
    predictions = _predictions(journal, place, [one.request for one in fresh if not one.is_whole])
    made = [pair_of(one, predictions.get(one.request)) for one in fresh]
    joined = _join(journal, place, [one for one in made if one is not None])
    contradicting = len(labels) - len(fresh) - repeated
    return dict(zip(OUTCOMES, (joined, len(fresh) - joined, repeated, contradicting), strict=True))


def _says_the_same(one: Label, other: Label) -> bool:
    predictions = {one.prediction, other.prediction} - {""}
    return one.value == other.value and len(predictions) < 2


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(values)
    while some := list(islice(iterator, _AT_ONCE)):
        yield some


def _labels(journal: Journal, place: tuple[str, str], requests: list[str]) -> dict[str, Label]:
    columns = "found.request, found.at, found.value, found.prediction, found.revision, found.predicted_at"
    rows = _select(journal, "label", columns, place, requests)
    return {row[0]: Label._make(row) for row in rows}


def _predictions(journal: Journal, place: tuple[str, str], requests: list[str]) -> dict[str, Prediction]:
    columns = "found.request, found.at, found.revision, found.value, found.unit"
    rows = _select(journal, "prediction", columns, place, requests)
    return {row[0]: Prediction._make(row) for row in rows}


def _select(
    journal: Journal, table: str, columns: str, place: tuple[str, str], requests: list[str]
) -> list[tuple[Any, ...]]:
    """The rows of many requests. The order of the join is ours: one look-up a request."""
    sql = (
        f"SELECT {columns} FROM json_each(?) AS asked CROSS JOIN {table} AS found"  # noqa: S608
        " ON found.project = ? AND found.environment = ? AND found.request = asked.value"
    )
    return journal.database.rows(sql, (json.dumps(requests), *place)) if requests else []


def _insert(journal: Journal, table: str, place: tuple[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        values = ", ".join(f"value ->> {index}" for index in range(len(rows[0])))
        sql = f"INSERT INTO {table} SELECT ?, ?, {values} FROM json_each(?) ORDER BY key"  # noqa: S608
        journal.database.rows(sql, (*place, json.dumps(rows)))


def _join(journal: Journal, place: tuple[str, str], made: list[Pair]) -> int:
    """Keep pairs, in order, and note of their labels that they wait no longer."""
    if not made:
        return 0
    sql = (
        "INSERT OR IGNORE INTO pair(project, environment, request, predicted_at, revision, prediction, label,"
        " unit) SELECT ?, ?, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6"
        " FROM json_each(?) ORDER BY key"
    )
    journal.database.rows(sql, (*place, json.dumps(made)))
    sql = (
        "UPDATE label SET joined = 1 WHERE project = ? AND environment = ?"
        " AND request IN (SELECT value FROM json_each(?))"
    )
    journal.database.rows(sql, (*place, json.dumps([one.request for one in made])))
    return len(made)


def pairs(
    journal: Journal, project: str, environment: str, *, after: int = 0, limit: int = 10_000
) -> list[Pair]:
    """Completed pairs in the order of their completion, those after a sequence number."""
    sql = (
        "SELECT sequence, request, predicted_at, revision, prediction, label, unit FROM pair"
        " WHERE project = ? AND environment = ? AND sequence > ? ORDER BY sequence LIMIT ?"
    )
    return [Pair._make(row) for row in journal.database.rows(sql, (project, environment, after, limit))]


def latest(
    journal: Journal, project: str, environment: str, revision: str, *, until: int, limit: int = 2_000
) -> list[Pair]:
    """The last pairs of a revision that were complete with the pair `until`, the newest first.

    Older ones than the last many of all are not looked for: a look must not wait for them.
    """
    sql = (
        "SELECT sequence, request, predicted_at, revision, prediction, label, unit FROM pair"
        " WHERE project = ? AND environment = ? AND sequence BETWEEN ? AND ? AND revision = ?"
        " ORDER BY sequence DESC LIMIT ?"
    )
    oldest = until - _LOOKED_THROUGH
    rows = journal.database.rows(sql, (project, environment, oldest, until, revision, limit))
    return [Pair._make(row) for row in rows]


def last_pair(journal: Journal, project: str, environment: str) -> int:
    """The sequence number of the pair that was completed last; 0 before the first."""
    sql = "SELECT max(sequence) FROM pair WHERE project = ? AND environment = ?"
    row = journal.database.row(sql, (project, environment))
    return int(row[0] or 0) if row else 0


def is_any_older(journal: Journal, project: str, environment: str, before: float) -> bool:
    """Whether there is anything to forget."""
    parts = (
        f"EXISTS (SELECT 1 FROM {table} WHERE project = ? AND environment = ? AND {at} < ?)"  # noqa: S608
        for table, at in _TIMES
    )
    row = journal.database.row(f"SELECT {' OR '.join(parts)}", (project, environment, before) * len(_TIMES))
    return bool(row and row[0])


def forget(journal: Journal, project: str, environment: str, before: float, most: int = 20_000) -> int:
    """Forget what is older, at most so many rows; returns how many. Call it inside `change`.

    Predictions go first and pairs last, so that no label that is given again can be joined a second time.
    """
    gone = 0
    for table, at in _TIMES:
        sql = (
            f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table}"  # noqa: S608
            f" WHERE project = ? AND environment = ? AND {at} < ? ORDER BY {at} LIMIT ?) RETURNING 1"
        )
        gone += len(journal.database.rows(sql, (project, environment, before, most - gone)))
        if gone >= most:
            break
    return gone
