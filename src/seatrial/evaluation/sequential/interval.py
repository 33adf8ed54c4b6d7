"""The confidence sequence beside a gate: between which margins does the candidate lie, at every look.

A margin is D in  p_candidate = slope * p_stable + D;  the gate wants at most its own `shift`. Each one of a
fixed grid has an e-process against "at least D" and one against "at most D"; what has reached 1/alpha stays
so. From above, margins are left out while the first holds, from below the second: so each end is wrong with
a probability of at most alpha, once and for all looks (of the margins that are wrongly left out, the one
nearest to the truth is among them). The bet of each is on the candidate's own rate so far, drawn towards
stable's. It is a picture: the decision has better bets, on the gate's own margin only.

A look serves one margin in eight, so its cost is bounded: each eighth of the grid has its own batch, of all
that came since its last turn.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from math import log, log1p
from struct import pack, unpack

from seatrial.evaluation.sequential.arms import Arms, without
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
    """The grid's log-wealths: `above[i]` against "at least grid[i]", `below[i]` against "at most grid[i]".

    `served` are the sums of all that had come at the last turn of each eighth.
    """

    above: tuple[float, ...]
    below: tuple[float, ...]
    served: tuple[Arms, ...]


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


def observe(rule: Rule, interval: Interval, after: Arms, look: int) -> Interval:
    """A batch was closed, and the sums are these now. It is the turn of every eighth margin."""
    if not rule.grid:
        return interval
    turn = look % TURNS
    before = interval.served[turn]
    ready, rates = without(after, before), _rates(rule, before)
    above, below = list(interval.above), list(interval.below)
    bet = log_e if rule.kind == SHARE else _mean_bet
    for index in range(turn, len(rule.grid), TURNS):
        line = Line(rule.line.slope, rule.grid[index])
        wealth = above if rates[0] < line.at(rates[1]) else below  # the rates speak against one of the two
        if wealth[index] < _LEFT_OUT:
            wealth[index] = _grown(rule, wealth[index], bet(*rates, line, ready))
    served = (*interval.served[:turn], after, *interval.served[turn + 1 :])
    return Interval(tuple(above), tuple(below), served)


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


def next_step(interval: Interval, closed: Arms) -> Interval:
    """What has not had its turn is left out."""
    return interval._replace(served=(closed,) * len(interval.served))


def to_text(interval: Interval) -> str:
    """All numbers, to the last bit. There are hundreds: as JSON they would take longer than the look."""
    numbers = (*interval.above, *interval.below, *(part for arms in interval.served for part in arms))
    return b2a_base64(pack(f"<{len(numbers)}d", *numbers), newline=False).decode("ascii")


def of_text(text: str) -> Interval:
    packed = a2b_base64(text)
    numbers = unpack(f"<{len(packed) // 8}d", packed)
    size = (len(numbers) - TURNS * len(Arms._fields)) // 2
    if size <= 0:
        return Interval((), (), ())
    fields = zip(*[iter(numbers[2 * size :])] * len(Arms._fields), strict=True)
    return Interval(numbers[:size], numbers[size : 2 * size], tuple(Arms(*one) for one in fields))


def _rates(rule: Rule, before: Arms) -> tuple[float, float]:
    """The candidate's and stable's rate before the batch: a bet may not know its outcome."""
    k, n, stable_k, stable_n = before
    stable = (stable_k + rule.prior) / (stable_n + rule.prior_n)
    start = stable if rule.line.slope else min(max(rule.line.shift, 1e-6), 1 - 1e-6)
    return (k + _FIRM * start) / (n + _FIRM), stable


def _mean_bet(candidate: float, stable: float, line: Line, ready: Arms) -> float:
    """For means: a stake in proportion to how far the candidate's mean is from the margin."""
    slope, shift = line
    z = (
        ready.candidate / ready.candidate_n
        - shift
        - (slope * ready.stable / ready.stable_n if slope else 0.0)
    )
    gap = candidate - line.at(stable)
    stake = min(abs(gap) / _MEAN_SPREAD, _MOST_STAKE)
    return log1p(-stake * z / (1 - shift)) if gap < 0 else log1p(stake * z / (slope + shift))


def _grown(rule: Rule, wealth: float, log_factor: float) -> float:
    if wealth >= _LEFT_OUT:
        return wealth
    grown = wealth + rule.shrink * log_factor
    return grown if grown < -log(rule.alpha) else _LEFT_OUT
