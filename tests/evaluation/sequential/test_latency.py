"""Histograms of latencies, and their quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.evaluation.sequential import latency
from seatrial.evaluation.sequential.latency import Histogram
from tests.properties import examples

SECONDS = st.lists(st.floats(1e-4, 100), min_size=1, max_size=200)


@examples(50)
@given(SECONDS, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_a_quantile_is_right_to_one_percent(seconds: list[float], share: float) -> None:
    exact = float(np.quantile(seconds, share, method="inverted_cdf"))
    found = latency.quantile(latency.histogram(seconds), share)
    assert found is not None
    assert exact * 0.999999 <= found <= exact * 1.0100001


@examples(25)
@given(SECONDS, SECONDS)
def test_merging_is_counting_together(one: list[float], other: list[float]) -> None:
    together = latency.merge(latency.histogram(one), latency.histogram(other))
    assert together == latency.histogram([*other, *one])
    assert together.n == len(one) + len(other)


def test_nothing() -> None:
    assert latency.quantile(Histogram(), 0.95) is None
    assert latency.above(Histogram(), 0.2) == 0
    assert latency.histogram([0.0]).n == 1


def test_slow() -> None:
    seconds = [0.1, 0.2, 0.2000001, 0.5]
    assert latency.slow(seconds, 0.2) == 2
    assert latency.above(latency.histogram(seconds), 0.25) == pytest.approx(0.25)
    assert latency.above(latency.histogram([0.1] * 3 + [0.9]), 0.3) == 0.25
    bar = latency.quantile(latency.histogram([0.1] * 95 + [0.9] * 5), 0.95)
    assert bar is not None
    assert latency.above(latency.histogram([0.1] * 95 + [0.9] * 5), bar) == 0.05
