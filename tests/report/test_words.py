from __future__ import annotations

import pytest

from seatrial.report import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.8421, "0.8421"),
        (1.5, "1.500"),
        (12.3, "12.30"),
        (1234567.0, "1,234,567"),
        (0.0, "0.0000"),
        (0.00001, "1.00e-05"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0.024, "0.02s"), (9.999, "10.0s"), (12.34, "12.3s"), (245.0, "4m 05s"), (7800.0, "2h 10m")],
)
def test_durations(value: float | None, text: str) -> None:
    assert words.seconds(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (512, "512 B"), (1536, "1.5 KiB"), (2 << 30, "2.0 GiB"), (3 << 40, "3.0 TiB")],
)
def test_sizes(count: int, text: str) -> None:
    assert words.size(count) == text


def test_cutting_counts_columns() -> None:
    assert words.cut("abcdef", 6) == "abcdef"
    assert words.cut("abcdefg", 6) == "abcde…"
    assert words.cut("訓練訓練", 5) == "訓練…"
    assert words.cut("one\ntwo", 9) == "one"


def test_a_hostile_label_is_cut_at_once() -> None:
    """Sign by sign from its end would take hours."""
    name = "a" * 3_000_000
    assert words.distinct([name, "b"], 9) == ["aaaaaaaa…", "b"]


@pytest.mark.parametrize(("count", "text"), [(0, "0 examples"), (1, "1 example"), (1200, "1,200 examples")])
def test_examples(count: int, text: str) -> None:
    assert words.examples(count) == text


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("cat", "dog"), ["cat", "dog"]),
        (("a very long label", "dog"), ["a very long…", "dog"]),
        (("customer-service-open", "customer-service-closed"), ["custo…e-open", "custo…closed"]),
        (("x" * 20 + "a" + "y" * 20, "x" * 20 + "b" + "y" * 20), ["xxxxxxxxxx…1", "xxxxxxxxxx…2"]),
        (("漢字" * 9 + "a", "漢字" * 9 + "b"), ["漢字漢…漢字a", "漢字漢…漢字b"]),
    ],
)
def test_what_is_cut_stays_distinct(texts: tuple[str, ...], found: list[str]) -> None:
    assert words.distinct(texts, 12) == found
    assert all(words.columns(text) <= 12 for text in found)
