"""SQLite, by way of apsw: one file, many processes, nothing lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from seatrial.errors import Infrastructure, Problem
from seatrial.system import disk

Row = tuple[Any, ...]

_PATIENCE_SECONDS = 10.0


class Database:
    """A connection that threads may share: statements of one transaction never mix with another's."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        try:
            self._connection = apsw.Connection(str(path))
            self._connection.set_busy_timeout(int(_PATIENCE_SECONDS * 1000))
            _use_wal(self._connection)
            # The last to close would wait for the disk: a commit copies the log into the file, now and then.
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            # As a list: what follows the first statement that gives a row runs only when that row is taken.
            list(
                self._connection.execute(
                    "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                    "PRAGMA cache_size=-16000; PRAGMA journal_size_limit=67108864"
                )
            )
        except apsw.Error as error:
            raise broken(path, error) from error
        self.path = path

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """All rows that a statement gives; each a tuple."""
        with self._lock:
            try:
                return list(self._connection.execute(sql, tuple(values)))
            except (
                apsw.FullError,
                apsw.IOError,
                apsw.ReadOnlyError,
                apsw.CantOpenError,
                apsw.CorruptError,
                apsw.NotADBError,
                apsw.BusyError,
            ) as error:
                raise broken(self.path, error) from error

    def row(self, sql: str, values: Iterable[Any] = ()) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """All or nothing. `durable` is on disk when it returns; else it may not outlive a power cut.

        Nested use joins the outer transaction.
        """
        with self._lock:
            if self._depth:
                yield
                return
            if durable:
                self._connection.execute("PRAGMA synchronous=FULL")
            self.rows("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
                self.rows("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
                if durable:
                    self._connection.execute("PRAGMA synchronous=NORMAL")

    def close(self) -> None:
        self._connection.close()


def _use_wal(connection: apsw.Connection) -> None:
    """SQLite does not wait here: of two that turn a new file into WAL at once, one is refused."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            list(connection.execute("PRAGMA journal_mode=WAL"))
        except apsw.BusyError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.005)
        else:
            return


def broken(path: Path, error: Exception) -> Problem:
    """The error for a database that cannot be read or written."""
    if not disk.is_writable(path.parent):
        return disk.Unwritable(path.parent)
    if isinstance(error, apsw.ReadOnlyError):
        return disk.Unwritable(path)
    may_be_full = isinstance(error, (apsw.IOError, apsw.CantOpenError)) and disk.is_full(path)
    if may_be_full or isinstance(error, apsw.FullError):
        return disk.FullDisk(path.parent)
    return Infrastructure(f"the journal {path} cannot be used: {error}", hint="see `seatrial doctor`")
