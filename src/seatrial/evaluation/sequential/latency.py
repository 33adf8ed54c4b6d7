"""Latencies by counts: a histogram with buckets of 1%, and stable's quantile, frozen beforehand.

A gate on a quantile asks for the share of requests slower than a fixed bar, of both arms at the same time.
The bar must not move while it is used: with a running quantile of a small stable arm, an equal candidate at
the boundary was promoted in up to 16% of releases where 1% was promised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, log

from seatrial.named_tuple import NamedTuple

LEAST = 20_000  # requests of stable behind a frozen quantile

_STEP = log(1.01)


class Histogram(NamedTuple):
    """Bucket i holds the seconds in (1.01^(i-1), 1.01^i]: how many, by i, in rising order."""

    buckets: tuple[tuple[int, int], ...] = ()

    @property
    def n(self) -> int:
        return sum(count for _index, count in self.buckets)


class Bar(NamedTuple):
    """Slow is what takes longer than this, in seconds."""

    candidate: float
    stable: float


def histogram(seconds: Iterable[float]) -> Histogram:
    counts: dict[int, int] = {}
    for value in seconds:
        index = ceil(log(max(value, 1e-9)) / _STEP)
        counts[index] = counts.get(index, 0) + 1
    return _sorted(counts)


def merge(one: Histogram, other: Histogram) -> Histogram:
    counts = dict(one.buckets)
    for index, count in other.buckets:
        counts[index] = counts.get(index, 0) + count
    return _sorted(counts)


def quantile(histogram: Histogram, share: float) -> float | None:
    """The upper end of the bucket that the quantile lies in, in seconds; None of nothing."""
    wanted, seen = share * histogram.n, 0
    for index, count in histogram.buckets:
        seen += count
        if seen >= wanted:
            return float(1.01**index)
    return None


def above(histogram: Histogram, bar: float) -> float:
    """The share of what took longer than the bar, to within a bucket; 0 of nothing."""
    last = ceil(log(bar) / _STEP - 1e-9)
    return sum(count for index, count in histogram.buckets if index > last) / (histogram.n or 1)


def slow(seconds: Iterable[float], bar: float) -> int:
    """How many took longer than the bar."""
    return sum(1 for value in seconds if value > bar)


def _sorted(counts: Mapping[int, int]) -> Histogram:
    return Histogram(tuple(sorted(counts.items())))
