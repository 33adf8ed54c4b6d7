"""What `check` says of gates before there are examples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seatrial.errors import Place
from seatrial.evaluation.gate import parse
from seatrial.evaluation.power import Power, power


def one(text: str, **options: str) -> Power:
    return power([parse(text, Place("x"))], **options)[0]


@pytest.mark.parametrize(
    ("text", "examples"),
    [
        ("accuracy >= 0.78", 3300),  # ((1.96 sqrt(.78 * .22) + .84 sqrt(.8 * .2)) / .02)^2 = 3,294
        (
            "accuracy >= 0.98",
            1300,
        ),  # halfway to 1: ((1.96 sqrt(.98 * .02) + .84 sqrt(.99 * .01)) / .01)^2 = 1,281
        ("accuracy <= 0.5", 4900),  # ((1.96 * .5 + .84 sqrt(.48 * .52)) / .02)^2 = 4,898
        ("f1 >= production - 0.02", 2000),  # (2.8)^2 * .1 / .02^2 = 1,960
        ("max_error <= 5", 1),
        ("mean_absolute_error <= 2", 200),
    ],
)
def test_examples(text: str, examples: int) -> None:
    found = one(text)
    assert found.gate == text
    assert found.examples == examples


def test_sentences() -> None:
    assert one("accuracy >= 0.78").sentence == "about 3,300 examples if the truth is 0.8"
    assert "in each slice" in one("accuracy >= 0.7 on every domain").sentence
    assert one("f1 >= production").examples is None
    assert "only passes a model that is clearly better" in one("f1 >= production + 0.01").sentence
    assert one("rmse <= production * 1.05").examples is None
    assert one("accuracy >= 0.78", confidence="point").examples == 1


def test_more_confidence_needs_more() -> None:
    assert one("accuracy >= 0.78", confidence="99%").examples == 5000


def test_live_gates_are_not_spoken_of() -> None:
    assert power([parse("error_rate <= 1%", Place("x")), parse("f1 >= stable", Place("x"))]) == ()


@pytest.mark.parametrize(
    ("text", "bar", "truth"),
    [("accuracy >= 0.9", 0.9, 0.92), ("accuracy >= 0.78", 0.78, 0.8), ("accuracy >= 0.98", 0.98, 0.99)],
)
def test_so_many_examples_decide_as_often_as_is_promised(text: str, bar: float, truth: float) -> None:
    """By the exact distribution: how often the lower end of Clopper-Pearson is above the bar."""
    n = one(text).examples
    assert n is not None
    right = np.arange(n + 1)
    low = np.concatenate([[0.0], stats.beta.ppf(0.025, right[1:], n - right[1:] + 1)])
    assert stats.binom.pmf(right[low >= bar], n, truth).sum() > 0.78
