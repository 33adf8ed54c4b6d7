"""The evidence of one live gate, grown look by look.

A state is plain numbers: `to_plain` and `of_plain` take it through JSON and back without loss, so that a
judge who was killed goes on with the same alpha as one who was not. Everything that a bet depends on was
known before the batch on which it is made, so E exceeds 1/alpha with a probability of at most alpha while
its null is true, however often one looks (Ville 1939).
"""

from __future__ import annotations

from math import exp, log
from typing import Any, NamedTuple

from seatrial.evaluation.sequential import means, shares
from seatrial.evaluation.sequential.arms import Arms, add, complement
from seatrial.evaluation.sequential.rule import SHARE, Rule, bad_weights, good_weights


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


def start(rule: Rule) -> State:
    bad, good = len(rule.bad_bets), len(good_weights(rule))
    return State(Arms(), Arms(), (0.0,) * bad, (0.0,) * good)


def observe(rule: Rule, state: State, arms: Arms, times: int = 1) -> State:
    """One look: what was seen since the last one. `times` such batches at once, where each is a pair.

    A batch is closed as soon as both arms have at least one unit, and never because of what they showed.
    """
    batch = add(state.pending, complement(arms) if rule.complement else arms)
    if not (batch.candidate_n and (batch.stable_n or not rule.line.slope)):
        return state._replace(pending=batch, looks=state.looks + 1)
    bad, good = _bets(rule, state.closed, batch)
    grown = state._replace(
        closed=_closed(state.closed, batch, times),
        pending=Arms(),
        bad=_grown(state.bad, bad, rule.shrink * times),
        good=_grown(state.good, good, rule.shrink * times),
        looks=state.looks + 1,
    )
    return grown._replace(passed=state.passed or log_good(rule, grown) >= -log(rule.alpha))


def next_step(state: State) -> State:
    """The split changes now: what waits is left out, so that no batch holds two splits."""
    return state._replace(pending=Arms())


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
    return [list(part) if isinstance(part, tuple) else part for part in state]


def of_plain(plain: list[Any]) -> State:
    closed, pending, bad, good, passed, looks = plain
    return State(Arms(*closed), Arms(*pending), tuple(bad), tuple(good), passed, looks)


def _bets(rule: Rule, before: Arms, batch: Arms) -> tuple[list[float], list[float]]:
    return shares.bets(rule, before, batch) if rule.kind == SHARE else means.bets(rule, batch)


def _closed(closed: Arms, batch: Arms, times: int) -> Arms:
    return Arms(
        closed.candidate + batch.candidate * times,
        closed.candidate_n + batch.candidate_n * times,
        closed.stable + batch.stable * times,
        closed.stable_n + batch.stable_n * times,
    )


def _grown(wealth: tuple[float, ...], logs: list[float], factor: float) -> tuple[float, ...]:
    return tuple(old + factor * new for old, new in zip(wealth, logs, strict=True))
