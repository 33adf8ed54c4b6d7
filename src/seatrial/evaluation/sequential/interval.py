"""The confidence sequence beside a gate: between which margins does the candidate lie, at every look.

A margin is D in  p_candidate = slope * p_stable + D;  the gate wants at most its own `shift`. Each one of a
fixed grid has an e-process against "at least D" and one against "at most D"; what has reached 1/alpha stays
so. From above, margins are left out while the first holds, from below the second: so each end is wrong with
a probability of at most alpha, once and for all looks (of the margins that are wrongly left out, the one
nearest to the truth is among them). The bet of each is on the candidate's own rate so far, drawn towards
stable's. It is a picture: the decision has better bets, on the gate's own margin only.

A look serves one margin in eight, so its cost is bounded: each eighth of the grid has its own pending batch.
"""

from __future__ import annotations

from math import log, log1p
from typing import Any

from seatrial.evaluation.sequential.arms import Arms, add
from seatrial.evaluation.sequential.batch import Line, log_e
from seatrial.evaluation.sequential.rule import SHARE, Rule
from seatrial.named_tuple import NamedTuple

TURNS = 8
_FIRM = 100.0  # requests' weight with which stable's rate stands for the candidate's
_LEFT_OUT = 1e9  # the log-wealth of what is done with
_USUAL_UNIT = 0.005
_MEAN_SPREAD = 0.01  # the variance that a batch's mean is taken to have
_MOST_STAKE = 0.9
_STEPS = (
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 14.0,
    20.0, 30.0, 50.0, 80.0, 120.0,
)  # fmt: skip


class Interval(NamedTuple):
    """The grid's log-wealths: `above[i]` against "at least grid[i]", `below[i]` against "at most grid[i]"."""

    above: tuple[float, ...]
    below: tuple[float, ...]
    pending: tuple[Arms, ...]


def grid(line: Line) -> tuple[float, ...]:
    """The margins that are looked at, rising; finer near the gate's own, and without it."""
    unit = min(abs(line.shift), 1 - line.shift) or _USUAL_UNIT
    lowest = -line.slope
    margins = {line.shift + sign * step * unit for sign in (-1, 1) for step in _STEPS}
    if line.slope and abs(line.shift) > 0:
        margins.add(0.0)
    return tuple(sorted(one for one in margins if lowest < one < 1 and abs(one - line.shift) > 1e-12))


def start(rule: Rule) -> Interval:
    size = len(rule.grid)
    return Interval((0.0,) * size, (0.0,) * size, (Arms(),) * (TURNS if size else 0))


def observe(rule: Rule, interval: Interval, after: Arms, batch: Arms, look: int) -> Interval:
    """One closed batch, `after` which the sums are these. It is the turn of every eighth margin."""
    if not rule.grid:
        return interval
    turn = look % TURNS
    pending = [add(one, batch) for one in interval.pending]
    ready, pending[turn] = pending[turn], Arms()
    above, below = list(interval.above), list(interval.below)
    bet = _share_bets if rule.kind == SHARE else _mean_bets
    rates = _rates(rule, after, ready)
    for index in range(turn, len(rule.grid), TURNS):
        line = Line(rule.line.slope, rule.grid[index])
        at_least, at_most = bet(line, rates, ready)
        above[index] = _grown(rule, above[index], at_least)
        below[index] = _grown(rule, below[index], at_most)
    return Interval(tuple(above), tuple(below), tuple(pending))


def ends(rule: Rule, interval: Interval) -> tuple[float | None, float | None]:
    """The smallest and the largest margin that are not left out; None where the data say nothing yet."""
    low = high = None
    for margin, wealth in zip(rule.grid, interval.below, strict=True):
        if wealth < _LEFT_OUT:
            break
        low = margin
    for margin, wealth in zip(reversed(rule.grid), reversed(interval.above), strict=True):
        if wealth < _LEFT_OUT:
            break
        high = margin
    return low, high


def next_step(interval: Interval) -> Interval:
    return interval._replace(pending=(Arms(),) * len(interval.pending))


def to_plain(interval: Interval) -> list[Any]:
    return [list(interval.above), list(interval.below), [list(one) for one in interval.pending]]


def of_plain(plain: list[Any]) -> Interval:
    above, below, pending = plain
    return Interval(tuple(above), tuple(below), tuple(Arms(*one) for one in pending))


def _rates(rule: Rule, after: Arms, ready: Arms) -> tuple[float, float]:
    """The candidate's and stable's rate without the batch that is ready: a bet may not know its outcome."""
    seen, stable_seen = after.candidate_n - ready.candidate_n, after.stable_n - ready.stable_n
    stable = (after.stable - ready.stable + rule.prior) / (stable_seen + rule.prior_n)
    start = stable if rule.line.slope else min(max(rule.line.shift, 1e-6), 1 - 1e-6)
    return (after.candidate - ready.candidate + _FIRM * start) / (seen + _FIRM), stable


def _share_bets(line: Line, rates: tuple[float, float], ready: Arms) -> tuple[float, float]:
    """ln e against "at least this margin" and against "at most": the rates speak against one of them."""
    found = log_e(*rates, line, ready)
    return (found, 0.0) if rates[0] < line.at(rates[1]) else (0.0, found)


def _mean_bets(line: Line, rates: tuple[float, float], ready: Arms) -> tuple[float, float]:
    """The same for means: a stake in proportion to how far the candidate's mean is from the margin."""
    slope, shift = line
    z = (
        ready.candidate / ready.candidate_n
        - shift
        - (slope * ready.stable / ready.stable_n if slope else 0.0)
    )
    gap = rates[0] - line.at(rates[1])
    stake = min(abs(gap) / _MEAN_SPREAD, _MOST_STAKE)
    if gap < 0:
        return log1p(-stake * z / (1 - shift)), 0.0
    return 0.0, log1p(stake * z / (slope + shift))


def _grown(rule: Rule, wealth: float, log_factor: float) -> float:
    if wealth >= _LEFT_OUT:
        return wealth
    grown = wealth + rule.shrink * log_factor
    return grown if grown < -log(rule.alpha) else _LEFT_OUT
