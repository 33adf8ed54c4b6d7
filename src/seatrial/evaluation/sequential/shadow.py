"""Shadow traffic: both arms answered the same requests, so answers are compared pair by pair.

The arms of a pair depend on each other, which the batches of `shares` may not; the bets of `means` may, and
need far fewer requests where both arms mostly answer alike. `process.observe_pairs` takes them.
"""

from __future__ import annotations

from seatrial.errors import BadInput
from seatrial.evaluation.sequential.interval import grid
from seatrial.evaluation.sequential.live import Live
from seatrial.evaluation.sequential.rule import MEAN, STAKES


def paired(live: Live) -> Live:
    """The gate for pairs. Raises BadInput where candidate and stable are not counted on the same requests."""
    gate, rule = live.gate, live.rule
    if rule is None or not rule.line.slope:
        return live
    if gate.metric in ("precision", "f1") and gate.option != "micro":
        hint = f"write recall({gate.option}) or accuracy, or release by canary"
        raise BadInput(
            f"gate {gate.text!r}: {gate.metric} of candidate and stable counts other requests of each",
            hint,
            gate.place,
        )
    bets = rule._replace(kind=MEAN, bad_bets=STAKES, good_bets=STAKES, equal=0.0, grid=grid(rule.line))
    return live._replace(rule=bets)
