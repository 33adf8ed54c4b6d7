"""Where a live gate's evidence comes from: the interface that every file of `providers/` has.

    NAME = "requests"
    SOURCES = frozenset({ERRORS, LATENCIES})          # of `evaluation.sequential.live`
    def batches(live: Live, seen: Seen) -> list[Batch] # pure: what was seen since the last look, in order

A batch is what both arms showed in the same span of time. A provider never drops one for what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.live import Live
from seatrial.gateway.access_log import Second
from seatrial.journal.labels import Pair
from seatrial.journal.readings import Reading
from seatrial.named_tuple import NamedTuple
from seatrial.release import pairing


class Seen(NamedTuple):
    """What happened since the last look, each with the stratum (a time of unchanged weights) it belongs to.

    Revisions are ids. `pairs` are predictions with their labels, `mirrored` both answers to a request,
    `readings` numbers that were measured.
    """

    candidate: str
    stable: str
    seconds: Sequence[tuple[int, Second]] = ()
    pairs: Sequence[tuple[int, Pair]] = ()
    mirrored: Sequence[tuple[int, pairing.Pair]] = ()
    readings: Sequence[tuple[int, Reading]] = ()


class Batch(NamedTuple):
    """Arms of one stratum: what belongs to different weights is never weighed together.

    With `pairs` they are the arms of one pair of answers to the same request, and so many pairs showed them.
    """

    stratum: int
    arms: Arms
    pairs: int = 0


class Provider(Protocol):
    NAME: str
    SOURCES: frozenset[str]

    def batches(self, live: Live, seen: Seen) -> list[Batch]: ...
