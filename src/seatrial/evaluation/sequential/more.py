"""About how many more candidate requests decide, in advance and on the way.

If candidate and stable go on at given rates, the log-wealth of each alternative grows by a known mean a
request; E is at least the weight of the best of them times its wealth. So the number is the least, over the
alternatives, of what its wealth still lacks over its growth: a mean, not a promise (half of the releases need
more).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isclose, log

from seatrial.evaluation.sequential import means, shares
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.decide import PROMOTE, ROLL_BACK
from seatrial.evaluation.sequential.latency import above
from seatrial.evaluation.sequential.live import History, Live
from seatrial.evaluation.sequential.process import State
from seatrial.evaluation.sequential.rule import SHARE, Rule, bad_weights, good_weights
from seatrial.named_tuple import NamedTuple

_FIRM = 100.0  # requests' weight with which stable's rate stands for the candidate's
_MANY = 1e12


class More(NamedTuple):
    """So many more requests to the candidate, about, and what they would show."""

    requests: int
    toward: str  # PROMOTE or ROLL_BACK


def more(rule: Rule, state: State) -> More | None:
    """At the rates and the split so far; of means, at the pace of the evidence. None where it has none."""
    k, n, stable_k, stable_n = state.closed
    if not n:
        return None
    if rule.kind != SHARE:
        bad, good = ([wealth / rule.shrink / n for wealth in arm] for arm in (state.bad, state.good))
        return _first(rule, state.bad, state.good, bad, good)
    stable = (stable_k + rule.prior) / (stable_n + rule.prior_n)
    drawn = stable if rule.line.slope else rule.line.shift
    firm = _FIRM if rule.line.slope else min(_FIRM, 0.5 / drawn)  # half of one that failed
    candidate = (k + firm * drawn) / (n + firm)
    return _least(rule, candidate, stable, stable_n / n, state.bad, state.good)


def needed(rule: Rule, candidate: float, stable: float, share: float) -> More | None:
    """In advance, where the candidate's and stable's rates were these, and `share` of requests its own.

    Rates are of what there should be little of: failed or slow requests, wrong answers. None where these
    rates lie on the gate's own line, so that nothing would ever be shown, and for means.
    """
    if rule.kind != SHARE:
        return None
    nothing = (0.0,) * len(rule.bad_bets), (0.0,) * len(good_weights(rule))
    return _least(rule, candidate, stable, (1 - share) / share, *nothing)


def needed_pairs(rule: Rule, candidate: float, stable: float) -> More | None:
    """In advance, of answers to the same requests, where each arm fails (is slow) by itself, at these rates.

    Where both fail on the same requests, it takes fewer.
    """
    chances = {
        Arms(1, 1, 1, 1): candidate * stable,
        Arms(1, 1, 0, 1): candidate * (1 - stable),
        Arms(0, 1, 1, 1): (1 - candidate) * stable,
        Arms(0, 1, 0, 1): (1 - candidate) * (1 - stable),
    }
    bets = [(chance, *means.bets(rule, pair)) for pair, chance in chances.items()]
    bad = [sum(chance * bad[one] for chance, bad, _ in bets) for one in range(len(rule.bad_bets))]
    good = [sum(chance * good[one] for chance, _, good in bets) for one in range(len(rule.good_bets))]
    nothing = (0.0,) * len(bad)
    return _first(rule, nothing, nothing, bad, good)


def usual(live: Live, history: History) -> tuple[float, float] | None:
    """The rates of an equal candidate and of stable, by stable's past or what is usual; for `needed`.

    None where they are not known. Against a fixed bar that stable's own rate does not keep: half of the bar.
    """
    rule = live.rule
    if rule is None or rule.kind != SHARE:
        return None
    stable = rule.prior / rule.prior_n
    if live.bar is not None and history.latencies.n:
        return above(history.latencies, live.bar.candidate), above(history.latencies, live.bar.stable)
    bar = rule.line.shift
    if not rule.line.slope:
        keeps = stable < bar and not isclose(stable, bar) and live.bar is None
        return (stable if keeps else bar / 2), stable
    return stable, stable


def _least(
    rule: Rule,
    candidate: float,
    stable: float,
    per_request: float,
    bad: Sequence[float],
    good: Sequence[float],
) -> More | None:
    """`per_request`: stable's requests for one of the candidate's."""
    inside = 1e-9
    rates = [min(max(rate, inside), 1 - inside) for rate in (candidate, stable)]
    one = Arms(rates[0], 1, rates[1] * per_request, per_request)
    fixed = rule._replace(prior=rates[1] * _MANY, prior_n=_MANY)
    return _first(rule, bad, good, *shares.bets(fixed, Arms(), one))


def _first(
    rule: Rule,
    bad: Sequence[float],
    good: Sequence[float],
    bad_growth: Sequence[float],
    good_growth: Sequence[float],
) -> More | None:
    """Which alternative is there first, if each grows by so much a request."""
    found = [
        *_lacks(rule, bad_weights(rule), bad, bad_growth, ROLL_BACK),
        *_lacks(rule, good_weights(rule), good, good_growth, PROMOTE),
    ]
    return min(found, default=None)


def _lacks(
    rule: Rule, weights: Sequence[float], wealth: Sequence[float], growth: Sequence[float], toward: str
) -> list[More]:
    target = -log(rule.alpha)
    return [
        More(max(0, ceil((target - log(weight) - has) / (rule.shrink * grows))), toward)
        for weight, has, grows in zip(weights, wealth, growth, strict=True)
        if grows > 1e-9
    ]
