"""Load modules while another program works: what the next step needs is there when its answer comes."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from threading import Thread, current_thread, main_thread
from types import FrameType

from seatrial.errors import INTERRUPTED


@contextmanager
def loading(modules: Sequence[str]) -> Iterator[None]:
    """In a thread, during the block. Whoever imports one of them meanwhile waits for it, as always."""
    thread = Thread(target=_load, args=(modules,), name="ahead", daemon=True)
    with _ctrl_c_at_the_end():
        thread.start()
        try:
            yield
        finally:
            thread.join()


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        try:
            import_module(name)
        except Exception:  # noqa: BLE001 - whoever needs the module meets it again, and says so
            return


@contextmanager
def _ctrl_c_at_the_end() -> Iterator[None]:
    """Ctrl-C is raised as the block ends, whatever else did; a second one ends the process.

    Raised within an import, it may leave a lock behind for which the other thread, and so we, wait for ever.
    """
    if current_thread() is not main_thread() or signal.getsignal(signal.SIGINT) is not _RAISES:
        yield
        return
    asked = 0

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            os._exit(INTERRUPTED)

    signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _RAISES)
        if asked:
            raise KeyboardInterrupt


_RAISES = signal.default_int_handler
