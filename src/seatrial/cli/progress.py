"""What a person sees while a run goes on: lines as stages end; `live` has the table under a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from seatrial.cli.output import Output
from seatrial.report import terminal
from seatrial.report.record import StageRecord
from seatrial.report.words import columns, cut
from seatrial.run import events
from seatrial.run.events import Listener, RunEvent

Recorder = Callable[[RunEvent], StageRecord | None]

_WIDEST_PREFIX = 24


@contextmanager
def progress(output: Output, record: Recorder, *, with_logs: bool) -> Iterator[Listener]:
    """The listener to give to a run. `record` turns an event into what to show of its stage."""
    if output.is_live:
        from seatrial.cli import live

        if live.is_available():
            with live.Live(output, record) as listener:
                yield listener
            return
    plain = Plain(output, record, with_logs=with_logs)
    yield plain.hear
    plain.end()


class Plain:
    """One line for each thing that happens; restored stages together on one."""

    def __init__(self, output: Output, record: Recorder, *, with_logs: bool) -> None:
        self._output = output
        self._record = record
        self._with_logs = with_logs
        self._restored: list[str] = []
        self._width = 0

    def hear(self, event: RunEvent) -> None:
        if isinstance(event, events.LogLine):
            if self._with_logs:
                self._output.progress(_log_line(event, self._width))
            return
        if isinstance(event, events.StageRestored):
            self._restored.append(event.stage)
            return
        self.end()
        if isinstance(event, events.RunStarted):
            self._width = min(max(map(columns, event.stages), default=0), _WIDEST_PREFIX)
        elif isinstance(event, events.StageStarted):
            self._output.progress(f"  {terminal.sign('running', terminal.STATUS_SIGNS)} {event.stage}")
        else:
            for line in told(event, self._record, self._width, self._output.width):
                self._output.progress(line)

    def end(self) -> None:
        """Say what was held back to be said together."""
        if self._restored:
            self._output.progress(restored_line(self._restored, self._output.width))
            self._restored.clear()


def told(event: RunEvent, record: Recorder, names: int, width: int) -> list[str]:
    """The lines of an event that a person should keep."""
    if isinstance(event, events.StageFinished):
        stage = record(event)
        return _ended(stage, names, width) if stage is not None else []
    if isinstance(event, events.StageBlocked):
        whom = f"run {event.run}" if event.run else "another run"
        return [_going_on(event.stage, f"waits for {whom}, which does the same")]
    if isinstance(event, events.StageReopened):
        return [_going_on(event.stage, f"again: {event.reason}")]
    if isinstance(event, events.PersonAsked):
        return event.why.splitlines()
    if isinstance(event, events.NotReproducible):
        mark = terminal.painted("not reproducible", "yellow")
        return [f"  {mark}: {event.stage} gave other outputs than its first run, which stay"]
    return []


def _going_on(stage: str, what: str) -> str:
    return f"  {terminal.sign('running', terminal.STATUS_SIGNS)} {stage}  {what}"


def _ended(stage: StageRecord, names: int, width: int) -> list[str]:
    """The line of a stage, and below it what it has no room for."""
    line = terminal.stage_line(stage, names, width)
    below = _below(stage, line)
    if below:  # then the line need not begin to say it
        line = terminal.stage_line(stage._replace(message=""), names, width)
    lines = [line, *(terminal.lines_of_tests(stage.tests) if stage.tests is not None else ())]
    if stage.verdict is None:
        return lines + [f"      {said}" for said in below]
    verdict = stage.verdict._replace(reason=stage.message or stage.verdict.reason)
    return lines + terminal.verdict_lines(stage.name, verdict, width)


def _below(stage: StageRecord, line: str) -> list[str]:
    """Why a stage failed or was skipped, in full, where its line has no room for that; with its place."""
    if stage.verdict is not None:
        return []
    if stage.finding:
        return stage.finding.splitlines()
    is_said = stage.status not in ("unstable", "failed", "errored", "skipped") or stage.message in line
    return [] if is_said else stage.message.splitlines()


def _log_line(event: events.LogLine, names: int) -> str:
    name = terminal.painted(f"{cut(event.stage, _WIDEST_PREFIX):<{names}} │", "dim")
    return f"{name} {event.text.decode('utf-8', 'replace')}"


def restored_line(names: list[str], width: int) -> str:
    """The stages that were restored, all in one line."""
    sign = terminal.sign("restored", terminal.STATUS_SIGNS)
    return f"  {sign} {len(names)} restored: {cut(', '.join(names), max(width - 20, 20))}"
