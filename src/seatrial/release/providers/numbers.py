"""Numbers that a command, a query or the gateway gives, one reading after the other."""

from __future__ import annotations

from seatrial.evaluation.sequential import readings
from seatrial.evaluation.sequential.live import NUMBERS, Live
from seatrial.release.provider import Batch, Seen

NAME = "numbers"
SOURCES = frozenset({NUMBERS})


def batches(live: Live, seen: Seen) -> list[Batch]:
    """One for each reading of the gate's own metric. What could not be measured is no reading."""
    return [
        Batch(stratum, readings.reading(readings.is_kept(live.gate, one.value)))
        for stratum, one in seen.readings
        if one.metric == live.gate.metric and one.value is not None
    ]
