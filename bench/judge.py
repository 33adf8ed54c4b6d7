"""What a look of the live judge costs: three gates on a second of traffic, alone and with the journal.

Run alone: `python bench/judge.py`. Nothing is compared with: Argo Rollouts and Kayenta ask a metrics server.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from seatrial.evaluation.sequential.latency import Histogram, histogram
from seatrial.evaluation.sequential.live import History
from seatrial.gateway.access_log import Second
from seatrial.journal import traffic
from seatrial.journal.journal import open_journal
from seatrial.release import all_providers, outlook, weighing
from seatrial.release.provider import Seen

GATES = ("error_rate <= stable + 0.5pp", "latency_p95 <= stable * 1.2", "error_rate <= 2%")
LOOKS = 2000
ALPHA = 0.05


def seconds(chance: random.Random, at: int) -> list[Second]:
    """One second of 50 requests to the candidate and 950 to stable, 1% of which fail."""
    return [second(chance, at, "new", 50), second(chance, at, "old", 950)]


def second(chance: random.Random, at: int, revision: str, requests: int) -> Second:
    failed = sum(chance.random() < 0.01 for _ in range(requests))
    return Second(at, revision, requests, failed, latencies(chance, requests))


def latencies(chance: random.Random, requests: int) -> Histogram:
    return histogram(chance.lognormvariate(-4, 0.5) for _ in range(requests))


def median_ms(act: Callable[[int], object], times: int) -> float:
    taken = []
    for number in range(times):
        begun = time.perf_counter()
        act(number)
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[times // 2] * 1000


def main() -> None:
    chance = random.Random(7)
    past = History(failed=200, requests=20_000, latencies=latencies(chance, 20_000))
    gates = {number: weighing.freeze(text, past, ALPHA) for number, text in enumerate(GATES)}
    found = [seconds(chance, at) for at in range(LOOKS)]

    def decide(number: int) -> None:
        seen = Seen("new", "old", [(0, one) for one in found[number]])
        for name, gate in gates.items():
            batches = all_providers.provider_of(gate.live.source).batches(gate.live, seen)
            gates[name] = weighing.weigh(gate, batches)
        outlook.outlook([weighing.standing(gate) for gate in gates.values()], ALPHA)

    print(
        f"a decision of {len(GATES)} gates on one second of 1,000 requests: {median_ms(decide, LOOKS):.3f} ms"
    )
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(Path(folder))

        def look(number: int) -> None:
            with journal.change():
                kept = {n: weighing.of_plain(one) for n, one in traffic.states(journal, "r").items()}
                gates.update(kept)
                decide(number)
                plain = {n: weighing.to_plain(one) for n, one in gates.items()}
                traffic.keep_states(journal, "r", plain)
                traffic.keep_position(journal, "log", traffic.Position(1, number))

        print(f"with all that the journal keeps of it: {median_ms(look, LOOKS // 4):.3f} ms")


if __name__ == "__main__":
    main()
