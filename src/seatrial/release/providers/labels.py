"""How good the answers were, from labels as they arrive."""

from __future__ import annotations

from seatrial.evaluation.sequential import means
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.live import LABELS, Live, value_of
from seatrial.evaluation.sequential.rule import MEAN
from seatrial.release.provider import Seen

NAME = "labels"
SOURCES = frozenset({LABELS})


def batches(live: Live, seen: Seen) -> list[Arms]:
    """All labels that came since the last look are one batch; of means, several groups of it."""
    candidate, stable = values(live, seen, seen.candidate), values(live, seen, seen.stable)
    if live.rule is not None and live.rule.kind == MEAN:
        return list(means.groups(candidate, stable))
    if not candidate and not stable:
        return []
    return [Arms(sum(candidate), len(candidate), sum(stable), len(stable))]


def values(live: Live, seen: Seen, revision: str) -> list[float]:
    """What each label of a revision's answers adds; what is no number where it has to be one adds nothing."""
    found = []
    for pair in seen.pairs:
        if pair.revision == revision:
            value = measured(live, pair.prediction, pair.label)
            if value is not None:
                found.append(value)
    return found


def measured(live: Live, prediction: str, label: str) -> float | None:
    try:
        return value_of(live.gate, live.cap, prediction, label)
    except ValueError:
        return None
