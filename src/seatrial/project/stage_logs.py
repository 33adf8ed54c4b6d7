"""The logs that a person means, and their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seatrial.errors import BadInput
from seatrial.journal import runs
from seatrial.journal.runs import Run
from seatrial.named_tuple import NamedTuple
from seatrial.project.project import Home

_RUN = re.compile(r"#?\d+|r-[0-9a-z-]+")
_POLL_SECONDS = 0.1


class LogLine(NamedTuple):
    stage: str
    stamp: str
    text: bytes


def meant(home: Home, project: str, words: Sequence[str]) -> tuple[Run, tuple[str, ...]]:
    """The run and its stages: the first word is a run where it looks like one, else the last run is meant.

    Raises BadInput on a stage that the run has not.
    """
    is_run = bool(words) and _RUN.fullmatch(words[0]) is not None
    run = runs.find(home.journal, project, words[0] if is_run else "")
    names = tuple(run.body.get("stages", ()))
    chosen = [one for word in (words[1:] if is_run else words) for one in _named(home, run, names, word)]
    return run, tuple(dict.fromkeys(chosen)) or names


def _named(home: Home, run: Run, names: tuple[str, ...], word: str) -> list[str]:
    """The stages of a name: one, or all that a matrix made of it."""
    found = [name for name in names if name == word or name.startswith(f"{word} (")]
    if found or runs.stage(home.journal, run.id, word) is not None:
        return found or [word]
    from seatrial.pipeline.spelling import did_you_mean

    raise BadInput(f"run {run.number} has no stage `{word}`", did_you_mean(word, names))


def lines(home: Home, run: Run, stages: Sequence[str], *, follow: bool) -> Iterator[LogLine]:
    """The lines of the stages, one stage after the other. A restored stage has the log of the run that made
    its result. `follow` waits for what is still to come."""
    from seatrial.run import logs

    for stage in stages:
        if follow:
            _await_start(home, run, stage)
        row = runs.stage(home.journal, run.id, stage)
        body = row.body if row else {}
        source, made_as = str(body.get("restored_from", run.id)), str(body.get("restored_stage", stage))

        def is_over(stage: str = stage) -> bool:
            return not follow or _is_over(home, run.id, stage)

        for line in logs.read(home.folder, source, made_as, is_over=is_over):
            yield LogLine(stage, line.stamp, line.text)


def _await_start(home: Home, run: Run, stage: str) -> None:
    import time

    while runs.stage(home.journal, run.id, stage) is None and not _has_ended(home, run.id):
        time.sleep(_POLL_SECONDS)


def _is_over(home: Home, run: str, stage: str) -> bool:
    row = runs.stage(home.journal, run, stage)
    return _has_ended(home, run) or (row is not None and row.status != runs.RUNNING)


def _has_ended(home: Home, run: str) -> bool:
    """Whether the run is over, or nobody drives it any more."""
    from seatrial.system import process

    row = runs.get(home.journal, run)
    return row is None or row.finished is not None or not process.is_alive(row.owner)
