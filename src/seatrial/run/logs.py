"""Logs of stages: lines with time stamps, written as they come, read while they grow.

A line of the file is "2026-05-03T14:07:00.123Z <bytes as they came>". A line that is longer than PIECE is cut
into several. Secrets are masked before anything is written or shown.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from seatrial.journal import secrets
from seatrial.named_tuple import NamedTuple
from seatrial.run.events import Listener, LogLine
from seatrial.system import clock

PIECE = 1 << 16
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}\Z")
_POLL_SECONDS = 0.1


class Line(NamedTuple):
    """`stamp` is in UTC, "2026-05-03T14:07:00.123Z"; `text` has no end of line."""

    stamp: str
    text: bytes


def safe_name(name: str) -> str:
    """The name of a file or folder for a stage: the stage's own where every file system takes it."""
    if _SAFE.match(name):
        return name
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60]
    return f"{cleaned or 'stage'}-{sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def path_of(home: Path, run: str, stage: str) -> Path:
    return home / "logs" / run / f"{safe_name(stage)}.log"


class Writer:
    """The log of one stage; used by one thread at a time. Nothing is made before the first output."""

    def __init__(self, path: Path, stage: str, hidden: tuple[bytes, ...], listener: Listener) -> None:
        self._path = path
        self._stage = stage
        self._hidden = hidden
        self._listener = listener
        self._descriptor = -1
        self._rest = b""

    def hide(self, hidden: tuple[bytes, ...]) -> None:
        self._hidden = hidden

    def write(self, content: bytes) -> None:
        """Take output as it comes. A line is kept and shown when it has ended."""
        lines = (self._rest + content).split(b"\n")
        self._rest = lines.pop()
        pieces: list[bytes] = []
        for line in lines:
            pieces += _pieces(secrets.mask(line, self._hidden))
        while len(self._rest) >= PIECE:
            cut = secrets.safe_cut(self._rest, self._hidden)
            if cut == 0:
                break
            pieces += _pieces(secrets.mask(self._rest[:cut], self._hidden))
            self._rest = self._rest[cut:]
        self._emit(pieces)

    def _emit(self, pieces: list[bytes]) -> None:
        if not pieces:
            return
        at = clock.now()
        stamp = clock.iso(at)[:-1].encode() + b".%03dZ " % (int(at * 1000) % 1000)
        if self._descriptor < 0:
            self._descriptor = _open(self._path)
        content = b"".join(b"%b%b\n" % (stamp, piece) for piece in pieces)
        while content:
            content = content[os.write(self._descriptor, content) :]
        for piece in pieces:
            self._listener(LogLine(self._stage, at, piece))

    def close(self) -> None:
        """End the last line, if it has not ended, and close the file. Safe twice."""
        rest, self._rest = self._rest, b""
        if rest:
            self._emit(list(_pieces(secrets.mask(rest, self._hidden))))
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _pieces(line: bytes) -> Iterator[bytes]:
    if len(line) <= PIECE:
        yield line.removesuffix(b"\r")
        return
    for at in range(0, len(line), PIECE):
        yield line[at : at + PIECE]


def _open(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)


def read(home: Path, run: str, stage: str, *, is_over: Callable[[], bool] = lambda: True) -> Iterator[Line]:
    """The lines of a stage's log, followed as it grows until `is_over` says that no more will come.

    A last line without its end is given only then: it may still be written, or its writer was killed.
    """
    path = path_of(home, run, stage)
    rest = b""
    position = 0
    while True:
        over = is_over()
        content, position = _new(path, position)
        lines = (rest + content).split(b"\n")
        rest = lines.pop()
        yield from map(_line, lines)
        if over and not content:
            break
        if not content:
            time.sleep(_POLL_SECONDS)
    if rest:
        yield _line(rest)


def _new(path: Path, position: int) -> tuple[bytes, int]:
    try:
        with path.open("rb") as file:
            file.seek(position)
            content = file.read(1 << 20)
    except FileNotFoundError:
        return b"", position
    return content, position + len(content)


def _line(raw: bytes) -> Line:
    match = _STAMP.match(raw)
    return Line(match[1].decode(), raw[match.end() :]) if match else Line("", raw)
