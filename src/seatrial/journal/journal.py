"""The journal: every event that ever happened, in order, and the current state that follows from them.

Each projection (`runs`, `results`, `releases`, …) is a file of this chapter that gives its `TABLES` and the
functions that read and change them. A change appends its event in the same transaction, so the state never
says what no event tells. Order is by sequence number; times are for people.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seatrial.errors import Infrastructure
from seatrial.journal.tables import TABLES, VERSION
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock, compact_json
from seatrial.system.database import Database


class Event(NamedTuple):
    """`subject` is the id of what the event is about (a run, a release, a revision); `body` is plain JSON."""

    sequence: int
    at: float
    kind: str
    subject: str
    body: dict[str, Any]


class Journal(NamedTuple):
    database: Database

    def append(self, kind: str, subject: str, **body: Any) -> int:
        """Append an event and return its sequence number. Call it inside `change`."""
        sql = "INSERT INTO event(at, kind, subject, body) VALUES (?, ?, ?, ?) RETURNING sequence"
        row = self.database.row(sql, (clock.now(), kind, subject, compact_json.encode_sorted(body)))
        assert row is not None
        return int(row[0])

    @contextmanager
    def change(self, *, durable: bool = False) -> Iterator[Database]:
        """One atomic change of the state; `durable` for all that decides about traffic."""
        with self.database.transaction(durable=durable):
            yield self.database

    def events(self, *, after: int = 0, subject: str = "", limit: int = 1000) -> list[Event]:
        """Events in order, those after a sequence number, of one subject where it is given."""
        sql = "SELECT sequence, at, kind, subject, body FROM event WHERE sequence > ?"
        values: tuple[Any, ...] = (after,)
        if subject:
            sql, values = sql + " AND subject = ?", (after, subject)
        rows = self.database.rows(sql + " ORDER BY sequence LIMIT ?", (*values, limit))
        return [Event(s, at, kind, of, json.loads(body)) for s, at, kind, of, body in rows]

    def close(self) -> None:
        self.database.close()


class Lost(Infrastructure):
    """There was a journal, for there is a store, and it is gone or empty. SQLite would begin a new one."""

    def __init__(self, home: Path) -> None:
        message = f"the journal {file_of(home)} is gone or empty, and the store beside it is not"
        hint = f"restore it from a backup; to begin anew, without all that was, remove {home / 'store'} too"
        super().__init__(message, hint)


def file_of(home: Path) -> Path:
    return home / "journal.db"


def is_lost(home: Path) -> bool:
    """Whether a home has lost its journal: a store is only ever made once that is there."""
    path = file_of(home)
    return _is_empty(path) and (home / "store" / "oci-layout").exists() and _is_empty(path)


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True


def open_journal(home: Path) -> Journal:
    """The journal of a home; its tables are made, or brought up to date, on the first use of a version.

    Raises Lost, and what `Database` does.
    """
    if is_lost(home):
        raise Lost(home)
    database = Database(file_of(home))
    if database.row("PRAGMA user_version") != (VERSION,):
        prepare(database)
    return Journal(database)


def open_nothing() -> Journal:
    """A journal in which nothing has happened, and which is in no file."""
    database = Database(Path(":memory:"))
    prepare(database)
    return Journal(database)


def prepare(database: Database) -> None:
    with database.transaction():
        found = database.row("PRAGMA user_version")
        if found is not None and found[0] > VERSION:
            raise Infrastructure(
                f"{database.path} is of a newer seatrial (version {found[0]}, ours is {VERSION})",
                hint="upgrade seatrial, or set SEATRIAL_HOME to another folder",
            )
        for statement in TABLES:
            database.rows(statement)
        database.rows(f"PRAGMA user_version = {VERSION:d}")
