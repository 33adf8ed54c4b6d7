"""The kinds of gates that are simulated, and what is true in the simulated releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from seatrial.errors import Place
from seatrial.evaluation.gate import parse
from seatrial.evaluation.sequential import latency, readings
from seatrial.evaluation.sequential.live import History
from seatrial.evaluation.sequential.plan import plan
from seatrial.evaluation.sequential.rule import Rule
from seatrial.evaluation.sequential.shadow import paired
from tests.simulations.releases import Look

Truth = tuple[float, float]  # of candidate and stable: what their arms show of what the gate counts


class Kind(NamedTuple):
    """`edge` lies on the gate's line: promoting there is false, and so is rolling back."""

    gate: str
    edge: Truth
    good: Truth
    bad: Truth
    arms: tuple[float, float] = (10, 190)  # units a second
    draw: str = "shares"  # a key of DRAWS
    looks: int = 2000
    edge_looks: int = 2000  # enough for most good ones to be promoted


KINDS = {
    "errors, stable .1%": Kind("error_rate <= stable + 0.5pp", (0.006, 0.001), (0.001, 0.001), (0.05, 0.001)),
    "errors, stable 1%": Kind("error_rate <= stable + 0.5pp", (0.015, 0.01), (0.01, 0.01), (0.05, 0.01)),
    "errors, stable 5%": Kind(
        "error_rate <= stable + 0.5pp", (0.055, 0.05), (0.05, 0.05), (0.10, 0.05), looks=4000
    ),
    "errors, factor": Kind("error_rate <= stable * 1.2", (0.06, 0.05), (0.05, 0.05), (0.10, 0.05)),
    "errors, fixed bar": Kind("error_rate <= 1%", (0.01, 0.01), (0.002, 0.002), (0.05, 0.002)),
    "latency": Kind(
        "latency_p95 <= stable * 1.2", (0.05, 0.05), (0.025, 0.05), (0.15, 0.05), draw="slow"
    ),
    "latency, fixed bar": Kind("latency_p95 <= 200ms", (0.05, 0.05), (0.02, 0.02), (0.15, 0.02)),
    "accuracy": Kind("accuracy >= stable - 0.02", (0.78, 0.80), (0.80, 0.80), (0.70, 0.80), arms=(5, 15)),
    "recall": Kind(
        "recall(a) >= stable * 0.95", (0.855, 0.90), (0.90, 0.90), (0.70, 0.90), arms=(1, 3)
    ),
    "f1": Kind(
        # F1 .80 is a share of 2/3; .75 is one of .6
        "f1(a) >= stable - 0.05", (0.6, 2 / 3), (2 / 3, 2 / 3), (0.45, 2 / 3), arms=(2, 6)
    ),
    "precision, fixed bar": Kind(
        "precision(a) >= 0.9", (0.9, 0.0), (0.95, 0.0), (0.75, 0.0), arms=(2, 0)
    ),
    "mean absolute error": Kind(
        "mean_absolute_error <= stable * 1.1", (1.1, 1.0), (1.0, 1.0), (1.5, 1.0),
        arms=(1, 4), draw="means", looks=5000, edge_looks=5000,
    ),
    "mean error": Kind(
        "mean_error <= stable + 0.2", (0.2, 0.0), (0.0, 0.0), (1.0, 0.0),
        arms=(1, 4), draw="signed", looks=10_000, edge_looks=10_000,
    ),
    "rmse": Kind(
        "rmse <= stable * 1.1", (1.1, 1.0), (1.0, 1.0), (1.5, 1.0),
        arms=(1, 4), draw="squares", looks=15_000, edge_looks=15_000,
    ),
    "errors, shadow": Kind(
        "error_rate <= stable + 0.5pp", (0.015, 0.01), (0.01, 0.01), (0.05, 0.01),
        arms=(1, 1), draw="pairs", looks=12_000, edge_looks=12_000,
    ),
    "latency, shadow": Kind(
        "latency_p95 <= stable * 1.2", (0.05, 0.05), (0.025, 0.05), (0.15, 0.05),
        arms=(1, 1), draw="pairs", looks=6000, edge_looks=6000,
    ),
    "agreement": Kind("agreement >= 0.98", (0.98, 0.0), (0.995, 0.0), (0.9, 0.0), arms=(10, 0)),
    # in parts of the bar
    "drift": Kind("drift <= 0.05", (1.0, 0.0), (0.5, 0.0), (2.0, 0.0), arms=(1, 0), draw="means"),
    "readings": Kind(
        "any number", (0.5, 0.0), (0.05, 0.0), (0.9, 0.0), arms=(1, 0), draw="readings", looks=500
    ),
}  # fmt: skip


