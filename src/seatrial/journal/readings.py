"""Numbers that were measured while a release went on, in the order in which they were.

A gate counts a reading in the transaction that remembers which was the last it has counted, so that each
counts once, whatever dies.
"""

from __future__ import annotations

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock

KEPT_SECONDS = 90 * 86400.0


class Reading(NamedTuple):
    """`value` is None where there was none: `trouble` says why, "" where there was nothing to measure."""

    sequence: int
    metric: str
    at: float
    value: float | None
    trouble: str = ""


_READING = "SELECT sequence, metric, at, value, trouble FROM reading WHERE release = ?"


def add(journal: Journal, release: str, metric: str, value: float | None, trouble: str = "") -> None:
    with journal.change() as database:
        now = clock.now()
        database.rows("DELETE FROM reading WHERE at < ?", (now - KEPT_SECONDS,))
        sql = "INSERT INTO reading(release, metric, at, value, trouble) VALUES (?, ?, ?, ?, ?)"
        database.rows(sql, (release, metric, now, value, trouble))


def after(journal: Journal, release: str, sequence: int) -> list[Reading]:
    """Those that came after one, the oldest first."""
    rows = journal.database.rows(f"{_READING} AND sequence > ? ORDER BY sequence", (release, sequence))
    return [Reading._make(row) for row in rows]


def last(journal: Journal, release: str) -> dict[str, Reading]:
    """The last one of each metric, whatever came of it."""
    newest = "SELECT max(sequence) FROM reading WHERE release = ? GROUP BY metric"
    sql = f"{_READING} AND sequence IN ({newest})"
    found = (Reading._make(row) for row in journal.database.rows(sql, (release, release)))
    return {one.metric: one for one in found}
