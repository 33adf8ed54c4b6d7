"""What a run tells, and in which order."""

from __future__ import annotations

from pathlib import Path

from seatrial.run import logs
from seatrial.run.events import LogLine, RunEvent, StageStarted
from seatrial.run.sink import Sink


def test_what_came_before_a_line_of_a_log_is_told_before_it(tmp_path: Path) -> None:
    told: list[RunEvent] = []
    sink = Sink(tmp_path, "r-1", (), told.append)
    sink.tell(StageStarted("first"))
    sink.tell(StageStarted("second"))
    assert told == []
    sink.log("first", b"hello\n")
    sink.tell(StageStarted("third"))
    sink.catch_up()
    started = [event.stage for event in told if isinstance(event, StageStarted)]
    assert started == ["first", "second", "third"]
    assert isinstance(told[2], LogLine)
    assert [line.text for line in logs.read(tmp_path, "r-1", "first")] == [b"hello"]
    sink.close_all()


def test_what_a_listener_refused_is_not_told_again(tmp_path: Path) -> None:
    told: list[RunEvent] = []

    def hear(event: RunEvent) -> None:
        told.append(event)
        if len(told) == 1:
            raise BrokenPipeError

    sink = Sink(tmp_path, "r-1", (), hear)
    sink.tell(StageStarted("first"))
    try:
        sink.catch_up()
    except BrokenPipeError:
        sink.tell(StageStarted("second"))
    sink.catch_up()
    assert told == [StageStarted("first"), StageStarted("second")]
