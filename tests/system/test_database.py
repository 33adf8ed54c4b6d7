"""SQLite: transactions whole or not at all, among threads, processes and deaths."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.errors import Infrastructure
from seatrial.system.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "x.db")
    opened.rows("CREATE TABLE item (n INTEGER PRIMARY KEY)")
    yield opened
    opened.close()


def items(database: Database) -> list[int]:
    return [n for (n,) in database.rows("SELECT n FROM item ORDER BY n")]


def test_rows(database: Database) -> None:
    database.rows("INSERT INTO item VALUES (?), (?)", (1, 2))
    assert database.row("SELECT max(n) FROM item") == (2,)
    assert database.row("SELECT n FROM item WHERE n = 9") is None


class StopError(Exception):
    pass


@pytest.mark.parametrize("durable", [False, True])
def test_a_failed_transaction_leaves_nothing(database: Database, durable: bool) -> None:
    def failing() -> None:
        with database.transaction(durable=durable):
            database.rows("INSERT INTO item VALUES (1)")
            with database.transaction():  # joins the outer one
                database.rows("INSERT INTO item VALUES (2)")
            raise StopError

    with pytest.raises(StopError):
        failing()
    assert items(database) == []
    with database.transaction(durable=durable):
        database.rows("INSERT INTO item VALUES (3)")
    assert items(database) == [3]


def test_who_closes_last_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    opened = Database(tmp_path / "x.db")
    opened.rows("CREATE TABLE item (n INTEGER PRIMARY KEY)")
    opened.rows("INSERT INTO item VALUES (1)")
    before = (tmp_path / "x.db").read_bytes()
    opened.close()
    assert (tmp_path / "x.db").read_bytes() == before
    assert items(Database(tmp_path / "x.db")) == [1]


def test_durability_is_asked_for_and_given_back(database: Database) -> None:
    with database.transaction(durable=True):
        assert database.row("PRAGMA synchronous") == (2,)
    assert database.row("PRAGMA synchronous") == (1,)
    assert database.row("PRAGMA journal_mode") == ("wal",)


def test_the_settings_of_a_fresh_connection(database: Database) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "journal_size_limit")
    found = [database.row(f"PRAGMA {name}") for name in names]
    assert found == [("wal",), (1,), (1,), (64 << 20,)]


def test_threads_do_not_mix_their_transactions(database: Database) -> None:
    def work(start: int) -> None:
        for n in range(start, start + 20):
            with database.transaction():
                database.rows("INSERT INTO item VALUES (?)", (n,))
                database.rows("INSERT INTO item VALUES (?)", (n + 1000,))

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(items(database)) == 120


WRITER = """
import os, signal, sys
from pathlib import Path
from seatrial.system.database import Database
database = Database(Path(sys.argv[1]))
for n in range(10):
    with database.transaction():
        database.rows("INSERT INTO item VALUES (?)", (n,))
with database.transaction():
    database.rows("INSERT INTO item VALUES (100)")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_whole_transactions(database: Database) -> None:
    done = subprocess.run([sys.executable, "-c", WRITER, database.path])
    assert done.returncode == -9
    assert items(database) == list(range(10))
    database.rows("INSERT INTO item VALUES (11)")


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_broken_file_is_our_fault_and_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(Infrastructure, match=r"x\.db"):
        Database(tmp_path / "x.db").rows("SELECT 1 FROM sqlite_schema")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Infrastructure, match="cannot be used"):
        Database(tmp_path / "absent" / "x.db")
