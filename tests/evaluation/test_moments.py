"""Moments of errors: those of numpy on all rows at once, also far from 0, in parts or whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.evaluation import moments
from seatrial.evaluation.moments import ABSOLUTE, ERROR, LABEL, Moments
from tests.properties import examples


def example(n: int, offset: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    label = random.normal(offset, 1, n)
    return label, label + random.normal(0.1, 1, n), label + random.normal(0, 2, n)


def same(one: Moments, other: Moments) -> None:
    assert one.n == other.n
    for field in ("mean", "scatter", "third", "high"):
        np.testing.assert_allclose(getattr(one, field), getattr(other, field), rtol=1e-9, atol=1e-9)


def test_they_are_those_of_all_rows() -> None:
    label, ours, theirs = example(300_000)
    found = moments.measure(label, [ours, theirs], label[0])
    error = ours - label
    assert found.n == 300_000
    assert found.mean[ERROR] == pytest.approx(error.mean())
    assert found.high[ABSOLUTE] == np.abs(error).max()
    assert found.third[ABSOLUTE] == pytest.approx(((np.abs(error) - np.abs(error).mean()) ** 3).sum())
    expected = np.cov(np.abs(error), np.abs(theirs - label), ddof=0) * 300_000
    assert found.scatter[ABSOLUTE, moments.BASE_ABSOLUTE] == pytest.approx(expected[0, 1])


def test_far_from_zero_nothing_cancels() -> None:
    label, ours, _theirs = example(10_000, offset=1e9)
    found = moments.measure(label, [ours], label[0])
    assert found.scatter[LABEL, LABEL] / found.n == pytest.approx(label.var(), rel=1e-9)


@given(st.integers(1, 40), st.integers(0, 40))
@examples(40)
def test_parts_add_up_to_the_whole(n: int, cut: int) -> None:
    columns = example(n)
    label, ours, theirs = columns
    whole = moments.measure(label, [ours, theirs], 0.0)
    parts = [
        moments.measure(label[part], [ours[part], theirs[part]], 0.0)
        for part in (slice(cut), slice(cut, None))
    ]
    same(moments.add(*parts), whole)


def test_slices_are_the_moments_of_their_rows() -> None:
    label, ours, _theirs = example(500)
    slices = np.random.default_rng(1).integers(0, 3, 500)
    found = moments.measure_by_slice(slices, 4, label, [ours], 0.0)
    for value in range(3):
        rows = slices == value
        same(found[value], moments.measure(label[rows], [ours[rows]], 0.0))
    assert found[3].n == 0


def test_variance_of_a_mean() -> None:
    label, ours, theirs = example(1000)
    found = moments.measure(label, [ours, theirs], 0.0)
    difference = np.abs(ours - label) - 1.05 * np.abs(theirs - label)
    expected = difference.var(ddof=1) / 1000
    weights = {ABSOLUTE: 1.0, moments.BASE_ABSOLUTE: -1.05}
    assert moments.variance_of_mean(found, weights) == pytest.approx(expected)
