"""What `check` says of gates before there are examples."""

from __future__ import annotations

import pytest

from seatrial.errors import Place
from seatrial.evaluation.gate import parse
from seatrial.evaluation.power import Power, power


def one(text: str, **options: object) -> Power:
    return power([parse(text, Place("x"))], **options)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "examples"),
    [
        ("accuracy >= 0.78", 3000),  # (1.96 + .84)^2 * .8 * .2 / .02^2 = 3,136
        ("accuracy >= 0.98", 800),  # halfway to 1: (2.8)^2 * .99 * .01 / .01^2 = 776
        ("accuracy <= 0.5", 5000),  # (2.8)^2 * .48 * .52 / .02^2 = 4,892
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
    assert one("accuracy >= 0.78").sentence == "about 3,000 examples if the truth is 0.8"
    assert one("accuracy >= 0.78", n=4000).sentence.endswith("; 4,000 are enough")
    assert one("accuracy >= 0.78", n=500).sentence.endswith("; 500 are too few")
    assert "in each slice" in one("accuracy >= 0.7 on every domain").sentence
    assert one("f1 >= production").examples is None
    assert "only passes a model that is clearly better" in one("f1 >= production + 0.01").sentence
    assert one("rmse <= production * 1.05").examples is None
    assert one("accuracy >= 0.78", confidence="point").examples == 1


def test_more_confidence_needs_more() -> None:
    assert one("accuracy >= 0.78", confidence="99%").examples == 5000


def test_live_gates_are_not_spoken_of() -> None:
    assert power([parse("error_rate <= 1%", Place("x")), parse("f1 >= stable", Place("x"))]) == ()