def rule_of(kind: Kind) -> Rule:
    if kind.draw == "readings":
        return readings.rule()
    quick = latency.Histogram(((-300, 19_000), (-200, 1_000)))
    live = plan(parse(kind.gate, Place("simulated")), History(latencies=quick, error_size=1.0, labels=200))
    if kind.draw == "pairs":
        live = paired(live)
    assert live.rule is not None
    return live.rule


def look_of(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    return DRAWS[kind.draw](kind, truth, releases, random)


def _shares(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    def look(_second: int, which: Any) -> Look:
        n, stable_n = (random.poisson(rate, len(which)) for rate in kind.arms)
        return random.binomial(n, truth[0]), n, random.binomial(stable_n, truth[1]), stable_n

    return look


def _slow(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    """Stable's quantile came from 20,000 requests, and the candidate's latencies have another shape there."""
    off = random.normal(0, np.sqrt(0.05 * 0.95 / 20_000), releases)
    shares, stable_shares = truth[0] + 1.5 * off, truth[1] + off

    def look(_second: int, which: Any) -> Look:
        n, stable_n = (random.poisson(rate, len(which)) for rate in kind.arms)
        return random.binomial(n, shares[which]), n, random.binomial(stable_n, stable_shares[which]), stable_n

    return look


def _means(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    """Exponential errors of these means, scaled by the cap of 20; one group a look."""
    return _errors(kind, truth, lambda mean, shape: np.minimum(random.exponential(mean, shape), 20) / 20)


def _squares(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    """The same, squared: of root mean squares in this ratio."""
    return _errors(
        kind, truth, lambda mean, shape: (np.minimum(random.exponential(mean, shape), 20) / 20) ** 2
    )


def _signed(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    """Normal errors about these means, of a mean size of 1 where that is 0, between the caps of 20."""
    size = np.sqrt(np.pi / 2)

    def drawn(mean: float, shape: tuple[int, int]) -> Any:
        return (np.clip(random.normal(mean, size, shape) / 20, -1, 1) + 1) / 2

    return _errors(kind, truth, drawn)


def _errors(
    kind: Kind, truth: Truth, drawn: Callable[[float, tuple[int, int]], Any]
) -> Callable[[int, Any], Look]:
    """`drawn` gives values in 0..1 of a mean; one group a look."""

    def look(_second: int, which: Any) -> Look:
        n, stable_n = (np.full(len(which), int(rate)) for rate in kind.arms)
        candidate, stable = (
            drawn(mean, (int(rate), len(which))).sum(axis=0)
            for mean, rate in zip(truth, kind.arms, strict=True)
        )
        return candidate, n, stable, stable_n

    return look


def _pairs(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    """One pair a look. The candidate fails on half of the requests on which stable does, and on others."""
    both = truth[1] / 2
    alone = truth[0] - both

    def look(_second: int, which: Any) -> Look:
        at = random.random(len(which))
        stable = at < truth[1]
        candidate = np.where(stable, at < both, at < truth[1] + alone)
        one = np.ones(len(which))
        return candidate.astype(float), one, stable.astype(float), one

    return look


def _readings(kind: Kind, truth: Truth, releases: int, random: Any) -> Callable[[int, Any], Look]:
    def look(_second: int, which: Any) -> Look:
        nothing = np.zeros(len(which))
        return random.random(len(which)) < truth[0], nothing + 1, nothing, nothing

    return look


DRAWS: dict[str, Callable[[Kind, Truth, int, Any], Callable[[int, Any], Look]]] = {
    "shares": _shares, "slow": _slow, "means": _means, "squares": _squares, "signed": _signed,
    "pairs": _pairs, "readings": _readings,
}  # fmt: skip
