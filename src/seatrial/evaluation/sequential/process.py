"""The evidence of one live gate, grown look by look.

A state is plain numbers: `to_plain` and `of_plain` take it through JSON and back without loss, so that a
judge who was killed goes on with the same alpha as one who was not. Everything that a bet depends on was
known before the batch on which it is made, so E exceeds 1/alpha with a probability of at most alpha while
its null is true, however often one looks (Ville 1939).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from typing import Any

from seatrial.evaluation.sequential import interval, means, shares
from seatrial.evaluation.sequential.arms import Arms, add, complement
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.rule import SHARE, Rule, bad_weights, good_weights
from seatrial.evaluation.significance.proportion import f1_of_share
from seatrial.named_tuple import NamedTuple


class State(NamedTuple):
    """`bad` and `good` are log-wealths, one an alternative; `pending` waits until both arms have shown one.

    Sums are the gate's, complement taken: of what there should be little of.
    """

    closed: Arms
    pending: Arms
    bad: tuple[float, ...]
    good: tuple[float, ...]
    passed: bool = False  # E against "not good enough" has once reached 1/alpha: that stays
    looks: int = 0
    interval: interval.Interval = interval.Interval((), (), ())


class Seen(NamedTuple):
    """What there is to see, in the gate's own words: rates of the metric, and where the margin lies.

    The margin is what  rate - slope * stable's rate  is; the gate compares it with `bar`. With slope 0 it is
    the rate itself. Ends are None while the data say nothing. Each end is wrong with a probability of alpha.
    """

    candidate: float | None
    stable: float | None
    bar: float
    low: float | None
    high: float | None


def start(rule: Rule) -> State:
    bad, good = len(rule.bad_bets), len(good_weights(rule))
    return State(Arms(), Arms(), (0.0,) * bad, (0.0,) * good, interval=interval.start(rule))


def observe(rule: Rule, state: State, arms: Arms) -> State:
    """One look: what was seen since the last one.

    A batch is closed as soon as both arms have at least one unit, and never because of what they showed.
    """
    batch = add(state.pending, complement(arms) if rule.complement else arms)
    if not (batch.candidate_n and (batch.stable_n or not rule.line.slope)):
        return state._replace(pending=batch, looks=state.looks + 1)
    bad, good = shares.bets(rule, state.closed, batch) if rule.kind == SHARE else means.bets(rule, batch)
    return _grown(rule, state, batch, bad, good)


def observe_pairs(rule: Rule, state: State, pairs: Sequence[tuple[Arms, int]]) -> State:
    """One look at pairs (`shadow.paired`): each outcome, as the arms of one pair, and how many had it."""
    together = Arms()
    bad, good = [0.0] * len(state.bad), [0.0] * len(state.good)
    for outcome, times in pairs:
        pair = complement(outcome) if rule.complement else outcome
        together = add(together, Arms(*(times * part for part in pair)))
        more_bad, more_good = means.bets(rule, pair)
        bad = [old + times * new for old, new in zip(bad, more_bad, strict=True)]
        good = [old + times * new for old, new in zip(good, more_good, strict=True)]
    if not together.candidate_n:
        return state._replace(looks=state.looks + 1)
    return _grown(rule, state, together, bad, good)


def next_step(state: State) -> State:
    """The split changes now: what waits is left out, so that no batch holds two splits."""
    return state._replace(pending=Arms(), interval=interval.next_step(state.interval, state.closed))


def seen(rule: Rule, state: State) -> Seen:
    """For people: see `Seen`. The gate's own margin is left out by the decision's own evidence.

    There is no interval for F1 against stable's.
    """
    k, n, stable_k, stable_n = state.closed
    low, high = _ends(rule, state)
    shown = Seen(
        k / n if n else None,
        stable_k / stable_n if stable_n and rule.line.slope else None,
        rule.line.shift, low, high,
    )  # fmt: skip
    if rule.complement:
        shown = _turned(shown, rule)
    return _as_f1(shown, rule.line) if rule.f1 else shown


def _turned(shown: Seen, rule: Rule) -> Seen:
    """Of the complements: 1 - y - slope * (1 - x) = (1 - slope) - (y - slope * x)."""
    candidate, stable, bar, low, high = shown
    turn = 1 - rule.line.slope
    return Seen(_less(1, candidate), _less(1, stable), turn - bar, _less(turn, high), _less(turn, low))


def _as_f1(shown: Seen, line: Line) -> Seen:
    """Of TP / (TP + FP + FN): a line with a slope is of F1 already, and has no ends."""
    candidate, stable, bar, low, high = (None if one is None else f1_of_share(one) for one in shown)
    return Seen(candidate, stable, line.shift if line.slope else bar or 0.0, low, high)


def _less(whole: float, part: float | None) -> float | None:
    return None if part is None else whole - part


def _ends(rule: Rule, state: State) -> tuple[float | None, float | None]:
    if rule.f1 and rule.line.slope:
        return None, None
    low, high = interval.ends(rule, state.interval)
    bar = rule.line.shift
    if state.passed and (high is None or high > bar):
        high = bar
    if log_bad(rule, state) >= -log(rule.alpha) and (low is None or low < bar):
        low = bar
    return low, high


def log_bad(rule: Rule, state: State) -> float:
    """ln E against "the candidate is good enough"."""
    return log_mean(bad_weights(rule), state.bad)


def log_good(rule: Rule, state: State) -> float:
    """ln E against "the candidate is not good enough"."""
    return log_mean(good_weights(rule), state.good)


def log_mean(weights: tuple[float, ...], logs: tuple[float, ...]) -> float:
    """ln of the weighted mean of exp(logs)."""
    top = max(logs)
    return top + log(sum(weight * exp(one - top) for weight, one in zip(weights, logs, strict=True)))


def to_plain(state: State) -> list[Any]:
    return [*state[:-1], interval.to_text(state.interval)]


def of_plain(plain: list[Any]) -> State:
    closed, pending, bad, good, passed, looks, margins = plain
    return State(
        Arms(*closed), Arms(*pending), tuple(bad), tuple(good), passed, looks, interval.of_text(margins)
    )


def _grown(rule: Rule, state: State, batch: Arms, bad: Sequence[float], good: Sequence[float]) -> State:
    closed = add(state.closed, batch)
    grown = State(
        closed,
        Arms(),
        tuple([old + rule.shrink * new for old, new in zip(state.bad, bad, strict=True)]),
        tuple([old + rule.shrink * new for old, new in zip(state.good, good, strict=True)]),
        state.passed,
        state.looks + 1,
        interval.observe(rule, state.interval, closed, state.looks),
    )
    return grown if grown.passed or log_good(rule, grown) < -log(rule.alpha) else grown._replace(passed=True)
