"""Bets on means, and the groups they are made on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.evaluation.sequential import means
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.rule import MEAN, STAKES, Rule

VALUES = st.lists(st.floats(0, 1), max_size=120)


@given(VALUES, VALUES)
def test_groups_hold_every_value_once_and_none_is_empty(candidate: list[float], stable: list[float]) -> None:
    found = means.groups(candidate, stable)
    assert sum(one.candidate_n for one in found) == len(candidate)
    assert sum(one.stable_n for one in found) == len(stable)
    assert sum(one.candidate for one in found) == pytest.approx(sum(candidate))
    assert sum(one.stable for one in found) == pytest.approx(sum(stable))
    assert len(found) <= means.MOST_GROUPS
    if candidate and stable:
        assert all(one.candidate_n and one.stable_n for one in found)
        assert len(found) == min(len(candidate), len(stable), means.MOST_GROUPS)


def test_groups_without_stable() -> None:
    assert means.groups([0.5, 0.25], []) == (Arms(0.5, 1, 0, 0), Arms(0.25, 1, 0, 0))
    assert means.groups([], []) == (Arms(),)


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([Line(1, 0.1), Line(1.2, 0), Line(0, 0.2), Line(1, -0.1)]),
)
def test_no_bet_can_lose_everything(candidate: float, stable: float, line: Line) -> None:
    rule = Rule(MEAN, line, bad_bets=STAKES, good_bets=STAKES, equal=0.0)
    bad, good = means.bets(rule, Arms(candidate, 1, stable, 1))
    assert min(*bad, *good) > -2.4  # ln(1 - .9) = -2.303
