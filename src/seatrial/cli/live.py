"""The table of a run under a terminal: redrawn while stages run, with what is over as lines above it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from seatrial.cli.output import Output, harmless
from seatrial.cli.progress import Recorder, restored_line, told
from seatrial.report import terminal
from seatrial.report.record import StageRecord
from seatrial.report.words import columns
from seatrial.run import events
from seatrial.run.events import Listener, RunEvent

if TYPE_CHECKING:
    from rich.live import Live as RichLive
    from rich.text import Text

_REDRAWS_A_SECOND = 8


def is_available() -> bool:
    """Whether the extra `terminal` is there; plain lines do without it."""
    from importlib.util import find_spec

    return find_spec("rich") is not None


class Live:
    """A table of the stages that run, above it what is over. Events come from many threads.

    Who redraws has rich's lock and asks for ours: nothing is printed, which takes rich's, while we have ours.
    """

    def __init__(self, output: Output, record: Recorder) -> None:
        from rich.console import Console

        self._output = output
        self._record = record
        self._lock = threading.Lock()
        self._printing = threading.Lock()  # the lines of an event stay together
        self._running: dict[str, tuple[float, str]] = {}
        self._restored: list[str] = []
        self._held: list[str] | None = None  # what is said while a person is asked
        self._names = 0
        self._waiting: set[str] = set()
        self._console = Console(
            highlight=False, markup=False, emoji=False, no_color=not output.has_colours, width=output.width
        )
        self._view = self._new_view()

    def _new_view(self) -> RichLive:
        """One that has drawn nothing yet: it takes back what it has drawn, and nothing else."""
        from rich.live import Live as RichLive

        return RichLive(
            console=self._console,
            get_renderable=self._render,
            refresh_per_second=_REDRAWS_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Listener:
        self._view.start()
        return self._hear

    def __exit__(self, *_: object) -> None:
        self._view.stop()
        self._print([*(self._held or []), *self._restored_lines()])

    def _hear(self, event: RunEvent) -> None:
        with self._printing:
            with self._lock:
                lines = self._take(event)
            if isinstance(event, events.PersonAnswered):
                self._go_on()
            elif self._held is not None:
                self._held += lines
            else:
                self._print(lines)
            if isinstance(event, events.PersonAsked):
                self._pause()

    def _pause(self) -> None:
        """Leave the terminal to the question, and hold back what is to be printed meanwhile."""
        self._view.stop()
        self._held = []

    def _go_on(self) -> None:
        held, self._held = self._held, None
        self._view = self._new_view()
        self._view.start()
        self._print(held or [])

    def _take(self, event: RunEvent) -> list[str]:
        """Take an event in; the lines that are to be printed now."""
        if isinstance(event, events.LogLine):
            self._show(event)
        elif isinstance(event, events.RunStarted):
            self._names = min(max(map(columns, event.stages), default=0), self._output.width // 3)
            self._waiting = set(event.stages)
        elif isinstance(event, events.StageStarted):
            self._running[event.stage] = (time.monotonic(), "")
            self._waiting.discard(event.stage)
        elif isinstance(event, events.StageRestored):
            self._restored.append(event.stage)
            self._leave(event.stage)
        else:
            return self._end(event)
        return []

    def _show(self, event: events.LogLine) -> None:
        """The last line of a stage, also while it is made ready, before it begins."""
        if event.stage in self._running or event.stage in self._waiting:
            begun, _ = self._running.get(event.stage, (time.monotonic(), ""))
            self._running[event.stage] = (begun, event.text.decode("utf-8", "replace"))
            self._waiting.discard(event.stage)

    def _leave(self, stage: str) -> None:
        """It has ended, and may never have begun to work."""
        self._running.pop(stage, None)
        self._waiting.discard(stage)

    def _end(self, event: RunEvent) -> list[str]:
        if isinstance(event, events.StageFinished):
            self._leave(event.stage)
        elif isinstance(event, events.StageBlocked) and event.stage in self._running:
            del self._running[event.stage]
            self._waiting.add(event.stage)
        return self._restored_lines() + list(told(event, self._record, self._names, self._output.width))

    def _restored_lines(self) -> list[str]:
        restored, self._restored = self._restored, []
        return [restored_line(restored, self._output.width)] if restored else []

    def _print(self, lines: Iterable[str]) -> None:
        from rich.text import Text

        for line in lines:
            self._console.print(Text.from_ansi(harmless(line, keep_colours=True)), soft_wrap=True)

    def _render(self) -> Text:
        from rich.text import Text

        with self._lock:
            now = time.monotonic()
            lines = [
                terminal.stage_line(
                    StageRecord(
                        name, "running", seconds=now - begun, message=harmless(last, keep_colours=False)
                    ),
                    self._names,
                    self._output.width,
                )
                for name, (begun, last) in self._running.items()
            ]
            waiting = len(self._waiting)
        most = max(self._console.size.height - 4, 3)
        shown = lines[:most]
        if waiting or len(lines) > most:
            more = f"{len(lines) - most} more running, " if len(lines) > most else ""
            shown.append(terminal.painted(f"    {more}{waiting} waiting", "dim"))
        return Text.from_ansi("\n".join(shown))
