"""Numbers that somebody else measures (a command, a Prometheus query), read now and then.

Of such a number nothing is known, neither its spread nor its unit. Each reading either keeps the gate or not.
The candidate is good where it keeps the gate in more than half of its readings, bad where in fewer: a
sequential sign test, with the bar at one half. It takes readings to be independent, so they should be as far
apart as the number's own window. Eight readings that keep the gate promote, at alpha .01.
"""

from __future__ import annotations

import operator

from seatrial.evaluation.gate import Gate
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.interval import grid
from seatrial.evaluation.sequential.rule import ALPHA, SHARE, Rule

_ODDS = (3.0, 9.0, 99.0)
_KEEPS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


def rule(alpha: float = ALPHA) -> Rule:
    """Counts the readings that do not keep the gate."""
    half = Line(0.0, 0.5)
    good = tuple(1 / odds for odds in _ODDS)
    return Rule(SHARE, half, alpha, bad_bets=_ODDS, good_bets=good, equal=0.0, grid=grid(half))


def is_kept(gate: Gate, value: float) -> bool:
    assert gate.threshold is not None
    return bool(_KEEPS[gate.comparison](value, gate.threshold))


def reading(kept: bool) -> Arms:
    return Arms(float(not kept), 1)
