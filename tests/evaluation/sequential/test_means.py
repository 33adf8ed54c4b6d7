"""Bets on means: against every outcome of small batches; and the groups they are made on."""

from __future__ import annotations

from itertools import product
from math import exp, fsum
from operator import mul

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial

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


VALUES_SEEN = (0.0, 0.25, 1.0)
LINES = [Line(1, 0.1), Line(1.2, 0.0), Line(0, 0.2), Line(1, -0.1), Line(0.9, 0.3)]
Shape = tuple[float, float, float]
SHAPES: list[Shape] = [
    (0.9, 0.1, 0.0), (0.6, 0.2, 0.2), (0.1, 0.8, 0.1), (0.0, 0.0, 1.0), (0.8, 0.0, 0.2), (0.3, 0.3, 0.4),
]  # fmt: skip
RULE = Rule(MEAN, Line(1, 0), bad_bets=STAKES, good_bets=STAKES, equal=0.0)


def outcomes(shape: Shape, n: int) -> list[tuple[float, float]]:
    """Every sum of n values, and scipy's probability of it."""
    counts = [one for one in product(range(n + 1), repeat=len(VALUES_SEEN)) if sum(one) == n]
    return [(fsum(map(mul, one, VALUES_SEEN)), float(multinomial.pmf(one, n, shape))) for one in counts]


def mean_wealth(line: Line, ours: Shape, theirs: Shape, n: int, m: int, which: int) -> list[float]:
    """Over all outcomes, of each stake by itself: against the null of the bad (0) and of the good (1)."""
    found = [0.0] * len(STAKES)
    for (mine, mine_p), (other, other_p) in product(outcomes(ours, n), outcomes(theirs, m)):
        bets = means.bets(RULE._replace(line=line), Arms(mine, n, other, m))[which]
        found = [sum_ + mine_p * other_p * exp(bet) for sum_, bet in zip(found, bets, strict=True)]
    return found


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 3), (3, 2)])
def test_the_mean_of_every_bet_is_at_most_one_wherever_its_null_is_true(line: Line, n: int, m: int) -> None:
    """All outcomes of small batches, on both sides of the line, and on it."""
    sides = set()
    for ours, theirs in product(SHAPES, SHAPES):
        mine, other = (fsum(map(mul, shape, VALUES_SEEN)) for shape in (ours, theirs))
        beyond = mine - line.at(other)
        if beyond < 1e-12:
            assert max(mean_wealth(line, ours, theirs, n, m, 0)) <= 1 + 1e-9, (ours, theirs)
        if beyond > -1e-12:
            assert max(mean_wealth(line, ours, theirs, n, m, 1)) <= 1 + 1e-9, (ours, theirs)
        sides.add(beyond > 0)
    assert sides == {True, False}


@pytest.mark.parametrize("line", LINES)
def test_pairs_that_depend_on_each_other_are_bet_on_as_fairly(line: Line) -> None:
    """Every pair of values: both alike, or one the reverse of the other."""
    for shape, backwards in product(SHAPES, (False, True)):
        others = reversed(VALUES_SEEN) if backwards else VALUES_SEEN
        pairs = list(zip(VALUES_SEEN, others, shape, strict=True))
        z = fsum(p * (mine - line.at(other)) for mine, other, p in pairs)
        for which in [side for side, is_null in enumerate((z <= 0, z >= 0)) if is_null]:
            wealth = [
                (p, means.bets(RULE._replace(line=line), Arms(mine, 1, other, 1))[which])
                for mine, other, p in pairs
            ]
            for stake in range(len(STAKES)):
                assert fsum(p * exp(bets[stake]) for p, bets in wealth) <= 1 + 1e-9


def test_a_bet_grows_where_the_candidate_is_beyond_the_line_or_within_it() -> None:
    """Else any constant would do."""
    low, high = (0.9, 0.1, 0.0), (0.3, 0.3, 0.4)
    assert max(mean_wealth(Line(1, 0.1), high, low, 3, 3, 0)) > 1.2
    assert max(mean_wealth(Line(1, 0.1), low, high, 3, 3, 1)) > 1.2
