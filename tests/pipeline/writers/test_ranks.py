"""Stages as ranks, and names as words."""

from __future__ import annotations

from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.ranks import ranks
from tests.pipeline.stages import stage


def test_ranks_follow_the_longest_way_and_say_who_waits_for_more() -> None:
    stages = (stage("late", "b"), stage("a"), stage("b", "a"), stage("alone"), stage("after", "alone"))
    groups, waits = ranks(stages)
    assert [[one.name for one in group] for group in groups] == [["a", "alone"], ["b", "after"], ["late"]]
    assert [one.name for one in waits] == ["late", "b", "after"]


def test_a_chain_waits_for_nothing_else() -> None:
    assert ranks((stage("a"), stage("b", "a")))[1] == ()


def test_identifiers_are_words_and_never_alike() -> None:
    names = ("train (size=s)", "train [size=s]", "3.10", "Cache", "…")
    assert list(identifiers(names, ("cache",)).values()) == [
        "train-size-s",
        "train-size-s-2",
        "stage-3-10",
        "Cache-2",
        "stage",
    ]
