"""The access log of an entry: read once, whatever dies meanwhile, and turned over while it is small and new.

Whoever reads keeps the position, in the same transaction as what was read; then no line counts twice and
none is left out. A log that is large is renamed, Envoy opens a new one, and the old one is removed when a
position in the new one says that it was read to its end.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from seatrial.clients import envoy
from seatrial.clients.envoy import Admin
from seatrial.evaluation.sequential.latency import Histogram, histogram
from seatrial.gateway.log_line import MADE, is_failed, microseconds, unquoted
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock

# What is read at once: about 50,000 lines.
MOST = 4 * 1024 * 1024
LARGEST_LOG = 64 * 1024 * 1024
# A line may hold what a prediction log would mask or leave out, so none stays much longer than it is needed.
OLDEST_LINE_SECONDS = 3600.0
_NUMBER = 12  # digits of a second; more is nothing that Envoy wrote


class Position(NamedTuple):
    """How far a log was read. The first is of no file."""

    inode: int = 0
    offset: int = 0


class Second(NamedTuple):
    """The requests to a revision that came within one second of the system's clock; "" for nobody's.

    `latencies` are times to the first byte, where one came.
    """

    at: int
    revision: str
    requests: int
    failed: int
    latencies: Histogram


class _Cell:
    """A second that is being counted."""

    def __init__(self) -> None:
        self.requests = 0
        self.failed = 0
        self.latencies: dict[int, int] = {}


def older(path: Path) -> Path:
    """The name of a log that has been turned over."""
    return path.with_name(f"{path.name}.1")


def read(path: Path, position: Position, most: int = MOST) -> tuple[bytes, Position]:
    """Whole lines after a position, about `most` bytes of them, and the position after them.

    A file that is missing has none; one that was cut, or is another one, is read from its beginning.
    """
    current = _inode(path)
    before = [] if current and current == position.inode else [older(path)]
    for one in before:
        found = _read(one, position, most)
        if found is not None and (found[0] or not current):
            return found
    # Envoy writes its last line into the old file before it makes the new one: what was empty stays so.
    return _read(path, position, most) or (b"", position)


def _read(path: Path, position: Position, most: int) -> tuple[bytes, Position] | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        seen = os.fstat(descriptor)
        offset = position.offset if seen.st_ino == position.inode else 0
        if offset and (seen.st_size < offset or os.pread(descriptor, 1, offset - 1) != b"\n"):
            offset = 0  # it was cut, or its inode belongs to a new file
        content = os.pread(descriptor, most, offset)
        end = content.rfind(b"\n") + 1
        skipped = 0 if end or len(content) < most else _skip_line(descriptor, offset, most)
    finally:
        os.close(descriptor)
    return content[:end], Position(seen.st_ino, offset + end + skipped)


def _skip_line(descriptor: int, offset: int, step: int) -> int:
    """How much to pass over of what is too long for a line: nothing where it has no end yet."""
    passed = 0
    while content := os.pread(descriptor, step, offset + passed):
        end = content.find(b"\n") + 1
        if end:
            return passed + end
        passed += len(content)
    return 0


def turn_over(admin: Admin, path: Path, position: Position, largest: int = LARGEST_LOG) -> None:
    """Let Envoy begin a new log where this one is large or old; remove the old one once `position` is beyond
    it.

    `position` is what has been kept for good. May be repeated, and called after a death at any instruction.
    Raises Unreachable while Envoy does not answer.
    """
    old, current = older(path), _inode(path)
    if old.exists():
        if current and current == position.inode:
            old.unlink(missing_ok=True)
        elif not current:
            envoy.ask(admin, "POST", "/reopen_logs")
    elif current and (path.stat().st_size >= largest or _age(path) > OLDEST_LINE_SECONDS):
        path.rename(old)
        envoy.ask(admin, "POST", "/reopen_logs")


def _age(path: Path) -> float:
    """Seconds since the request of its first line; 0 where there is none."""
    with path.open("rb") as file:
        began, tab, _ = file.read(_NUMBER).partition(b"\t")
    return clock.now() - int(began) if tab and began.isdigit() else 0.0


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=65_536)
def _bucket(duration: bytes) -> int | None:
    found = microseconds(duration)
    return None if found is None else histogram((found / 1_000_000,)).buckets[0][0]


def count(content: bytes) -> list[Second]:
    """Whole lines as sums, by second and revision. What is no line of Envoy's is left out.

    Lines that differ only in what comes from outside are counted before they are looked at.
    """
    cells: dict[tuple[int, str], _Cell] = {}
    for prefix, number in Counter([line.rsplit(b"\t", 3)[0] for line in content.split(b"\n")]).items():
        fields = prefix.split(b"\t", MADE)[:MADE]
        if len(fields) == MADE and fields[0].isdigit() and len(fields[0]) < _NUMBER:
            at, revision, code, flags, grpc, duration = fields
            cell = cells.setdefault((int(at), unquoted(revision)), _Cell())
            cell.requests += number
            cell.failed += number * is_failed(code, flags, grpc)
            bucket = _bucket(duration)
            if bucket is not None:
                cell.latencies[bucket] = cell.latencies.get(bucket, 0) + number
    return [_second(at, revision, cell) for (at, revision), cell in sorted(cells.items())]


def _second(at: int, revision: str, cell: _Cell) -> Second:
    buckets: Mapping[int, int] = cell.latencies
    return Second(at, revision, cell.requests, cell.failed, Histogram(tuple(sorted(buckets.items()))))
