"""What all live gates of a release say together.

Promotion needs each of them at alpha (an intersection-union test, Berger 1982: no correction). Rolling back
claims that at least one of several is broken: the mean of e-variables is one again, so their mean has to
reach 1/alpha.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from seatrial.evaluation.sequential.process import State, log_bad, log_mean
from seatrial.evaluation.sequential.rule import Rule
from seatrial.named_tuple import NamedTuple

PROMOTE, ROLL_BACK, GO_ON = "promote", "roll back", "go on"


class Decision(NamedTuple):
    action: str
    log_e: float = 0.0  # ln of the mean of the gates' E_bad
    worst: int = -1  # index of the gate with the largest E_bad; -1 without gates


def decide(gates: Sequence[tuple[Rule, State]], alpha: float) -> Decision:
    """Without gates, or with one that has not passed, nothing is promoted."""
    if not gates:
        return Decision(GO_ON)
    bad = tuple(log_bad(rule, state) for rule, state in gates)
    together = log_mean((1 / len(bad),) * len(bad), bad)
    worst = bad.index(max(bad))
    if together >= -log(alpha):
        return Decision(ROLL_BACK, together, worst)
    promoted = all(state.passed for _rule, state in gates)
    return Decision(PROMOTE if promoted else GO_ON, together, worst)
