"""About how many examples each gate needs: what `check` prints before anyone waits. Pure and light."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor, log10, sqrt

from seatrial.evaluation.all_metrics import ALL_METRICS, metric
from seatrial.evaluation.gate import Gate
from seatrial.evaluation.significance.means import LEAST_FOR_A_LEVEL
from seatrial.evaluation.verdict import alpha_of
from seatrial.named_tuple import NamedTuple

# What is typical where nothing is known: the model is 2 points better than its bar; one example in ten is
# answered differently by candidate and baseline.
DISTANCE = 0.02
DISCORDANT = 0.10

_POWER = 0.84


class Power(NamedTuple):
    """What one gate needs. `examples` is None where nothing can be said before there are examples."""

    gate: str
    examples: int | None
    sentence: str


def power(gates: Iterable[Gate], *, confidence: str = "") -> tuple[Power, ...]:
    """For each gate that is not live."""
    alpha = alpha_of(confidence)
    return tuple(_one(gate, alpha) for gate in gates if not gate.live and gate.metric in ALL_METRICS)


def _one(gate: Gate, alpha: float | None) -> Power:
    if alpha is None:
        return Power(gate.text, 1, "compares the value itself, however few the examples")
    found = metric(gate.metric)
    if gate.metric == "max_error":
        return Power(gate.text, 1, "compares the largest error seen, however few the examples")
    if found.BOUNDS != (0.0, 1.0):
        if gate.threshold is None:
            return Power(gate.text, None, "depends on how the errors spread")
        sentence = f"at least {LEAST_FOR_A_LEVEL} examples; how many depends on how the errors spread"
        return Power(gate.text, LEAST_FOR_A_LEVEL, sentence)
    (at_bar, at_truth), gap, if_ = _share(gate)
    if gap <= 0:
        return Power(gate.text, None, "only passes a model that is clearly better; how much better decides")
    examples = _rounded_up(((_normal(alpha) * at_bar + _POWER * at_truth) / gap) ** 2)
    within = " in each slice" if gate.slice_column and gate.slice_value is None else ""
    return Power(gate.text, examples, f"about {examples:,} examples{within} {if_}")


def _share(gate: Gate) -> tuple[tuple[float, float], float, str]:
    """The spread of one example (at the bar, and in truth), the gap to be seen, under which assumption."""
    if gate.threshold is None:
        margin = gate.margin if gate.comparison in ("<", "<=") else -gate.margin
        return (
            (sqrt(DISCORDANT), sqrt(DISCORDANT)),
            margin,
            f"if it equals {gate.baseline} and they differ on 1 in 10",
        )
    better = gate.comparison in (">", ">=")
    room = 1 - gate.threshold if better else gate.threshold
    gap = min(DISTANCE, room / 2)
    value = gate.threshold + gap if better else gate.threshold - gap
    at_bar, at_truth = (sqrt(share * (1 - share)) for share in (gate.threshold, value))
    return (at_bar, at_truth), gap, f"if the truth is {value:.3g}"


def _rounded_up(value: float) -> int:
    """To two digits, and never down: fewer would decide less often than is promised."""
    scale: int = 10 ** max(floor(log10(value)) - 1, 0)
    return ceil(value / scale) * scale


def _normal(alpha: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - alpha / 2)
