"""Work that takes long, beside the loop that must not: each in a thread, at most one of a name at a time."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

from seatrial.gateway import pause
from seatrial.named_tuple import NamedTuple


class Failure(NamedTuple):
    """What went wrong the last time, for so many `times` in a row."""

    text: str
    times: int
    not_before: float


class Jobs:
    """`wake` is called, in the job's thread, whenever one is over."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._failed: dict[str, Failure] = {}

    def start(self, name: str, function: Callable[[], object]) -> bool:
        """Start a job, unless one of this name runs already, or failed a moment ago.

        It must be safe to start again after a crash.
        """
        with self._lock:
            failed = self._failed.get(name)
            if name in self._running or (failed and time.monotonic() < failed.not_before):
                return False
            self._running.add(name)
        threading.Thread(target=self._run, args=(name, function), name=name, daemon=True).start()
        return True

    def names(self) -> set[str]:
        with self._lock:
            return set(self._running)

    def trouble(self, name: str) -> str:
        """What went wrong when a job of this name ran last, "" where it went well."""
        with self._lock:
            failed = self._failed.get(name)
        return failed.text if failed else ""

    def _run(self, name: str, function: Callable[[], object]) -> None:
        failed: Exception | None = None
        try:
            function()
        except Exception as error:  # noqa: BLE001 - must not end the others; what it did not do is redone
            failed = error
            _log(error)
        with self._lock:
            self._running.discard(name)
            self._note(name, failed)
        self._wake()

    def _note(self, name: str, error: Exception | None) -> None:
        before = self._failed.pop(name, None)
        if error is not None:
            times = (before.times if before else 0) + 1
            text = f"{type(error).__name__}: {error}"
            self._failed[name] = Failure(text, times, time.monotonic() + pause.seconds(times))


def _log(error: Exception) -> None:
    """What happened, into the log, which may be on a disk that is full."""
    with suppress(OSError):
        traceback.print_exception(error, file=sys.stderr)
