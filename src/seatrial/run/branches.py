"""Branches of one step, each in a thread of its own; the log says of each line whose it is."""

from __future__ import annotations

import threading
from collections.abc import Callable

from seatrial.errors import Interrupted
from seatrial.pipeline.step import Branches, Step
from seatrial.run import steps
from seatrial.run.steps import Room


class _Log:
    """Whole lines of one branch, with its name; `turn` is shared, for the log takes one voice at a time."""

    def __init__(self, name: str, log: Callable[[bytes], None], turn: threading.Lock) -> None:
        self._start = f"[{name}] ".encode("utf-8", "surrogateescape")
        self._log, self._turn = log, turn
        self._rest = b""

    def write(self, content: bytes) -> None:
        *lines, self._rest = (self._rest + content).split(b"\n")
        if lines:
            with self._turn:
                self._log(b"".join(b"%b%b\n" % (self._start, line) for line in lines))

    def close(self) -> None:
        if self._rest:
            self.write(b"\n")


def perform(wanted: Branches, room: Room) -> None:
    """Raises what the first branch that failed did, when all have ended."""
    failures: list[BaseException] = []
    turn = threading.Lock()

    def run(name: str, listed: tuple[Step, ...]) -> None:
        log = _Log(name, room.log, turn)
        own = room._replace(log=log.write, is_cancelled=is_over, meanwhile=lambda: None)
        try:
            steps.perform(listed, own)
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that waits
            failures.append(error)
        finally:
            log.close()

    def is_over() -> bool:
        return room.is_cancelled() or (wanted.fails_fast and bool(failures))

    threads = [threading.Thread(target=run, args=branch, daemon=True) for branch in wanted.branches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if room.is_cancelled():
        raise Interrupted("the stage was stopped")
    if failures:
        raise failures[0]
