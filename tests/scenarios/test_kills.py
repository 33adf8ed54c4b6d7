"""kill -9 of the command, the supervisor, Envoy or a model server, at random instants of a release.

Afterwards the same command completes: nothing is lost, nothing doubled, and `down` leaves no process.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import requires
from tests.scenarios.tiny import Tiny, ended

SEED = int(os.environ.get("SEATRIAL_TEST_SEED", "1"))
VICTIMS = ("seatrial run", "supervis", "envoy", "serve.py", "train.py", "predict.py")

# A release whose server was killed before it was ready has failed, and the next one is another revision.
DOUBLED = """
    SELECT revision.package, count(*) FROM revision JOIN release ON release.revision = revision.id
    WHERE release.status = 'succeeded' GROUP BY revision.package HAVING count(*) > 1
"""

pytestmark = [pytest.mark.slow, pytest.mark.needs_envoy]


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Tiny]:
    requires("git")
    with ended(Tiny(tmp_path)) as project:
        yield project


def kill_one(tiny: Tiny, word: str) -> bool:
    """Kill a process whose command line has the word; False when none lives."""
    for pid, command in tiny.processes().items():
        if word in command:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return False
            return True
    return False


def campaign(tiny: Tiny, kills: int) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    tiny.commit(0)
    tiny.seatrial("run")
    done, level = 0, 0
    while done < kills:
        level += 1
        tiny.commit(level)
        done += disturb(tiny, chance)
        tiny.seatrial("run")
        check(tiny, level)
        print(f"{done} kills in {level} releases", flush=True)


def disturb(tiny: Tiny, chance: random.Random) -> int:
    """Run it, and kill up to four of its processes meanwhile. How many were killed."""
    process = tiny.start("run")
    killed = 0
    for _ in range(chance.randint(1, 4)):
        deadline = time.monotonic() + chance.uniform(0.0, 3.0)
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
        living = chance.sample(VICTIMS, len(VICTIMS))
        killed += any(kill_one(tiny, word) for word in living)
    process.communicate(timeout=600)
    return killed


def check(tiny: Tiny, level: int) -> None:
    """What must hold whenever a run has ended well."""
    assert tiny.answer() == level
    with sqlite3.connect(f"file:{tiny.home}/journal.db?mode=ro", uri=True) as journal:
        assert journal.execute("SELECT count(*) FROM release WHERE finished IS NULL").fetchone() == (0,)
        assert journal.execute(DOUBLED).fetchall() == []
        numbers = [number for (number,) in journal.execute("SELECT number FROM revision ORDER BY number")]
        assert numbers == list(range(1, len(numbers) + 1)), "a revision was lost"
        assert journal.execute("SELECT count(*) FROM run WHERE finished IS NULL").fetchone() == (0,)
    journal.close()
    assert not any((tiny.home / "workspaces").glob("*")), "a workspace was left behind"


def test_sampled_kills(tiny: Tiny) -> None:
    campaign(tiny, kills=20)
    tiny.seatrial("down")
    assert tiny.gone(seconds=120)


@pytest.mark.soak
def test_many_kills(tiny: Tiny) -> None:
    campaign(tiny, kills=int(os.environ.get("SOAK_KILLS", "500")))
    tiny.seatrial("down")
    assert tiny.gone(seconds=120)
