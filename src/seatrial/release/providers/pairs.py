"""What candidate and stable answered to the same requests: mirrored ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seatrial.evaluation.labels import text
from seatrial.evaluation.sequential import means
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.live import PAIRS, Live, value_of
from seatrial.evaluation.sequential.rule import MEAN
from seatrial.evaluation.sequential.shadow import is_drift
from seatrial.gateway.log_line import Line
from seatrial.release.pairing import Pair
from seatrial.release.provider import Batch, Seen

NAME = "pairs"
SOURCES = frozenset({PAIRS})

# What a pair adds to the sums of candidate and stable.
Value = tuple[float, float]


def batches(live: Live, seen: Seen) -> list[Batch]:
    """The pairs of each stratum that became complete since the last look."""
    found: list[Batch] = []
    for stratum in sorted({stratum for stratum, _ in seen.mirrored}):
        shown = (value(live, pair) for own, pair in seen.mirrored if own == stratum)
        values = [one for one in shown if one is not None]
        if values:
            found += grouped(live, stratum, values)
    return found


def grouped(live: Live, stratum: int, values: Sequence[Value]) -> list[Batch]:
    """Pair by pair where the gate compares them; else all at once."""
    ours, theirs = [one for one, _ in values], [other for _, other in values]
    if is_drift(live):
        return [Batch(stratum, arms) for arms in means.groups(ours, ())]
    if live.rule is not None and live.rule.kind == MEAN:
        outcomes = sorted(Counter(values).items())
        return [Batch(stratum, Arms(one, 1, other, 1), pairs=n) for (one, other), n in outcomes]
    return [Batch(stratum, Arms(sum(ours), len(values), sum(theirs), len(values)))]


def value(live: Live, pair: Pair) -> Value | None:
    """None for a pair that the gate does not count."""
    if live.gate.metric == "agreement":
        return agreed(pair)
    if live.gate.metric == "error_rate":
        return float(pair.candidate.failed), float(pair.stable.failed)
    return drifted(live, pair) if is_drift(live) else slow(live, pair)


def agreed(pair: Pair) -> Value | None:
    """Where stable predicted something; a candidate that then fails, or predicts nothing, does not agree."""
    wanted = prediction(pair.stable)
    return (float(prediction(pair.candidate) == wanted), 1.0) if wanted else None


def drifted(live: Live, pair: Pair) -> Value | None:
    """Where stable predicted a number; a candidate that then gives none is as far away as is counted."""
    far = value_of(live.gate, live.cap, prediction(pair.candidate), prediction(pair.stable))
    return None if far is None else (far, 0.0)


def slow(live: Live, pair: Pair) -> Value | None:
    """Where both answered at all."""
    ours, theirs = pair.candidate.microseconds, pair.stable.microseconds
    if live.bar is None or ours is None or theirs is None:
        return None
    return float(ours / 1e6 > live.bar.candidate), float(theirs / 1e6 > live.bar.stable)


def prediction(line: Line) -> str:
    return "" if line.failed else text(line.prediction) or ""
