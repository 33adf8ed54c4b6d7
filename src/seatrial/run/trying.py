"""Try a regular expression in a process of its own: Python's cannot be ended in ours."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from seatrial.errors import Interrupted, StageFailed, TimedOut
from seatrial.pipeline.step import Try
from seatrial.run.executor import Command, Ended
from seatrial.run.executors import local
from seatrial.run.steps import Room
from seatrial.system import clock, files

_SECONDS = 10.0
_TRY = (
    "import json, re, sys; pattern, text = json.load(open(sys.argv[1])); found = re.compile(pattern); "
    "found.fullmatch(text); sum(1 for _ in found.finditer(text))"
)


def perform(wanted: Try, room: Room) -> None:
    """Raises StageFailed (TimedOut), Interrupted."""
    left = _SECONDS if room.deadline is None else room.deadline - clock.monotonic()
    ended = _tried(wanted, min(_SECONDS, left), room.temporary, room.is_cancelled)
    if ended.timed_out and left < _SECONDS:
        raise TimedOut("the time of the stage is over")
    _refuse(wanted, ended)


def beforehand(wanted: Try, is_cancelled: Callable[[], bool]) -> None:
    """For what is decided before there is a room. Raises StageFailed, Interrupted."""
    with TemporaryDirectory() as folder:
        _refuse(wanted, _tried(wanted, _SECONDS, Path(folder), is_cancelled))


def _tried(wanted: Try, seconds: float, folder: Path, is_cancelled: Callable[[], bool]) -> Ended:
    file = folder / f"pattern-{id(wanted)}"
    files.write(file, json.dumps([wanted.pattern, wanted.text]).encode("utf-8", "surrogatepass"))
    session = local.prepare()
    try:
        argv = (sys.executable, "-I", "-S", "-c", _TRY, str(file))
        running = local.start(session, Command(argv, dict(os.environ), folder, True), lambda _: None)
        return local.wait(session, running, seconds, is_cancelled)
    finally:
        local.destroy(session)
        file.unlink(missing_ok=True)


def _refuse(wanted: Try, ended: Ended) -> None:
    if ended.cancelled:
        raise Interrupted("the stage was stopped")
    if ended.timed_out:
        shown = wanted.pattern if len(wanted.pattern) < 60 else f"{wanted.pattern[:60]} …"
        raise StageFailed(f"the regular expression {shown!r} came to no end within {_SECONDS:g} s")
