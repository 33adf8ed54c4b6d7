"""The tables of docs/explanation/statistics.md.

python -m tests.simulations [--releases 10000] [--seed 1] [--only "errors, factor"|rivals|split|together]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from seatrial.evaluation.sequential.rule import MEAN, Rule
from tests.simulations import rivals, split, together
from tests.simulations.kinds import KINDS, Kind, Truth, look_of, rule_of
from tests.simulations.releases import Look, Outcome, run

FOR_REQUESTS = 2000  # releases from which requests are counted
COMPARED = ("errors, stable .1%", "errors, stable 1%")
COMPARED_SECONDS = 3600
COMPARED_RELEASES = 1000
RIVALS = "rivals"
SPLIT = "split"
SPLIT_SECONDS = 2000
TOGETHER = "together"
# Of the requests 10% are to go to the candidate, and so many do.
SPLITS = (0.10, 0.09, 0.05, 0.0)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--releases", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", choices=[*KINDS, RIVALS, SPLIT, TOGETHER])
    chosen = options.parse_args()
    if chosen.only not in (RIVALS, SPLIT, TOGETHER):
        show_kinds([chosen.only] if chosen.only else list(KINDS), chosen.releases, chosen.seed)
    if chosen.only in (None, SPLIT):
        show_splits(chosen.releases, chosen.seed)
    if chosen.only in (None, TOGETHER):
        show_together(chosen.releases, chosen.seed)
    if chosen.only in (None, RIVALS):
        show_compared(min(chosen.releases, COMPARED_RELEASES), chosen.seed)


def show_kinds(names: Sequence[str], releases: int, seed: int) -> None:
    print(f"{releases:,} releases a kind at the edge, seed {seed}, alpha .01\n")
    print("| kind | gate | false promotion | false rollback | promote good | Wald | roll back bad | Wald |")
    print("|-|-|-|-|-|-|-|-|")
    for name in names:
        print(line(name, KINDS[name], releases, seed), flush=True)


def show_splits(releases: int, seed: int) -> None:
    print("\n| to the candidate | alarms | requests until then, median (p90) |")
    print("|-|-|-|")
    for true in SPLITS:
        at = split.alarms(SPLITS[0], true, releases, SPLIT_SECONDS, np.random.default_rng(seed))
        seen = at[at > 0]
        when = "–" if not len(seen) else "{:,.0f} ({:,.0f})".format(*np.percentile(seen, [50, 90]))
        print(f"| {true:.0%} | {len(seen) / releases:.4f} | {when} |", flush=True)


def show_together(releases: int, seed: int) -> None:
    print(f"\n| {' | '.join(together.GATES)} | promoted | taken back |\n|-|-|-|-|-|")
    for truths in (("edge", "edge", "edge"), ("edge", "good", "good"), ("good", "good", "good")):
        found = together.decided(truths, releases, SPLIT_SECONDS, np.random.default_rng(seed))
        shares = " | ".join(f"{part.mean():.4f}" for part in found)
        print(f"| {' | '.join(truths)} | {shares} |", flush=True)


def show_compared(releases: int, seed: int) -> None:
    print("\n| stream | judge | promoted | rolled back | candidate requests, median (p90) |")
    print("|-|-|-|-|-|")
    for row in compared(releases, seed):
        print(row, flush=True)


def line(name: str, kind: Kind, releases: int, seed: int) -> str:
    rule, random = rule_of(kind), np.random.default_rng(seed)
    edge = run(rule, look_of(kind, kind.edge, releases, random), releases, kind.edge_looks)
    cells = [name, f"`{kind.gate}`", f"{edge.promoted.mean():.4f}", f"{edge.rolled_back.mean():.4f}"]
    fewer = min(releases, FOR_REQUESTS)
    for truth in (kind.good, kind.bad):
        found = run(rule, look_of(kind, truth, fewer, random), fewer, kind.looks)
        cells += [requests(found), wald_requests(kind, rule, truth, random)]
    return f"| {' | '.join(cells)} |"


def wald_requests(kind: Kind, rule: Rule, truth: Truth, random: np.random.Generator) -> str:
    """Only of what is a share, and straight."""
    if rule.kind == MEAN or rule.f1 or kind.draw == "readings":
        return "–"
    fewer = 500
    looks = look_of(kind, truth, fewer, random)
    streams = stacked(looks, fewer, kind.looks)
    if rule.complement:
        streams = [streams[1] - streams[0], streams[1], streams[3] - streams[2], streams[3]]
        truth = (1 - truth[0], 1 - truth[1])
    return f"{np.median(rivals.wald(streams, rule.line, truth, rule.alpha).requests):,.0f}"


def compared(releases: int, seed: int) -> Iterator[str]:
    """Ours, Argo Rollouts' and Kayenta's on the same streams of failed requests."""
    for name in COMPARED:
        for state in ("good", "edge", "bad"):
            truth: Truth = getattr(KINDS[name], state)
            stream = f"{truth[0]:.1%} beside {truth[1]:.1%}, {state}"
            for judge, found in judges(KINDS[name], truth, releases, seed).items():
                shares = f"{found.promoted.mean():.3f} | {found.rolled_back.mean():.3f}"
                yield f"| {stream} | {judge} | {shares} | {requests(found)} |"


def judges(kind: Kind, truth: Truth, releases: int, seed: int) -> dict[str, Outcome]:
    rule, random = rule_of(kind), np.random.default_rng(seed)
    streams = stacked(look_of(kind, truth, releases, random), releases, COMPARED_SECONDS)

    def look(second: int, which: Any) -> Look:
        k, n, stable_k, stable_n = (one[second, which] for one in streams)
        return k, n, stable_k, stable_n

    found = {"seatrial": run(rule, look, releases, COMPARED_SECONDS)}
    if truth != kind.edge:
        found["Wald bound"] = rivals.wald(streams, rule.line, truth, rule.alpha)
    return {
        **found,
        "Argo Rollouts": rivals.argo(streams, rule.line.shift),
        "Kayenta": rivals.kayenta(streams),
    }


def stacked(look: Callable[[int, Any], Look], releases: int, seconds: int) -> list[Any]:
    """Every second of every release, as four arrays (seconds, releases)."""
    everyone = np.arange(releases)
    parts = zip(*(look(second, everyone) for second in range(seconds)), strict=True)
    return [np.array(part, dtype=float) for part in parts]


def requests(outcome: Outcome) -> str:
    """Median and 90th percentile of all; what stayed open stands with all that it got."""
    median, most = np.percentile(outcome.requests, [50, 90])
    decided = (outcome.promoted | outcome.rolled_back).mean()
    left = "" if decided == 1 else f", {1 - decided:.1%} open"
    return f"{median:,.0f} ({most:,.0f}{left})"


if __name__ == "__main__":
    main()
