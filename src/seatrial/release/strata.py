"""Times of unchanged weights: what belongs to different ones is never weighed together. Pure.

Nor is what came while the gateway may have given a candidate's requests to stable, as nobody drove.

Pooled over a ramp, equal arms were rolled back in 42% of releases when the rate of failures rose meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seatrial.named_tuple import NamedTuple

# When other weights are in force, requests that began before may still come in; those of this time count for
# neither stratum.
BLURRED_SECONDS = 2.0


Gap = tuple[float, float]


class Stratum(NamedTuple):
    """From `since` on the candidate had `weight` percent."""

    since: float
    weight: int


def gaps_of(body: Mapping[str, Any]) -> list[Gap]:
    """Those that a release has kept."""
    return [(begin, end) for begin, end in body.get("undriven", ())]


def begun(strata: Sequence[Stratum], now: float, weight: int) -> tuple[Stratum, ...]:
    """The strata, with another one where `weight` is seen to be in force and was not before."""
    if strata and strata[-1].weight == weight:
        return tuple(strata)
    return (*strata, Stratum(now + BLURRED_SECONDS / 2, weight))


def of_time(strata: Sequence[Stratum], at: float, gaps: Iterable[Gap] = ()) -> int | None:
    """The number of the stratum of a second that begins at `at`.

    None before the first, where two of them blur, and in a gap.
    """
    if any(begin - 1.0 < at <= end for begin, end in gaps):
        return None
    found = None
    for number, stratum in enumerate(strata):
        if stratum.since - BLURRED_SECONDS < at <= stratum.since:
            return None
        if stratum.since < at:
            found = number
    return found


def joined(gaps: Iterable[Gap]) -> list[Gap]:
    """Gaps in order, and those that meet as one."""
    found: list[Gap] = []
    for begin, end in sorted((begin, end) for begin, end in gaps):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
