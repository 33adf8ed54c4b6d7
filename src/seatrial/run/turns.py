"""Whose turn it is to work on a key: one stage's at a time, of all the runs that share a home.

A stage has its own turn and no other, from the start of its work until its result is recorded: so whoever is
next finds that, and nobody waits in a circle. What the dead had is the next one's at once: the kernel sees to
that.
"""

import math
from pathlib import Path

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Stage, is_kept
from seatrial.run.action import Key
from seatrial.store import copying
from seatrial.system import clock, lock

# One that is shorter is not worth a word.
_SHORT_SECONDS = 0.5


class Turns(NamedTuple):
    """`taken` has the digests of keys, by the stages that have their turn; `blocked` the stages that wait for
    theirs, and when that is to be said."""

    locks: lock.Many
    taken: dict[str, str]
    blocked: dict[str, float]


def begin(home: Path) -> Turns:
    path = home / "turns.lock"
    try:
        return Turns(lock.many(path), {}, {})
    except OSError as error:
        raise copying.cannot_write(error, path) from error


def take(turns: Turns, stage: Stage, key: Key | None) -> bool:
    """Whether the stage may work now; what is never kept always may."""
    if key is None or not is_kept(stage):
        return True
    if not turns.locks.try_hold(key.digest):
        return False
    turns.taken[stage.name] = key.digest
    return True


def give_back(turns: Turns, stage: str) -> None:
    """Let the next one work on what the stage had its turn for, if it had one."""
    digest = turns.taken.pop(stage, "")
    if digest:
        turns.locks.let_go(digest)


def end(turns: Turns) -> None:
    for stage in list(turns.taken):
        give_back(turns, stage)


def block(turns: Turns, stage: str) -> None:
    turns.blocked[stage] = clock.monotonic() + _SHORT_SECONDS


def is_free(turns: Turns, key: Key) -> bool:
    """Whether nobody works on the key at this moment."""
    if not turns.locks.try_hold(key.digest):
        return False
    turns.locks.let_go(key.digest)
    return True


def is_to_say(turns: Turns, stage: str, key: Key) -> bool:
    """Whether to tell now, once, that a blocked stage waits for another run."""
    if clock.monotonic() < turns.blocked[stage] or key.digest in turns.taken.values():
        return False
    turns.blocked[stage] = math.inf
    return True
