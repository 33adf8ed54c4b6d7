"""An empty journal, copied: who makes one waits for the disk, longer than most tests take.

What is copied is what `open_journal` makes, in this process; how it makes it is tested in `tests/journal`.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from seatrial.journal.journal import Journal, file_of, open_journal


@cache
def _content() -> bytes:
    with TemporaryDirectory() as folder:
        made = open_journal(Path(folder))
        made.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        made.close()
        return file_of(Path(folder)).read_bytes()


def begin(home: Path) -> None:
    """Give a home that has no journal yet an empty one."""
    file_of(home).write_bytes(_content())


def new(home: Path) -> Journal:
    begin(home)
    return open_journal(home)
