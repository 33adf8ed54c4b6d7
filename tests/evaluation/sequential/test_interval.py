"""The confidence sequence beside a gate."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from seatrial.evaluation.sequential import interval, process
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.rule import MEAN, SHARE, STAKES, Rule
from tests.evaluation.sequential.seed import SEED

BAR = Line(1, 0.02)
SHARES = Rule(SHARE, BAR, grid=interval.grid(BAR))
MEANS = Rule(MEAN, BAR, bad_bets=STAKES, good_bets=STAKES, equal=0.0, grid=interval.grid(BAR))


@pytest.mark.parametrize(
    "line", [BAR, Line(0, 0.01), Line(0, 0.95), Line(1, 0), Line(1.2, 0), Line(0.9, 0.1), Line(1, -0.02)]
)
def test_a_grid_rises_about_the_bar_and_crosses_the_square(line: Line) -> None:
    found = interval.grid(line)
    assert list(found) == sorted(set(found))
    assert min(abs(one - line.shift) for one in found) > 1e-9
    assert found[0] < line.shift < found[-1]
    for margin in found:
        at = [line.slope * p + margin for p in np.linspace(0.0001, 0.9999, 9999)]
        assert any(0 < one < 1 for one in at)


def ends(
    rule: Rule, candidate: float, stable: float, looks: int, random: np.random.Generator
) -> list[process.Seen]:
    state, found = process.start(rule), []
    for _ in range(looks):
        n, m = int(random.poisson(20)), int(random.poisson(80))
        arms = Arms(int(random.binomial(n, candidate)), n, int(random.binomial(m, stable)), m)
        state = process.observe(rule, state, arms)
        found.append(process.seen(rule, state))
    return found


def test_it_narrows_and_never_widens() -> None:
    found = ends(SHARES, 0.1, 0.1, 400, np.random.default_rng(SEED))
    for earlier, later in pairwise(found):
        assert earlier.low is None or (later.low is not None and later.low >= earlier.low)
        assert earlier.high is None or (later.high is not None and later.high <= earlier.high)
    last = found[-1]
    assert last.low is not None
    assert last.high is not None
    assert -0.06 <= last.low < 0 < last.high <= 0.06


@pytest.mark.parametrize(
    ("rule", "truth"), [(SHARES, (0.13, 0.1)), (SHARES, (0.1, 0.1)), (MEANS, (0.2, 0.1))]
)
def test_it_holds_the_truth_at_all_looks(rule: Rule, truth: tuple[float, float]) -> None:
    """Each end at alpha .05: more than 14 wrong ones of 60 are less likely than one in a thousand."""
    random, loose = np.random.default_rng(SEED), rule._replace(alpha=0.05)
    print(f"SEATRIAL_TEST_SEED={SEED}")
    margin, wrong = truth[0] - truth[1], 0
    for _ in range(60):
        last = ends(loose, *truth, 60, random)[-1]  # the ends only ever come closer
        wrong += (last.low is not None and last.low > margin + 1e-9) or (
            last.high is not None and last.high < margin - 1e-9
        )
    assert wrong <= 14


def test_the_decision_and_the_picture_agree() -> None:
    state = process.start(SHARES)
    for _ in range(2000):
        state = process.observe(SHARES, state, Arms(1, 20, 4, 80))
        if state.passed:
            break
    found = process.seen(SHARES, state)
    assert found.high is not None
    assert found.high <= found.bar
    for _ in range(300):
        state = process.observe(SHARES, state, Arms(15, 20, 4, 80))
    found = process.seen(SHARES, state)
    assert found.low is not None
    assert found.low >= found.bar


def test_a_lower_bound_is_shown_the_right_way_round() -> None:
    """Accuracy .8 beside .9: the margin is -.1, and the gate asked for at least -.02."""
    rule = SHARES._replace(complement=True)
    state = process.start(rule)
    for _ in range(300):
        state = process.observe(rule, state, Arms(16, 20, 72, 80))
    found = process.seen(rule, state)
    assert (found.candidate, found.stable) == pytest.approx((0.8, 0.9))
    assert found.bar == pytest.approx(-0.02)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.1 < found.high <= found.bar


def test_f1_is_shown_as_f1() -> None:
    """Shares of 2/3 and 3/4 are F1 of .8 and 6/7; no interval against stable's, one against a number."""
    against = Rule(SHARE, Line(1, -0.02), complement=True, f1=True)
    state = process.observe(against, process.start(against), Arms(20, 30, 75, 100))
    assert process.seen(against, state) == (pytest.approx(0.8), pytest.approx(6 / 7), -0.02, None, None)
    line = Line(0, 1 / 3)
    fixed = Rule(SHARE, line, complement=True, f1=True, equal=0.0, grid=interval.grid(line))
    state = process.start(fixed)
    for _ in range(200):
        state = process.observe(fixed, state, Arms(9, 10))
    found = process.seen(fixed, state)
    assert found.candidate == pytest.approx(2 * 0.9 / 1.9)
    assert found.bar == pytest.approx(0.8)
    assert found.low is not None
    assert found.high is not None
    assert 0.8 <= found.low < 2 * 0.9 / 1.9 < found.high


def test_a_step_leaves_out_what_waits() -> None:
    state = process.observe(SHARES, process.start(SHARES), Arms(1, 10, 2, 20))
    assert any(one != state.closed for one in state.interval.served)
    after = process.next_step(state)
    assert all(one == state.closed for one in after.interval.served)
    assert after.interval[:2] == state.interval[:2]


@pytest.mark.parametrize("rule", [SHARES, MEANS, SHARES._replace(grid=())])
def test_it_is_kept_to_the_last_bit(rule: Rule) -> None:
    state = process.start(rule)
    for k in range(20):
        state = process.observe(rule, state, Arms(k % 3 / 3, 20, 0.1, 80))
        assert interval.of_text(interval.to_text(state.interval)) == state.interval
