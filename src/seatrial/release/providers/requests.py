"""Failed and slow requests, second by second, from the gateway's access log."""

from __future__ import annotations

from math import ceil, log

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.latency import Bar, Histogram
from seatrial.evaluation.sequential.live import ERRORS, LATENCIES, Live
from seatrial.gateway.access_log import Second
from seatrial.release.provider import Batch, Seen

NAME = "requests"
SOURCES = frozenset({ERRORS, LATENCIES})

_STEP = log(1.01)


def batches(live: Live, seen: Seen) -> list[Batch]:
    """One batch for each second in which either arm had a request."""
    found: dict[int, Batch] = {}
    for stratum, second in seen.seconds:
        if second.revision in (seen.candidate, seen.stable):
            before = found.get(second.at, Batch(stratum, Arms())).arms
            arms = joined(before, live, second, is_candidate=second.revision == seen.candidate)
            found[second.at] = Batch(stratum, arms)
    return [found[at] for at in sorted(found)]


def joined(before: Arms, live: Live, second: Second, *, is_candidate: bool) -> Arms:
    if live.source == ERRORS:
        bad, n = second.failed, second.requests
    else:
        assert live.bar is not None
        bad, n = slow(second.latencies, live.bar, is_candidate), second.latencies.n
    if is_candidate:
        return before._replace(candidate=before.candidate + bad, candidate_n=before.candidate_n + n)
    return before._replace(stable=before.stable + bad, stable_n=before.stable_n + n)


def slow(latencies: Histogram, bar: Bar, is_candidate: bool) -> int:
    """How many took longer than the bar, to within the 1% of a bucket."""
    last = ceil(log(bar.candidate if is_candidate else bar.stable) / _STEP - 1e-9)
    found = 0
    for bucket, count in reversed(latencies.buckets):  # few of them are slow
        if bucket <= last:
            break
        found += count
    return found
