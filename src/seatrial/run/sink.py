"""Where a run's output goes: the logs of its stages, and whoever watches. One voice at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.journal import secrets
from seatrial.pipeline.pipeline import Environment, Pipeline, Stage
from seatrial.run.events import Listener, RunEvent, StageStarted
from seatrial.run.logs import Writer, path_of


class Sink:
    """`has_worked`: some stage has started its work."""

    def __init__(self, home: Path, run: str, hidden: tuple[bytes, ...], listener: Listener) -> None:
        self._home = home
        self._run = run
        self._hidden = hidden
        self._listener = listener
        self._turn = threading.RLock()
        self._writers: dict[str, Writer] = {}
        self._untold: deque[RunEvent] = deque()
        self.has_worked = False

    def tell(self, event: RunEvent) -> None:
        """Tell it soon: at the next `catch_up`, or line of a log. The next command need not wait for it."""
        if isinstance(event, StageStarted):
            self.has_worked = True
        self._untold.append(event)

    def catch_up(self) -> None:
        """Tell all that is untold, in order."""
        with self._turn:
            while self._untold:
                self._listener(self._untold.popleft())

    def tell_now(self, event: RunEvent) -> None:
        with self._turn:
            self.catch_up()
            self._listener(event)

    def log(self, stage: str, content: bytes) -> None:
        """Take raw output of a stage, from the one thread that works on it."""
        writer = self._writers.get(stage)
        if writer is None:
            path = path_of(self._home, self._run, stage)
            writer = self._writers[stage] = Writer(path, stage, self._hidden, self.tell_now)
        writer.write(content)

    def hide(self, values: Iterable[str]) -> None:
        """Mask more from now on."""
        more = secrets.forms(list(values))
        self._hidden += tuple(one for one in more if one not in self._hidden)
        for writer in list(self._writers.values()):
            writer.hide(self._hidden)

    def masked(self, text: str) -> str:
        if not self._hidden or not text:
            return text
        masked = secrets.mask(text.encode("utf-8", "surrogateescape"), self._hidden)
        return masked.decode("utf-8", "replace")

    def close(self, stage: str) -> None:
        writer = self._writers.pop(stage, None)
        if writer is not None:
            writer.close()

    def close_all(self) -> None:
        for stage in list(self._writers):
            self.close(stage)


def hidden(pipeline: Pipeline, home: Path, host_env: Mapping[str, str]) -> tuple[bytes, ...]:
    """All that must not be seen, of every secret that the pipeline names. One without a value hides nothing:
    the stage that wants it will say so."""
    parts: Iterable[Stage | Environment] = (*pipeline.stages, *pipeline.environments)
    names = dict.fromkeys(name for part in parts for name in part.secrets)
    names |= dict.fromkeys(name for stage in pipeline.stages for name in stage.offered)
    values = []
    for name in names:
        try:
            values += [value for _, value in secrets.resolve((name,), home, host_env)]
        except BadInput:
            continue
    if pipeline.credentials:
        from seatrial.run import credentials

        values += credentials.hidden(pipeline.credentials, home, host_env)
    return secrets.forms(values) if values else ()
