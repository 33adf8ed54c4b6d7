"""All gates together."""

from __future__ import annotations

from math import log

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.decide import GO_ON, PROMOTE, ROLL_BACK, decide
from seatrial.evaluation.sequential.process import State
from seatrial.evaluation.sequential.rule import SHARE, Rule

RULE = Rule(SHARE, Line(1, 0.01), bad_bets=(2.0,), good_bets=(0.5,), equal=0.0)


def gate(log_bad: float, passed: bool = False) -> tuple[Rule, State]:
    return RULE, State(Arms(), Arms(), (log_bad,), (0.0,), passed)


def test_promotion_needs_all() -> None:
    assert decide([gate(-3, True), gate(-1, True)], 0.01).action == PROMOTE
    assert decide([gate(-3, True), gate(-1)], 0.01).action == GO_ON
    assert decide([], 0.01).action == GO_ON


def test_rolling_back_needs_the_mean() -> None:
    """E of 100 in one of two gates is a mean of 50."""
    assert decide([gate(log(100.1))], 0.01).action == ROLL_BACK
    alone = decide([gate(log(100)), gate(-50)], 0.01)
    assert (alone.action, alone.worst) == (GO_ON, 0)
    assert decide([gate(-50), gate(log(201))], 0.01) == (ROLL_BACK, log(201 / 2), 1)


def test_a_bad_gate_outweighs_those_that_passed() -> None:
    assert decide([gate(9, True), gate(-9, True)], 0.01).action == ROLL_BACK


def test_a_smaller_alpha_asks_for_more() -> None:
    assert decide([gate(log(500))], 0.001).action == GO_ON
