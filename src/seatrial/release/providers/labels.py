"""How good the answers were, from labels as they arrive."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.evaluation.sequential import means
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.live import LABELS, Live, value_of
from seatrial.evaluation.sequential.rule import MEAN
from seatrial.journal.labels import Pair
from seatrial.release.provider import Batch, Seen

NAME = "labels"
SOURCES = frozenset({LABELS})


# A bet is made before each batch, from those before it: of a whole file in one batch it could learn nothing.
# The size depends on nothing that the labels say.
MOST_AT_ONCE = 20


def batches(live: Live, seen: Seen) -> list[Batch]:
    """The labels of each stratum that came since the last look, a few at a time, in the order they came."""
    found: list[Batch] = []
    for stratum in sorted({stratum for stratum, _ in seen.pairs}):
        pairs = [pair for own, pair in seen.pairs if own == stratum]
        for first in range(0, len(pairs), MOST_AT_ONCE):
            some = pairs[first : first + MOST_AT_ONCE]
            candidate, stable = values(live, some, seen.candidate), values(live, some, seen.stable)
            found += [Batch(stratum, arms) for arms in grouped(live, candidate, stable)]
    return found


def grouped(live: Live, candidate: list[float], stable: list[float]) -> Sequence[Arms]:
    if live.rule is not None and live.rule.kind == MEAN:
        return means.groups(candidate, stable)
    if not candidate and not stable:
        return ()
    return (Arms(sum(candidate), len(candidate), sum(stable), len(stable)),)


def values(live: Live, pairs: Sequence[Pair], revision: str) -> list[float]:
    """What each label of a revision's answers adds, of those that the gate counts."""
    own = (
        value_of(live.gate, live.cap, one.prediction, one.label) for one in pairs if one.revision == revision
    )
    return [value for value in own if value is not None]
