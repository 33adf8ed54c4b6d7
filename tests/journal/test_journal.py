"""The journal: events in order, changes whole, and a home of another version."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from seatrial.errors import Infrastructure
from seatrial.journal.journal import Journal, open_journal
from seatrial.journal.tables import VERSION


def test_events_are_told_in_order(journal: Journal) -> None:
    with journal.change():
        first = journal.append("run-started", "run-1", number=1, text="ünï \udcff", list=[1, {"a": None}])
        second = journal.append("run-started", "run-2")
        third = journal.append("run-finished", "run-1", status="passed")
    assert first < second < third
    assert [event.sequence for event in journal.events()] == [first, second, third]
    assert [event.kind for event in journal.events(subject="run-1")] == ["run-started", "run-finished"]
    assert [event.sequence for event in journal.events(after=first)] == [second, third]
    assert [event.sequence for event in journal.events(after=first, subject="run-1")] == [third]
    assert len(journal.events(limit=2)) == 2
    assert journal.events()[0].body == {"number": 1, "text": "ünï \udcff", "list": [1, {"a": None}]}
    assert journal.events()[0].at > 1_700_000_000


class StopError(Exception):
    pass


def test_a_change_and_its_event_are_one(journal: Journal) -> None:
    def failing() -> None:
        with journal.change() as database:
            database.rows("INSERT INTO export(source, tree) VALUES ('a', 'b')")
            journal.append("exported", "a")
            raise StopError

    with pytest.raises(StopError):
        failing()
    assert journal.events() == []
    assert journal.database.rows("SELECT * FROM export") == []


def test_a_number_is_never_used_twice(journal: Journal) -> None:
    last = journal.append("a", "x")
    journal.database.rows("DELETE FROM event")
    assert journal.append("b", "x") == last + 1


def test_what_one_wrote_another_reads(journal: Journal, home: Path) -> None:
    journal.append("a", "x")
    other = open_journal(home)
    try:
        other.append("b", "x")
        assert [event.kind for event in journal.events()] == ["a", "b"]
    finally:
        other.close()


def test_many_open_a_new_home_at_once(home: Path) -> None:
    """Again and again: of two that make a new file at once, SQLite refuses one now and then."""
    for turn in range(30):
        _open_at_once(home / str(turn), threads=8)


def _open_at_once(home: Path, threads: int) -> None:
    home.mkdir()
    errors: list[BaseException] = []
    ready = threading.Barrier(threads)

    def work() -> None:
        try:
            ready.wait()
            opened = open_journal(home)
            opened.append("opened", "x")
            opened.close()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    opened = open_journal(home)
    assert len(opened.events()) == threads
    opened.close()


WRITER = """
import os, signal, sys
from pathlib import Path
from seatrial.journal.journal import open_journal
journal = open_journal(Path(sys.argv[1]))
journal.append("whole", "x")
with journal.change(durable=True) as database:
    database.rows("INSERT INTO export(source, tree) VALUES ('a', 'b')")
    journal.append("half", "x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_no_half_change(journal: Journal, home: Path) -> None:
    assert subprocess.run([sys.executable, "-c", WRITER, home]).returncode == -9
    assert [event.kind for event in journal.events()] == ["whole"]
    assert journal.database.rows("SELECT * FROM export") == []


def test_a_journal_of_a_newer_version_is_refused(journal: Journal, home: Path) -> None:
    journal.database.rows(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(Infrastructure, match="newer seatrial") as caught:
        open_journal(home)
    assert "upgrade" in caught.value.hint


def test_an_older_journal_gets_the_tables_it_lacks(journal: Journal, home: Path) -> None:
    journal.append("kept", "x")
    journal.database.rows("DROP TABLE quarantine")
    journal.database.rows("PRAGMA user_version = 0")
    opened = open_journal(home)
    assert opened.database.rows("SELECT * FROM quarantine") == []
    assert [event.kind for event in opened.events()] == ["kept"]
    opened.close()
