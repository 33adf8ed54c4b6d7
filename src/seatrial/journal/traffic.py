"""What was seen of live traffic: how far logs were read, the counts of each minute, what gates made of them.

A log is read, counted and judged in one transaction with the note of how far it was read: whatever dies,
every request counts once, and a judge that goes on has the α of one that was never killed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from struct import pack, unpack

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock

MINUTE_SECONDS = 60


class Position(NamedTuple):
    """How far a log was read: the file's inode, and the bytes of it."""

    inode: int = 0
    offset: int = 0


class Minute(NamedTuple):
    """A revision's requests of one minute, that begins at `at`; `latencies` counts them by bucket."""

    revision: str
    at: int
    requests: int
    errors: int
    latencies: dict[int, int]


class Look(NamedTuple):
    """What a gate knew at a moment, None where nothing yet.

    The arms' values and units; the interval of what the gate asks about, the candidate's value beyond
    factor * stable's; the logarithms of its e-values for and against the candidate.
    """

    gate: int
    at: float
    weight: int
    candidate: float | None
    candidate_n: int
    stable: float | None
    stable_n: int
    low: float | None
    high: float | None
    log_good: float
    log_bad: float


def position(journal: Journal, log: str) -> Position:
    row = journal.database.row("SELECT inode, offset FROM log_position WHERE log = ?", (log,))
    return Position._make(row) if row else Position()


def keep_position(journal: Journal, log: str, found: Position) -> None:
    """Call it inside the `change` that keeps what was read."""
    journal.database.rows("INSERT OR REPLACE INTO log_position VALUES (?, ?, ?)", (log, *found))


def add_minutes(journal: Journal, project: str, environment: str, minutes: Iterable[Minute]) -> None:
    """Add counts to those that are there. Call it inside `change`."""
    for one in minutes:
        key = (project, environment, one.revision, one.at)
        sql = (
            "SELECT requests, errors, latencies FROM traffic"
            " WHERE project = ? AND environment = ? AND revision = ? AND at = ?"
        )
        row = journal.database.row(sql, key)
        before = Minute(one.revision, one.at, row[0], row[1], _counts(row[2])) if row else None
        total = merged(before, one) if before else one
        values = (*key, total.requests, total.errors, _packed(total.latencies))
        journal.database.rows("INSERT OR REPLACE INTO traffic VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def add_of_release(journal: Journal, release: str, counts: Iterable[Minute]) -> None:
    """Add counts to those of a release that goes on. Call it inside `change`."""
    before = {one.revision: one for one in of_release(journal, release)}
    for one in counts:
        before[one.revision] = merged(before[one.revision], one) if one.revision in before else one
    sql = "INSERT OR REPLACE INTO release_traffic VALUES (?, ?, ?, ?, ?)"
    for one in before.values():
        journal.database.rows(sql, (release, one.revision, one.requests, one.errors, _packed(one.latencies)))


def of_release(journal: Journal, release: str) -> list[Minute]:
    """The counts of each revision over all the time of a release, as if it were one minute."""
    sql = "SELECT revision, requests, errors, latencies FROM release_traffic WHERE release = ?"
    return [
        Minute(row[0], 0, row[1], row[2], _counts(row[3])) for row in journal.database.rows(sql, (release,))
    ]


def merged(one: Minute, other: Minute) -> Minute:
    latencies = dict(one.latencies)
    for bucket, count in other.latencies.items():
        latencies[bucket] = latencies.get(bucket, 0) + count
    requests, errors = one.requests + other.requests, one.errors + other.errors
    return one._replace(requests=requests, errors=errors, latencies=latencies)


def minutes(
    journal: Journal, project: str, environment: str, *, revision: str = "", since: float = 0.0
) -> list[Minute]:
    """The counts since a time, the oldest first; of one revision where it is given."""
    sql = (
        "SELECT revision, at, requests, errors, latencies FROM traffic WHERE project = ? AND environment = ?"
    )
    rows = journal.database.rows(f"{sql} AND at >= ? ORDER BY at", (project, environment, int(since)))
    found = [Minute(row[0], row[1], row[2], row[3], _counts(row[4])) for row in rows]
    return [one for one in found if revision in ("", one.revision)]


def met(journal: Journal, project: str, environment: str) -> set[str]:
    """The revisions that any request came to, or a copy of one."""
    sql = "SELECT DISTINCT revision FROM traffic WHERE project = ? AND environment = ? AND requests > 0"
    return {str(row[0]) for row in journal.database.rows(sql, (project, environment))}


def _packed(latencies: Mapping[int, int]) -> bytes:
    """The buckets, then their counts, of eight bytes each: they are read and written every second."""
    return pack(f"<{2 * len(latencies)}q", *latencies, *latencies.values())


def _counts(kept: bytes | str) -> dict[int, int]:
    if isinstance(kept, str):  # of a journal that kept them as JSON
        return {int(bucket): count for bucket, count in json.loads(kept).items()}
    numbers = unpack(f"<{len(kept) // 8}q", kept)
    return dict(zip(numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :], strict=True))


def states(journal: Journal, release: str) -> dict[int, str]:
    """What the gates of a release have come to know, by their number in its plan."""
    rows = journal.database.rows("SELECT gate, state FROM analysis WHERE release = ?", (release,))
    return dict(rows)


def keep_states(journal: Journal, release: str, states: Mapping[int, str]) -> None:
    """Call it inside the `change` that keeps how far the logs were read."""
    for gate, text in states.items():
        journal.database.rows("INSERT OR REPLACE INTO analysis VALUES (?, ?, ?)", (release, gate, text))


def add_looks(journal: Journal, release: str, looks: Iterable[Look]) -> None:
    sql = "INSERT OR REPLACE INTO look VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    for one in looks:
        journal.database.rows(sql, (release, *one))


def looks(journal: Journal, release: str, *, after: float = 0.0) -> list[Look]:
    """What the gates of a release knew, in order."""
    sql = (
        "SELECT gate, at, weight, candidate, candidate_n, stable, stable_n, low, high,"
        " log_good, log_bad FROM look WHERE release = ? AND at > ? ORDER BY at, gate"
    )
    return [Look._make(row) for row in journal.database.rows(sql, (release, after))]


def new_units(journal: Journal, release: str, units: Iterable[str]) -> set[str]:
    """Those that the release had not seen before; from now on it has. Call it inside `change`."""
    sql = "INSERT OR IGNORE INTO seen_unit VALUES (?, ?) RETURNING unit"
    found = [journal.database.row(sql, (release, unit)) for unit in dict.fromkeys(units)]
    return {str(row[0]) for row in found if row is not None}


def renew_lease(journal: Journal, name: str) -> float:
    """Note that the driver lives; returns for how many seconds it had not before, 0 the first time."""
    seen, now = driver_seen(journal, name), clock.now()
    journal.database.rows("INSERT OR REPLACE INTO lease VALUES (?, ?)", (name, now))
    return max(0.0, now - seen) if seen is not None else 0.0


def driver_seen(journal: Journal, name: str) -> float | None:
    """When the driver last renewed its lease; None where it holds none."""
    row = journal.database.row("SELECT at FROM lease WHERE name = ?", (name,))
    return float(row[0]) if row else None


def end_lease(journal: Journal, name: str) -> None:
    journal.database.rows("DELETE FROM lease WHERE name = ?", (name,))
