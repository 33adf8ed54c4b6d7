"""Work that takes long, beside the loop that must not: each in a thread, at most one of a name at a time."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable


class Jobs:
    """`wake` is called, in the job's thread, whenever one is over."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._running: set[str] = set()

    def start(self, name: str, function: Callable[[], object]) -> bool:
        """Start a job, unless one of this name runs already. It must be safe to start again after a crash."""
        with self._lock:
            if name in self._running:
                return False
            self._running.add(name)
        threading.Thread(target=self._run, args=(name, function), name=name, daemon=True).start()
        return True

    def names(self) -> set[str]:
        with self._lock:
            return set(self._running)

    def _run(self, name: str, function: Callable[[], object]) -> None:
        try:
            function()
        except Exception:  # noqa: BLE001 - a job's failure must not end the others; what it did not do is redone
            traceback.print_exc(file=sys.stderr)
        finally:
            with self._lock:
                self._running.discard(name)
            self._wake()
