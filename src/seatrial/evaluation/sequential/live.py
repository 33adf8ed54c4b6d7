"""A gate as it is judged live: what is counted and tested, and what of stable's past is frozen for it."""

from __future__ import annotations

from math import inf, isfinite, nan

from seatrial.evaluation.gate import Gate
from seatrial.evaluation.sequential.latency import Bar, Histogram
from seatrial.evaluation.sequential.rule import Rule
from seatrial.named_tuple import NamedTuple

ERRORS, LATENCIES, LABELS, PAIRS, NUMBERS = "errors", "latencies", "labels", "pairs", "numbers"


class History(NamedTuple):
    """What stable showed before the candidate started; frozen with the plan. All of it may be missing."""

    failed: int = 0  # of `requests`
    requests: int = 0
    latencies: Histogram = Histogram()
    error_size: float = 0.0  # mean of |prediction - label| over ...
    labels: int = 0  # ... so many labelled predictions
    dispersion: float = 1.0  # of failures in bursts: see `bursts`


class Live(NamedTuple):
    """`rule` is None while `waiting` says what of stable's past is missing: the gate is inconclusive then."""

    gate: Gate
    source: str  # ERRORS, LATENCIES, LABELS, PAIRS (of answers to the same request), NUMBERS (readings)
    counts: str  # in words: "failed requests"
    rule: Rule | None
    waiting: str = ""
    bar: Bar | None = None  # of latencies
    cap: float = nan  # at which an error is cut, for means


def value_of(gate: Gate, cap: float, prediction: str, label: str) -> float | None:
    """What one labelled prediction adds to its arm's sum; None where the gate does not count it at all.

    Of pairs, `label` is stable's prediction.
    """
    if gate.metric in ("mean_absolute_error", "rmse", "mean_error", "drift"):
        return _scaled_error(gate, cap, number(prediction), number(label))
    positive = gate.option
    if gate.metric == "precision" and positive != "micro":
        return float(label == positive) if prediction == positive else None
    if gate.metric == "recall" and positive != "micro":
        return float(prediction == positive) if label == positive else None
    if gate.metric == "f1" and positive != "micro":
        return float(prediction == label) if positive in (prediction, label) else None
    return float(prediction == label)


def number(text: str) -> float | None:
    """The finite number that a text is; None where it is none."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if isfinite(found) else None


def _scaled_error(gate: Gate, cap: float, given: float | None, wanted: float | None) -> float | None:
    """An error, cut at the cap, as a value in 0..1. An answer that is no number is as wrong as is counted."""
    if wanted is None:
        return None
    worst = -inf if gate.comparison in (">=", ">") else inf
    cut = min(max(worst if given is None else given - wanted, -cap), cap) / cap
    if gate.metric == "mean_error":
        return (cut + 1) / 2
    return cut * cut if gate.metric == "rmse" else abs(cut)
