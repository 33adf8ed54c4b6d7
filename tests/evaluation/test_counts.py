"""Joint counts: the same as counting one by one, however many cells there are, in parts or whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seatrial.evaluation import counts
from tests.properties import examples


def as_counter(cells: np.ndarray, number: np.ndarray) -> Counter[tuple[int, ...]]:
    return Counter(dict(zip(map(tuple, cells.T.tolist()), number.tolist(), strict=True)))


@pytest.mark.parametrize(
    "sizes", [(2, 2), (10, 10), (15, 17), (16, 16), (40, 40, 40), (256, 256), (300, 300, 300)]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64])
def test_tally_counts_one_by_one(sizes: tuple[int, ...], dtype: type) -> None:
    random = np.random.default_rng(3)
    columns = [random.integers(0, min(size, 256), 1001).astype(dtype) for size in sizes]
    found = as_counter(*counts.tally(columns, sizes))
    assert found == Counter(zip(*(column.tolist() for column in columns), strict=True))


def test_tally_of_more_than_one_block() -> None:
    column = np.zeros(1_200_001, np.int64)
    column[-1] = 1
    cells, number = counts.tally([column, column], (2, 2))
    assert as_counter(cells, number) == {(0, 0): 1_200_000, (1, 1): 1}


def test_tally_of_nothing() -> None:
    cells, number = counts.tally([np.zeros(0, np.uint8)] * 2, (3, 3))
    assert cells.shape == (2, 0)
    assert number.sum() == 0


@given(
    st.integers(1, 60).flatmap(lambda n: arrays(np.uint8, (3, n), elements=st.integers(0, 3))),
    st.integers(0, 60),
)
@examples(60)
def test_parts_add_up_to_the_whole(columns: np.ndarray, cut: int) -> None:
    labels = ("a", "b", "c", "d")
    whole = counts.count(columns, labels)
    total = counts.add(counts.count(columns[:, :cut], labels), counts.count(columns[:, cut:], labels))
    assert as_counter(total.cells, total.number) == as_counter(whole.cells, whole.number)


@given(st.integers(1, 60).flatmap(lambda n: arrays(np.uint8, (3, n), elements=st.integers(0, 3))))
@examples(60)
def test_slices_are_the_counts_of_their_rows(columns: np.ndarray) -> None:
    labels = ("a", "b", "c", "d")
    slices, *rest = columns
    for value, found in enumerate(counts.count_by_slice(slices, 5, rest, labels)):
        expected = counts.count([column[slices == value] for column in rest], labels)
        assert as_counter(found.cells, found.number) == as_counter(expected.cells, expected.number)


def test_confusion_and_margins() -> None:
    label, predicted, baseline = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 0]), np.zeros(6, int)
    found = counts.count([label, predicted, baseline], ("a", "b", "c"))
    assert found.n == 6
    assert counts.confusion(found).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert counts.confusion(found, counts.BASELINE).tolist() == [[2, 0, 0], [1, 0, 0], [3, 0, 0]]
    margins = counts.margins(found)
    assert [side.tolist() for side in margins] == [[1, 1, 2], [2, 1, 3], [2, 2, 2]]
