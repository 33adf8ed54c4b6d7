"""Shadow traffic: both arms answered the same requests, so answers are compared pair by pair.

The arms of a pair depend on each other, which the batches of `shares` may not; the bets of `means` may, and
need far fewer requests where both arms mostly answer alike. `process.observe_pairs` takes them. A gate with a
bar of its own asks of the candidate alone, and is tested as anywhere.
"""

from __future__ import annotations

from seatrial.evaluation.sequential.interval import grid
from seatrial.evaluation.sequential.live import LABELS, NUMBERS, PAIRS, Live
from seatrial.evaluation.sequential.rule import MEAN, STAKES


def paired(live: Live) -> Live:
    """The gate, judged by pairs. Raises BadInput for one that waits for labels."""
    gate, rule = live.gate, live.rule
    if live.source == LABELS:
        hint = "write agreement >= 0.98, or release by canary"
        raise gate.bad("nobody labels the answers to copies", hint)
    if live.source == NUMBERS:
        return live
    if rule is not None and rule.line.slope:
        line = rule.line
        rule = rule._replace(kind=MEAN, bad_bets=STAKES, good_bets=STAKES, equal=0.0, grid=grid(line))
    return live._replace(source=PAIRS, rule=rule)


def is_drift(live: Live) -> bool:
    """Whether pairs show a size, not yes or no."""
    return live.gate.metric == "drift"
