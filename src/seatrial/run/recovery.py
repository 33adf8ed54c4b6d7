"""What a run that was killed left behind: its processes are ended, its workspaces removed, its end recorded.

The stages that it had finished are in the store by their keys, so running the same again does the rest.
"""

from __future__ import annotations

from pathlib import Path

from seatrial.journal import runs
from seatrial.journal.journal import Journal
from seatrial.journal.runs import Run
from seatrial.run import workspace
from seatrial.run.outcome import ERRORED
from seatrial.system import process


def recover(journal: Journal, home: Path) -> tuple[str, ...]:
    """Clean up after the runs whose owner is dead, and return their ids. Costs one query where there is none.

    Safe to be called by several processes at once, and to be killed: the end is recorded last.
    """
    dead = [run for run in runs.unfinished(journal) if not process.is_alive(run.owner)]
    for run in dead:
        clean(home, run.id)
        runs.finish(journal, run.id, ERRORED, {"message": "the process that drove it was killed"})
    return tuple(run.id for run in dead)


def as_it_is(run: Run) -> Run:
    """The run, but errored where its owner is dead: on a full disk its end could not be recorded."""
    is_dead = run.finished is None and not process.is_alive(run.owner)
    return run._replace(status=ERRORED) if is_dead else run


def clean(home: Path, run: str) -> None:
    """End the processes that still carry the run's token, and its containers, then remove its workspaces."""
    process.end_token(run)
    if workspace.has_containers(home, run):
        from seatrial.run.executors import docker

        docker.remove_left(run)
    workspace.remove_all(home, run)
