"""Answers to mirrored requests that wait for the other revision's answer to the same request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import compact_json

# What waits at once, in one release; the oldest go first.
MOST = 50_000


class Half(NamedTuple):
    """What waits of a request: the answer of an arm, as plain JSON, or that its id is not to count."""

    request: str
    arm: str
    answer: Any


def take(journal: Journal, release: str, requests: Iterable[str]) -> list[Half]:
    """What waits of these requests, and waits no longer. Call it inside `change`."""
    sql = (
        "DELETE FROM unpaired WHERE release = ? AND request IN (SELECT value FROM json_each(?))"
        " RETURNING request, arm, answer"
    )
    rows = journal.database.rows(sql, (release, json.dumps(list(requests))))
    return [Half(request, arm, json.loads(answer)) for request, arm, answer in rows]


def put(journal: Journal, release: str, halves: Iterable[Half], now: float) -> None:
    """Let them wait. Call it inside `change`."""
    sql = "INSERT OR REPLACE INTO unpaired VALUES (?, ?, ?, ?, ?)"
    for one in halves:
        text = compact_json.encode(one.answer)
        journal.database.rows(sql, (release, one.request, one.arm, now, text))


def give_up(journal: Journal, release: str, since: float, most: int = MOST) -> Mapping[str, int]:
    """Forget what has waited since before a time, and what is too much; returns how many, by arm.

    Call it inside `change`.
    """
    surplus = max(0, sum(waiting(journal, release).values()) - most)
    sql = (
        "DELETE FROM unpaired WHERE release = ? AND (since < ? OR rowid IN"
        " (SELECT rowid FROM unpaired WHERE release = ? ORDER BY since, rowid LIMIT ?)) RETURNING arm"
    )
    gone = [str(row[0]) for row in journal.database.rows(sql, (release, since, release, surplus))]
    return {arm: gone.count(arm) for arm in set(gone)}


def waiting(journal: Journal, release: str) -> Mapping[str, int]:
    """How many wait, by arm."""
    sql = "SELECT arm, count(*) FROM unpaired WHERE release = ? GROUP BY arm"
    return {str(arm): int(count) for arm, count in journal.database.rows(sql, (release,))}


def forget(journal: Journal, release: str) -> None:
    """Forget all that waits, at the end of its release. Call it inside `change`."""
    journal.database.rows("DELETE FROM unpaired WHERE release = ?", (release,))
