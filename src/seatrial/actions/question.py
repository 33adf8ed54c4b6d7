"""A question to the person at the terminal, while a run goes on: one at a time, and only a yes is a yes."""

from __future__ import annotations

import os
import select
from threading import Lock

from seatrial.errors import Interrupted
from seatrial.pipeline.pipeline import Stage
from seatrial.run.action import Context

TERMINAL = "/dev/tty"
_TICK_SECONDS = 0.1
_YES = (b"y", b"yes")
_one_at_a_time = Lock()


def ask(stage: Stage, question: str, why: str, context: Context) -> bool:
    """Whether the person says yes. Raises Interrupted where the run is stopped before.

    It is a line of the stage's log as well: a table that is redrawn shows the last one, and hides the rest.
    """
    with _one_at_a_time:
        context.log(stage.name, f"{question} [y/N] {why}".rstrip().encode() + b"\n")
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            os.write(terminal, f"{why}\n{stage.name}: {question} [y/N] ".lstrip().encode("utf-8", "replace"))
            poll = select.poll()
            poll.register(terminal, select.POLLIN)
            while not poll.poll(_TICK_SECONDS * 1000):
                if context.is_cancelled():
                    raise Interrupted("nobody answered before the run was stopped")
            return os.read(terminal, 1024).strip().lower() in _YES
        finally:
            os.close(terminal)
