"""The evidence of one gate over many looks."""

from __future__ import annotations

import json
from itertools import product
from math import comb, exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.evaluation.sequential import process
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.interval import grid
from seatrial.evaluation.sequential.process import State
from seatrial.evaluation.sequential.rule import MEAN, SHARE, STAKES, Rule
from tests.properties import examples

LINE = Line(1, 0.05)
SHARES = Rule(SHARE, LINE, grid=grid(LINE))
MEANS = Rule(MEAN, LINE, bad_bets=STAKES, good_bets=STAKES, equal=0.0, grid=grid(LINE))
LOWER = Rule(SHARE, LINE, complement=True, grid=grid(LINE))
RULES = {"shares": SHARES, "means": MEANS, "lower bound": LOWER}

LOOKS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.floats(0, 1), st.floats(0, 1)).map(
        lambda drawn: Arms(round(drawn[0] * drawn[2]), drawn[0], round(drawn[1] * drawn[3]), drawn[1])
    ),
    max_size=30,
)


def after(rule: Rule, looks: list[Arms], state: State | None = None) -> State:
    state = state or process.start(rule)
    for arms in looks:
        state = process.observe(rule, state, arms)
    return state


@pytest.mark.parametrize("rule", [SHARES, Rule(SHARE, Line(1.3, 0.0)), Rule(SHARE, Line(0.9, 0.1)), MEANS])
@pytest.mark.parametrize("stable", [0.1, 0.4])
def test_the_mean_of_e_is_at_most_one_on_the_line(rule: Rule, stable: float) -> None:
    """Every course of three looks, with the probabilities of the binomial: bets learn from look to look."""
    candidate = rule.line.at(stable)
    sizes = [(1, 2), (2, 1), (1, 3)]
    bad = good = total = 0.0
    for course in product(*(product(range(n + 1), range(m + 1)) for n, m in sizes)):
        chance, looks = 1.0, []
        for (k, stable_k), (n, m) in zip(course, sizes, strict=True):
            chance *= comb(n, k) * candidate**k * (1 - candidate) ** (n - k)
            chance *= comb(m, stable_k) * stable**stable_k * (1 - stable) ** (m - stable_k)
            looks.append(Arms(k, n, stable_k, m))
        state = after(rule, looks)
        total += chance
        bad += chance * exp(process.log_bad(rule, state))
        good += chance * exp(process.log_good(rule, state))
    assert total == pytest.approx(1)
    assert bad <= 1 + 1e-9
    assert good <= 1 + 1e-9


def test_a_fixed_bar_needs_no_stable() -> None:
    """All courses of eight requests one by one, at a bar of 30%."""
    rule = Rule(SHARE, Line(0, 0.3), equal=0.0)
    means = [0.0, 0.0]
    for course in product((0, 1), repeat=8):
        state = after(rule, [Arms(one, 1) for one in course])
        chance = 0.3 ** sum(course) * 0.7 ** (8 - sum(course))
        means[0] += chance * exp(process.log_bad(rule, state))
        means[1] += chance * exp(process.log_good(rule, state))
    assert means == pytest.approx([1, 1])  # the null is a point: exactly one


@pytest.mark.parametrize("name", RULES)
@examples(25)
@given(looks=LOOKS, cut=st.integers(0, 30))
def test_a_judge_who_was_killed_goes_on_as_if_he_had_not_been(name: str, looks: list[Arms], cut: int) -> None:
    rule = RULES[name]
    before = after(rule, looks[:cut])
    revived = process.of_plain(json.loads(json.dumps(process.to_plain(before), allow_nan=False)))
    assert revived == before
    assert after(rule, looks[cut:], revived) == after(rule, looks)


def test_no_data_says_nothing() -> None:
    state = after(SHARES, [Arms()] * 5)
    assert process.log_bad(SHARES, state) == pytest.approx(0)
    assert process.log_good(SHARES, state) == pytest.approx(0)
    assert (state.looks, state.passed) == (5, False)
    assert process.seen(SHARES, state) == (None, None, 0.05, None, None)


def test_a_batch_waits_for_both_arms() -> None:
    waiting = after(SHARES, [Arms(2, 3, 0, 0), Arms(1, 4, 0, 0)])
    assert waiting.closed == Arms()
    assert waiting.pending == Arms(3, 7, 0, 0)
    closed = process.observe(SHARES, waiting, Arms(0, 0, 1, 9))
    assert closed.pending == Arms()
    once = after(SHARES, [Arms(3, 7, 1, 9)])
    assert (closed.closed, closed.bad, closed.good) == (once.closed, once.bad, once.good)


def test_a_step_leaves_out_what_waits() -> None:
    state = process.next_step(after(SHARES, [Arms(2, 3, 0, 0)]))
    assert state.pending == Arms()
    assert state == after(SHARES, [])._replace(looks=1)


def test_right_answers_are_wrong_ones_turned_round() -> None:
    looks = [Arms(8, 10, 27, 30), Arms(9, 10, 25, 30)]
    wrong = [Arms(2, 10, 3, 30), Arms(1, 10, 5, 30)]
    assert after(LOWER, looks) == after(SHARES, wrong)


@pytest.mark.parametrize("rule", [SHARES, MEANS])
def test_a_bad_candidate_is_seen_and_a_good_one(rule: Rule) -> None:
    bad = after(rule, [Arms(4, 10, 2, 40)] * 40)
    assert process.log_bad(rule, bad) > log(100)
    assert not bad.passed
    good = after(rule, [Arms(1, 20, 2, 40)] * 150)
    assert good.passed
    assert process.log_bad(rule, good) < 0


def test_what_has_passed_has_passed() -> None:
    good = after(SHARES, [Arms(1, 20, 2, 40)] * 150)
    worse = after(SHARES, [Arms(20, 20, 2, 40)] * 20, good)
    assert process.log_good(SHARES, worse) < log(100)
    assert worse.passed


def test_bursts_say_less() -> None:
    looks = [Arms(4, 10, 2, 40)] * 10
    calm = SHARES._replace(shrink=0.1)
    plain, shrunk = after(SHARES, looks), after(calm, looks)
    assert shrunk.bad == pytest.approx([one * 0.1 for one in plain.bad])


def test_pairs_of_a_look_are_one_batch_for_the_interval_and_many_bets() -> None:
    """The same pairs one by one give the same wealth."""
    pairs = [(Arms(1, 1, 0, 1), 3), (Arms(0, 1, 0, 1), 20), (Arms(0, 1, 1, 1), 2)]
    together = process.observe_pairs(MEANS, process.start(MEANS), pairs)
    single = after(MEANS, [outcome for outcome, times in pairs for _ in range(times)])
    assert together.closed == Arms(3, 25, 2, 25) == single.closed
    assert together.bad == pytest.approx(single.bad)
    assert together.good == pytest.approx(single.good)
    assert together.looks == 1
    nothing = process.observe_pairs(MEANS, together, [])
    assert nothing == together._replace(looks=2)


def test_wealth_beyond_what_a_float_holds() -> None:
    state = after(SHARES, [Arms(900, 1000, 0, 1000)] * 50)
    assert process.log_bad(SHARES, state) > 10_000
    assert json.dumps(process.to_plain(state), allow_nan=False)
