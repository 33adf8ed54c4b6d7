"""Any text as a gate, any bytes as a file: a value or BadInput. The campaigns are in tests/fuzz."""

from __future__ import annotations

import io
import json

import pyarrow as arrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from seatrial.errors import BadInput, Place
from seatrial.evaluation.gate import parse
from tests.fuzz.evaluation import FORMATS, fuzz_dataset, fuzz_gate
from tests.properties import examples

WORDS = st.sampled_from(("accuracy", "f1", "auc", "rmse", "latency_p95", "production", "stable", "on")) | (
    st.sampled_from(
        ("every", "domain", "0.78", "78%", "2pp", "250ms", "'a b'", "1e9", "-1", ">=", *"()<*-+='é.")
    )
)
CELLS = st.sampled_from(
    ["a", "b", "1", "1.0", "0.5", "", "nan", "inf", "1e60", '"', "é", "x" * 50, "-0.0", "\0"]
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6)
TYPED = st.sampled_from(
    [None, True, 1, 2, 0.5, float("nan"), float("inf"), "a", "b", "", [1], {"x": 1}, 10**30]
)
ARRAYS = st.lists(st.sampled_from([None, "a", "b", ""]), min_size=3, max_size=3) | st.lists(
    st.sampled_from([None, 0.5, 1.0, 2.0, float("nan"), 1e300]), min_size=3, max_size=3
)


def choice(ending: str, task: int) -> bytes:
    return bytes([FORMATS.index(ending) + task * len(FORMATS)])


@given(st.text(max_size=60) | st.lists(WORDS, max_size=9).map(" ".join))
@examples(300)
def test_gate(text: str) -> None:
    fuzz_gate(text.encode("utf-8", "replace"))


@given(st.binary(max_size=300))
@examples(100)
def test_bytes(data: bytes) -> None:
    fuzz_dataset(data)


@given(ROWS, st.integers(0, 2))
@examples(100)
def test_csv(rows: list[list[str]], task: int) -> None:
    text = "id,label,prediction,score\n" + "".join(",".join(row) + "\n" for row in rows)
    fuzz_dataset(choice(".csv", task) + text.encode())


NUMBERS = st.sampled_from(["0", "1", "2", "-1.5", "1e50", "-1e50", "1e-300", "0.1"])


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=4))
@examples(100)
def test_few_numbers(rows: list[tuple[str, str]]) -> None:
    text = "label,prediction\n" + "".join(",".join(row) + "\n" for row in rows)
    fuzz_dataset(choice(".csv", 2) + text.encode())


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("abc"), NUMBERS), min_size=1, max_size=4))
@examples(100)
def test_few_labels(rows: list[tuple[str, str, str]]) -> None:
    text = "label,prediction,score\n" + "".join(",".join(row) + "\n" for row in rows)
    fuzz_dataset(choice(".csv", 1) + text.encode())


@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "label", "prediction", "score"]), TYPED)),
    st.integers(0, 2),
)
@examples(100)
def test_jsonl(rows: list[dict[str, object]], task: int) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    fuzz_dataset(choice(".jsonl", task) + text.encode())


@given(ARRAYS, ARRAYS, st.integers(0, 2), st.integers(0, 400))
@examples(60)
def test_parquet(label: list[object], prediction: list[object], task: int, cut: int) -> None:
    """Whole, or with its end cut off."""
    written = io.BytesIO()
    parquet.write_table(arrow.table({"label": label, "prediction": prediction}), written)
    content = written.getvalue()
    fuzz_dataset(choice(".parquet", task) + (content[:-cut] if cut > 100 else content))


def test_a_gate_that_is_a_long_text() -> None:
    with pytest.raises(BadInput, match="at most 1000 characters"):
        parse("accuracy >= 0." + "7" * 5000, Place("seatrial.yaml", 1, 1))
