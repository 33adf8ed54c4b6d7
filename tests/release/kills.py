"""A campaign of `kill -9` against releases: supervisor, Envoy and model servers, at random instants.

After every kill the same promises are checked: the release comes to its end without anybody's help but a
watcher's, what is stable answers, and nothing else is left running.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from seatrial.journal import releases, servers
from seatrial.pipeline.pipeline import Environment
from seatrial.release import request as asking
from seatrial.release import wake
from seatrial.release.request import UnderWay
from seatrial.system import process
from tests.release.site import Site, eventually, get, port_of

Load = Callable[[Environment], AbstractContextManager[object]]
VICTIMS = ("supervisor", "envoy", "server", "anything")
LONGEST_DELAY = 0.5


def unloaded(_place: Environment) -> AbstractContextManager[object]:
    return nullcontext()


def seed() -> int:
    """The seed of this session, told so that it can be repeated."""
    found = int(os.environ.get("SEATRIAL_TEST_SEED") or time.time_ns() % 1_000_000)
    print(f"SEATRIAL_TEST_SEED={found} repeats it")
    return found


def campaign(
    site: Site, place: Environment, seed: int, kills: int, load: Load = unloaded, **more: Any
) -> None:
    """`kills` rounds of: ask for something, kill something, look whether all is well; under a load.

    `more` is of every release that is asked for.
    """
    words = {site.release("word-0", place).revision: "word-0"}
    with load(place):
        rounds(site, place, random.Random(seed), seed, kills, words, more)
    keep_logs(site)
    site.down()
    eventually(lambda: not site.pids())


def logs(site: Site) -> Path:
    """The folder with what the gateway logged; after a campaign what was kept of it."""
    return kept if (kept := site.home.parent / "logs").exists() else site.home / "gateway" / "logs"


def keep_logs(site: Site) -> None:
    """Under a second name each: when all is down and they were read, the supervisor removes them."""
    folder = logs(site)
    for log in folder.rglob("access.log*"):
        other = site.home.parent / "logs" / log.relative_to(folder)
        other.parent.mkdir(parents=True, exist_ok=True)
        os.link(log, other)


def rounds(
    site: Site,
    place: Environment,
    chance: random.Random,
    seed: int,
    kills: int,
    words: dict[str, str],
    more: dict[str, Any],
) -> None:
    for number in range(1, kills + 1):
        victim = chance.choice(VICTIMS)
        where = f"seed {seed}, round {number}, {victim}"
        release = ask(site, place, chance, f"word-{number}", words, more)
        time.sleep(chance.uniform(0.0, LONGEST_DELAY))
        kill(site, victim, chance)
        check(site, place, release, words, where)


def ask(
    site: Site,
    place: Environment,
    chance: random.Random,
    word: str,
    words: dict[str, str],
    more: dict[str, Any],
) -> str:
    """A release, or sometimes a rollback; the id of the release."""
    try:
        if len(words) > 1 and chance.random() < 0.25:
            asked = asking.request_rollback(site.home, site.store.journal, "reviews", place.name)
        else:
            asked = site.ask(word, place, **more)
            words[asked.revision.id] = word
    except UnderWay as busy:
        return busy.release
    except asking.BadInput:
        asked = site.ask(word, place, **more)
        words[asked.revision.id] = word
    return asked.release.id if asked.release else ""


def kill(site: Site, victim: str, chance: random.Random) -> None:
    """Kill one process of the kind, if there is one at this instant."""
    everything = [pid for pids in site.pids().values() for pid in pids]
    envoys = [row.pid for row in servers.live(site.store.journal) if not row.revision and row.pid]
    kinds: dict[str, Callable[[], list[int]]] = {
        "supervisor": site.supervisors,
        "envoy": lambda: envoys,
        "server": lambda: [pid for pid in everything if pid not in envoys],
        "anything": lambda: [*everything, *site.supervisors()],
    }
    pids = kinds[victim]()
    if pids:
        process.send(chance.choice(pids), signal.SIGKILL)


def check(site: Site, place: Environment, release: str, words: dict[str, str], where: str) -> None:
    journal = site.store.journal
    if release:
        row = site.watch(release)
        assert row.finished is not None, where
        assert row.status in (releases.SUCCEEDED, releases.FAILED), (where, row.reason)
        if row.status == releases.SUCCEEDED:
            assert site.stable() == row.revision, where
        else:
            assert site.stable() == row.previous, where
    stable = site.stable()
    site.up()
    eventually(lambda: answers(place, words[stable], stable))
    eventually(lambda: settled(site))
    unfinished = journal.database.rows("SELECT id FROM release WHERE finished IS NULL")
    assert unfinished == [], where


def answers(place: Environment, word: str, revision: str) -> bool:
    try:
        answer = get(port_of(place))
    except OSError:
        return False
    return (answer.status, answer.text, answer.headers.get("seatrial-revision")) == (200, word, revision)


def settled(site: Site) -> bool:
    """One Envoy, one server, and no process that the journal does not know.

    A supervisor that was killed comes back with the next command, whatever that is.
    """
    wake.keep(site.home)
    rows = servers.live(site.store.journal)
    tokens = {row.token for row in rows if row.status == servers.READY}
    return len(rows) == 2 and len(tokens) == 2 and set(site.pids()) == tokens
