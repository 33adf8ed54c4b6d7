"""The table that is redrawn while stages run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.cli.live import Live
from seatrial.cli.output import open_output
from seatrial.report.record import StageRecord
from seatrial.run.events import LogLine, RunEvent, RunStarted, StageFinished, StageRestored, StageStarted
from seatrial.run.outcome import Outcome
from tests.cli import terminal

pytestmark = pytest.mark.slow

# For so long that the table is redrawn some twenty times, almost always in the middle of an event.
MANY_EVENTS = """\
import sys, threading, time
from seatrial.cli.live import Live
from seatrial.cli.output import open_output
from seatrial.report.record import StageRecord
from seatrial.run.outcome import Outcome
from seatrial.run.events import RunStarted, StageFinished, StageStarted

record = lambda event: StageRecord(event.stage, "succeeded")
with Live(open_output(is_json=False), record) as hear:
    hear(RunStarted("r-1", 1, ("a", "b")))
    until = time.monotonic() + 2.5
    def work(name):
        while time.monotonic() < until:
            hear(StageStarted(name))
            hear(StageFinished(name, Outcome("succeeded"), 0.1))
    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in "ab"]
    for one in threads: one.start()
    for one in threads: one.join()
print("whole")
"""


def test_events_from_many_threads_and_the_drawing_never_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "PROGRAM", (sys.executable, "-c", MANY_EVENTS))
    try:
        code, text = terminal.under_terminal((), tmp_path)
    except subprocess.TimeoutExpired:
        pytest.fail("they wait for each other")
    assert code == 0
    assert "whole" in text


A_QUESTION = """
import sys, time
from seatrial.cli.live import Live
from seatrial.cli.output import open_output
from seatrial.report.record import StageRecord
from seatrial.run.outcome import Outcome
from seatrial.run.events import PersonAnswered, PersonAsked, RunStarted, StageFinished, StageStarted

def say(text): sys.stdout.write(text); sys.stdout.flush()

with Live(open_output(is_json=False), lambda event: StageRecord(event.stage, "succeeded")) as hear:
    for event in (RunStarted("r-1", 1, ("a", "b")), StageStarted("a"), StageStarted("b")): hear(event)
    hear(PersonAsked("a", "the reason"))
    say("<asked>")
    hear(StageFinished("b", Outcome("succeeded"), 0.1))
    time.sleep(0.6)
    say("<answered>")
    hear(PersonAnswered("a"))
    hear(StageFinished("a", Outcome("succeeded"), 0.1))
"""


def test_nothing_is_drawn_over_a_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PROGRAM", (sys.executable, "-c", A_QUESTION))
    code, text = terminal.under_terminal((), tmp_path)
    before, _, rest = text.partition("<asked>")
    meanwhile, _, after = rest.partition("<answered>")
    assert code == 0
    assert "the reason" in before
    assert meanwhile == ""
    assert "✓" in after
    assert after.index(" b") < after.index(" a"), "what ended meanwhile is told"


def drawn(*happened: RunEvent) -> str:
    """What the table shows once all this has happened in a run of `train` and `test`."""
    live = Live(open_output(is_json=False), lambda event: StageRecord(event.stage, "succeeded"))
    for event in (RunStarted("r-1", 1, ("train", "test")), *happened):
        live._take(event)
    return live._render().plain


BUILT = LogLine("train", 0.0, b"Successfully installed pip-24")


def test_what_made_a_stage_ready_is_shown_until_the_stage_begins_or_is_over() -> None:
    assert "Successfully installed" in drawn(BUILT)
    assert "1 waiting" in drawn(BUILT)
    begun = drawn(BUILT, StageStarted("train"))
    assert ("train" in begun, "Successfully" in begun, "1 waiting" in begun) == (True, False, True)
    for end in (
        StageRestored("train", Outcome("succeeded"), "r-0", 1.0),
        StageFinished("train", Outcome("errored"), 1.0),
    ):
        for late in ((), (BUILT,)):
            after = drawn(BUILT, end, *late)
            assert ("train" in after, "1 waiting" in after) == (False, True), after
