"""What makes two labels, or two ids, the same: one rule for texts, numbers of any type, and every format."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pytest
from hypothesis import given
from hypothesis import strategies as some

from seatrial.evaluation import column
from seatrial.evaluation.labels import in_order, text

SOURCE = column.Source(Path("p.parquet"), "id", 0)


@pytest.mark.parametrize(
    ("same", "label"),
    [
        (["1", "1.0", "1.00", "1e+00", 1, 1.0, Decimal("1.00")], "1"),
        (["0.5", "0.50", "5e-1", "5.0E-1", 0.5, Decimal("0.500")], "0.5"),
        (["0.00001", "1e-05", "1.0e-5", 1e-5, Decimal("1E-5")], "0.00001"),
        (["10000000000000000", "1e+16", "1.0E16", 1e16, Decimal("1E+16")], "10000000000000000"),
        (["0", "-0", "0.0", "-0.0", -0.0, Decimal("-0.00")], "0"),
        (["-1.5", "-1.50", -1.5], "-1.5"),
        (["9007199254740993", 9007199254740993, Decimal(9007199254740993)], "9007199254740993"),
        (["true", "True", "TRUE", True], "true"),
    ],
)
def test_one_label(same: list[object], label: str) -> None:
    assert [text(one) for one in same] == [label] * len(same)


@pytest.mark.parametrize(
    "name",
    [
        "01",
        "007",
        "+1",
        ".5",
        "1.",
        "1e3",
        "12e45",
        "1e+9999",
        "1_0",
        "\N{FULLWIDTH DIGIT ONE}",
        "v1.10",
        "nan",
        "1,5",
        "1 ",
    ],
)
def test_what_is_no_number_stays(name: str) -> None:
    assert text(name) == name


def test_no_label() -> None:
    assert [text(one) for one in (None, "", float("nan"))] == [None] * 3


def test_more_digits_than_python_reads_at_once() -> None:
    assert text("1" * 5000) == "1" * 5000


@given(some.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_itself_however_it_was_written(value: float) -> None:
    shortest = text(value)
    assert shortest is not None
    assert text(repr(value)) == shortest == text(shortest)
    assert float(shortest) == value


@given(some.lists(some.text("0012.e+-E", min_size=1, max_size=9), min_size=1, max_size=20))
def test_ids_follow_the_rule(cells: list[str]) -> None:
    assert column.ids(arrow.array(cells), SOURCE).to_pylist() == [text(cell) for cell in cells]


@pytest.mark.parametrize("kind", [arrow.int64(), arrow.float64(), arrow.decimal128(25, 2), arrow.string()])
def test_ids_of_any_type(kind: Any) -> None:
    found = column.ids(arrow.array([0, 1, 20]).cast(kind), SOURCE).to_pylist()
    assert found == ["0", "1", "20"]


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_of_any_length(kind: Any) -> None:
    known: dict[str, int] = {}
    column.codes(arrow.array(np.array([0.1, 0.5, 1, 0.1], kind)), known, SOURCE)
    assert list(known) == ["0.1", "0.5", "1"]


def test_categories_that_no_cell_has_are_no_labels() -> None:
    """Neither at the first block, nor where the next has another dictionary; null in it or beside it."""
    known: dict[str, int] = {}
    first = arrow.DictionaryArray.from_arrays([3, 1, 3], ["", "b", "unused", "a"])
    second = arrow.DictionaryArray.from_arrays([1, 0], ["a", "c", "also unused"])
    codes = [column.codes(cells, known, SOURCE).tolist() for cells in (first, second)]
    assert list(known) == ["b", "a", "c"]
    assert codes == [[1, 0, 1], [2, 1]]
    empty = arrow.DictionaryArray.from_arrays([2, None, 0, 1], ["x", None, "y", "unused"])
    slices: dict[str, int] = {}
    found = column.codes(empty, slices, SOURCE, optional=True)
    names = list(slices)
    assert [names[code] for code in found] == ["y", "(missing)", "x", "(missing)"]
    assert column.different(empty, SOURCE) == {"x", "y", None}


def test_a_gap_among_as_many_categories_as_8_bits_number() -> None:
    """128 of them, as pandas keeps them in bytes: the gap would be the next number."""
    names = [f"n{index}" for index in range(128)]
    indices = arrow.array([127, None, 0], arrow.int8())
    slices: dict[str, int] = {}
    cells = arrow.DictionaryArray.from_arrays(indices, names)
    assert column.codes(cells, slices, SOURCE, optional=True).tolist() == [1, 2, 0]
    assert list(slices) == ["n0", "n127", column.MISSING]


def test_in_order() -> None:
    assert in_order(["10", "9", "1.5"]) == ["1.5", "9", "10"]
    assert in_order(["b", "10", "a"]) == ["10", "a", "b"]
    assert in_order(["9", "nan", "10"]) == ["10", "9", "nan"]
