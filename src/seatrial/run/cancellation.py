"""Ctrl-C and the signals that ask us to end, as a question that everybody may ask."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Cancellation:
    """`times`: how often we were asked."""

    def __init__(self) -> None:
        self.times = 0

    def is_set(self) -> bool:
        return self.times > 0


@contextmanager
def listening(wake: Callable[[], object]) -> Iterator[Cancellation]:
    """While this lasts, a signal sets the cancellation and calls `wake`, which must be safe in a handler.

    Who is asked a second time waits for nothing: KeyboardInterrupt is raised wherever the main thread is.
    Signals reach only the main thread; elsewhere nothing changes.
    """
    cancellation = Cancellation()

    def asked(_number: int, _frame: FrameType | None) -> None:
        cancellation.times += 1
        if cancellation.times > 1:
            raise KeyboardInterrupt
        wake()

    if threading.current_thread() is not threading.main_thread():
        yield cancellation
        return
    before = {number: signal.signal(number, asked) for number in _SIGNALS}
    try:
        yield cancellation
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
