"""What is known of an environment's labels, in figures for people. No figure is a verdict."""

from __future__ import annotations

from itertools import groupby

from seatrial.journal.journal import Journal
from seatrial.journal.labels import CONTRADICTING, CORRECTED, CORRECTION, GIVEN, REPEATED
from seatrial.named_tuple import NamedTuple

_CORRECTIONS = 5
_LATEST = 10_000  # of so many pairs the delay is taken


class OfRevision(NamedTuple):
    """`predictions` are those kept, `labelled` those of them with a label, `pairs` all that count.

    `accuracy` is the share of the pairs where both are the same; `mean_absolute_error` is given, in its
    place, where all are numbers and some are no whole ones.
    """

    revision: str
    predictions: int
    labelled: int
    pairs: int
    accuracy: float | None
    mean_absolute_error: float | None


class Corrected(NamedTuple):
    """So many labels were put in the place of others, the last of them `at` that time."""

    at: float
    labels: int
    why: str
    by: str


class Figures(NamedTuple):
    """`repeated`, `contradicting` and `corrected` were counted as they came. The delay is a median.

    `corrections` are the last ones, oldest first.
    """

    predictions: int
    labels: int
    waiting: int
    repeated: int
    contradicting: int
    corrected: int
    pairs: int
    delay_seconds: float | None
    revisions: tuple[OfRevision, ...]
    corrections: tuple[Corrected, ...]


def figures(journal: Journal, project: str, environment: str) -> Figures:
    place = (project, environment)
    rows = _revisions(journal, place)
    return Figures(
        predictions=sum(row.predictions for row in rows),
        labels=_count(journal, "label", place),
        waiting=waiting(journal, project, environment),
        repeated=_told(journal, place, REPEATED),
        contradicting=_told(journal, place, CONTRADICTING),
        corrected=_told(journal, place, CORRECTED, CORRECTION),
        pairs=sum(row.pairs for row in rows),
        delay_seconds=_delay(journal, place),
        revisions=tuple(rows),
        corrections=tuple(_corrections(journal, place)),
    )


def waiting(journal: Journal, project: str, environment: str) -> int:
    """How many labels wait for their prediction."""
    return _count(journal, "label", (project, environment), "AND joined = 0")


def _count(journal: Journal, table: str, place: tuple[str, str], more: str = "") -> int:
    sql = f"SELECT count(*) FROM {table} WHERE project = ? AND environment = ? {more}"  # noqa: S608
    row = journal.database.row(sql, place)
    assert row is not None
    return int(row[0])


def _told(journal: Journal, place: tuple[str, str], outcome: str, kind: str = GIVEN) -> int:
    """How many labels became this, by all that was told of them."""
    sql = "SELECT total(body ->> ?) FROM event WHERE subject = ? AND kind = ?"
    row = journal.database.row(sql, (outcome, "/".join(place), kind))
    assert row is not None
    return int(row[0])


def _corrections(journal: Journal, place: tuple[str, str]) -> list[Corrected]:
    """A file is taken in some thousands at a time, each an event: what follows for the same reason is one."""
    sql = (
        "SELECT at, body ->> 'corrected', body ->> 'why', body ->> 'by' FROM event"
        " WHERE subject = ? AND kind = ? ORDER BY sequence"
    )
    told = [Corrected(*row) for row in journal.database.rows(sql, ("/".join(place), CORRECTION))]
    groups = [list(some) for _, some in groupby(told, key=lambda one: (one.why, one.by))]
    return [some[-1]._replace(labels=sum(one.labels for one in some)) for some in groups[-_CORRECTIONS:]]


def _delay(journal: Journal, place: tuple[str, str]) -> float | None:
    """The median time from a prediction to its label, among the latest pairs."""
    from statistics import median

    sql = (
        "SELECT label.at - latest.predicted_at FROM (SELECT request, predicted_at FROM pair"
        " WHERE project = ? AND environment = ? ORDER BY sequence DESC LIMIT ?) AS latest"
        " CROSS JOIN label ON label.project = ? AND label.environment = ? AND label.request = latest.request"
    )
    found = [row[0] for row in journal.database.rows(sql, (*place, _LATEST, *place))]
    return max(0.0, float(median(found))) if found else None


def _revisions(journal: Journal, place: tuple[str, str]) -> list[OfRevision]:
    sql = (
        "SELECT p.revision, count(*), count(pair.sequence) FROM prediction AS p LEFT JOIN pair"
        " ON pair.project = p.project AND pair.environment = p.environment AND pair.request = p.request"
        " WHERE p.project = ? AND p.environment = ? GROUP BY p.revision"
    )
    kept = {revision: (n, labelled) for revision, n, labelled in journal.database.rows(sql, place)}
    right = {revision: rest for revision, *rest in _right(journal, place)}
    return [
        OfRevision(revision, *kept.get(revision, (0, 0)), *right.get(revision, (0, None, None)))
        for revision in sorted({*kept, *right}, key=_number)
    ]


def _right(journal: Journal, place: tuple[str, str]) -> list[tuple[str, int, float | None, float | None]]:
    """Of each revision: pairs, accuracy, mean absolute error (one of the two)."""
    sql = (
        "SELECT revision, count(*), avg(prediction = label),"
        " sum(iif(json_valid(prediction), json_type(prediction) IN ('integer', 'real'), 0)"
        "     AND iif(json_valid(label), json_type(label) IN ('integer', 'real'), 0)) AS numbers,"
        " max(instr(prediction, '.') OR instr(label, '.')),"
        " avg(abs(CAST(prediction AS REAL) - CAST(label AS REAL)))"
        " FROM pair WHERE project = ? AND environment = ? GROUP BY revision"
    )
    return [
        (revision, n, None, error) if numbers == n and broken else (revision, n, accuracy, None)
        for revision, n, accuracy, numbers, broken, error in journal.database.rows(sql, place)
    ]


def _number(revision: str) -> tuple[int, str]:
    number = revision.rpartition("/")[2]
    return (int(number) if number.isdigit() else 0, revision)
