"""Hints for misspelt words."""

from __future__ import annotations

from seatrial.pipeline.spelling import closest, did_you_mean


def test_the_nearest_word() -> None:
    assert did_you_mean("stges", ["stages", "project"]) == "did you mean `stages`?"
    assert did_you_mean("STAGES", ["stages"]) == "did you mean `stages`?"
    assert closest("inputs", ["outputs", "input"]) == "input"


def test_of_near_words_one_that_begins_alike_is_meant() -> None:
    assert closest("retries", ["services", "retry", "secrets"]) == "retry"
    assert closest("retries", ["services"]) == "services"


def test_few_words_are_all_named() -> None:
    assert did_you_mean("qqq", ["b", "a", "b"]) == "known here: b, a"


def test_many_words_and_none_are_not() -> None:
    assert did_you_mean("qqq", map(str, range(100))) == ""
    assert did_you_mean("qqq", []) == ""


def test_a_very_long_word_is_compared_with_nothing() -> None:
    assert closest("a" * 100_000, ["a" * 99_999, "a" * 59]) == ""


def test_a_word_is_not_compared_with_very_many() -> None:
    assert closest("s1", [f"s{i}" for i in range(1001)]) == ""
