"""What a look of the live judge costs: three gates, a second of traffic, and what the journal keeps of it.

Run alone: `python bench/judge.py`. Times are the processor's: other work on the machine does not count.
Nothing is compared with: Argo Rollouts and Kayenta ask a metrics server.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from seatrial.gateway import access_log
from seatrial.gateway.access_log import Second
from seatrial.journal import releases, traffic
from seatrial.journal.journal import Journal, open_journal
from seatrial.journal.releases import EnvironmentRow, ReleaseRow
from seatrial.release import analysis
from seatrial.system import clock

GATES = ("error_rate <= stable + 0.5pp", "latency_p95 <= stable * 1.2", "error_rate <= 2%")
PLAN = {"gates": GATES, "alpha": 0.05, "warm_up": 0.0, "steps": []}
LOOKS = 600
HOURS = 0.5  # of stable's past


def log_of(chance: random.Random, at: int, counts: dict[str, int]) -> bytes:
    """The log of a second, as Envoy writes it: so many requests to each revision, 1% of which fail."""
    lines = [line(chance, at, revision) for revision, n in counts.items() for _ in range(n)]
    return "".join(lines).encode()


def line(chance: random.Random, at: int, revision: str) -> str:
    code = 500 if chance.random() < 0.01 else 200
    microseconds = int(chance.lognormvariate(-4, 0.5) * 1e6)
    return f"{at}\t{revision}\t{code}\t-\t-\t{microseconds}\t{chance.random():.16f}\t-\t-\n"


def release_of(journal: Journal, now: float) -> tuple[EnvironmentRow, ReleaseRow]:
    """A canary of 5% under way, of a stable revision with a past."""
    with journal.change():
        releases.keep_environment(journal, "bench", "production", "127.0.0.1:1")
        stable, candidate = (
            releases.add_revision(journal, "bench", "production", package=name, run="", commit="", body={})
            for name in "ab"
        )
        release = releases.add_release(
            journal, candidate, previous=stable.id, kind="release", plan=PLAN, body={"served": now}
        )
        row = releases.environment(journal, "bench", "production")
        assert row is not None
        releases.record_serving(journal, row, {candidate.id: 5, stable.id: 95})
    row = releases.environment(journal, "bench", "production")
    assert row is not None
    return row, release


def give_past(journal: Journal, row: EnvironmentRow, release: ReleaseRow, chance: random.Random) -> None:
    end = int(release.body["served"]) // 60 * 60
    for at in range(end - int(HOURS * 3600), end, 60):
        found = access_log.count(log_of(chance, at, {release.previous: 1000}))
        with journal.change():
            traffic.add_minutes(journal, row.project, row.name, analysis.by_minute(found))


def milliseconds(act: Callable[[int], object], times: int) -> str:
    taken = []
    for number in range(times):
        begun = time.process_time_ns()
        act(number)
        taken.append((time.process_time_ns() - begun) / 1e6)
    taken.sort()
    return f"{taken[times // 2]:.3f} ms (90th percentile {taken[times * 9 // 10]:.3f})"


def main() -> None:
    chance, now = random.Random(7), clock.now()
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(Path(folder))
        row, release = release_of(journal, now)
        give_past(journal, row, release, chance)
        counts = {release.revision: 50, release.previous: 950}
        logs = [log_of(chance, int(now) + 5 + at, counts) for at in range(LOOKS)]
        found: list[list[Second]] = []
        reading = milliseconds(lambda number: found.append(access_log.count(logs[number])), LOOKS)

        def count(number: int) -> None:
            with journal.change():
                traffic.add_minutes(journal, row.project, row.name, analysis.by_minute(found[number]))

        def decide(number: int) -> None:
            with journal.change():
                traffic.keep_position(journal, "log", traffic.Position(1, number))
                analysis.weigh(journal, row, release, found[number])
            analysis.outlook_of(journal, release)

        counting, deciding = milliseconds(count, LOOKS), milliseconds(decide, LOOKS)
        print("1,000 requests a second, three gates, processor time of a look:")
        print(f"reading a second of the access log: {reading}")
        print(f"adding it to the counts of its minute: {counting}")
        print(f"the decision, with what the journal keeps of it: {deciding}")


if __name__ == "__main__":
    main()
