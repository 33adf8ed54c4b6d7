"""Many releases at once: the arithmetic of `evaluation.sequential` over arrays, one row a release.

It repeats that arithmetic so that 10,000 releases take seconds; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any, NamedTuple

import numpy as np

from seatrial.evaluation.sequential import batch as batches
from seatrial.evaluation.sequential.curve import share_of_f1
from seatrial.evaluation.sequential.rule import SHARE, Rule, bad_weights, good_weights
from seatrial.evaluation.significance.proportion import f1_of_share

Array = Any
Look = tuple[Array, Array, Array, Array]  # candidate, candidate_n, stable, stable_n: one number a release

_PRECISION = 1e-6  # relative; what Newton leaves is its square
_BARE_STEPS = 3


class Outcome(NamedTuple):
    """Of each release: did it promote, did it roll back, and the candidate's requests until then."""

    promoted: Array
    rolled_back: Array
    requests: Array


def run(rule: Rule, look: Callable[[int, Array], Look], releases: int, looks: int) -> Outcome:
    """`look(second, which)` gives what was seen in a second by those releases that are still open."""
    state = _start(rule, releases)
    promoted, rolled_back = np.zeros(releases, bool), np.zeros(releases, bool)
    requests = np.zeros(releases)
    for second in range(looks):
        which = np.flatnonzero(~(promoted | rolled_back))
        if not len(which):
            break
        arms = look(second, which)
        requests[which] += arms[1]
        observe(rule, state, which, arms)
        rolled_back[which] = log_mean(bad_weights(rule), state.bad[which]) >= -log(rule.alpha)
        passed = log_mean(good_weights(rule), state.good[which]) >= -log(rule.alpha)
        promoted[which] = passed & ~rolled_back[which]
    return Outcome(promoted, rolled_back, requests)


class _States(NamedTuple):
    closed: Array  # (4, releases)
    pending: Array
    bad: Array  # (releases, bets)
    good: Array


def _start(rule: Rule, releases: int) -> _States:
    shape = releases, len(rule.bad_bets)
    return _States(
        np.zeros((4, releases)), np.zeros((4, releases)), np.zeros(shape),
        np.zeros((releases, len(good_weights(rule)))),
    )  # fmt: skip


def observe(rule: Rule, state: _States, which: Array, arms: Look) -> None:
    k, n, stable_k, stable_n = arms
    seen = np.array([n - k, n, stable_n - stable_k, stable_n] if rule.complement else arms, dtype=float)
    state.pending[:, which] += seen
    ready = state.pending[1, which] > 0
    if rule.line.slope:
        ready &= state.pending[3, which] > 0
    rows = which[ready]
    if not len(rows):
        return
    batch = state.pending[:, rows]
    bets = _share_bets if rule.kind == SHARE else _mean_bets
    bad, good = bets(rule, state.closed[:, rows], batch)
    state.bad[rows] += rule.shrink * bad
    state.good[rows] += rule.shrink * good
    state.closed[:, rows] += batch
    state.pending[:, rows] = 0


def log_mean(weights: tuple[float, ...], logs: Array) -> Array:
    top = logs.max(axis=1)
    return top + np.log((np.exp(logs - top[:, None]) * np.array(weights)).sum(axis=1))


def _share_bets(rule: Rule, before: Array, batch: Array) -> tuple[Array, Array]:
    size = (before[3] + rule.prior_n)[:, None]
    qs = (before[2] + rule.prior)[:, None] / size
    bad_slope, bad_shift, good_slope, good_shift = _lines(rule, qs)
    bad = _times(bad_slope, bad_shift, qs, size, rule.bad_bets)
    good = _times(good_slope, good_shift, qs, size, rule.good_bets)
    if rule.equal:
        good = np.hstack([qs, good])
    bad_e = np.where(bad > bad_slope * qs + bad_shift, log_e(bad, qs, bad_slope, bad_shift, batch), 0)
    good_e = np.where(good < good_slope * qs + good_shift, log_e(good, qs, good_slope, good_shift, batch), 0)
    return bad_e, good_e


def _lines(rule: Rule, qs: Array) -> tuple[Any, Any, Any, Any]:
    """Slope and shift of the line for the bad and for the good; for F1 a chord and the tangents."""
    slope, shift = rule.line
    if not (rule.f1 and slope):
        return slope, shift, slope, shift
    foot, top = share_of_f1(-shift / slope), share_of_f1(slope + shift)
    share = np.maximum(1 - qs, foot)
    height = share_of_f1(slope * f1_of_share(share) + shift)
    tangent = slope * ((1 + height) / (1 + share)) ** 2
    return top / (1 - foot), 1 - top, tangent, 1 - height - tangent * (1 - share)


def _times(slope: Any, shift: Any, qs: Array, size: Array, factors: tuple[float, ...]) -> Array:
    least = 0.5 / (size + 1)
    at = np.clip(slope * qs + shift, least, 1 - least) if np.any(slope) else shift + 0 * qs
    odds = np.array(factors) * at / (1 - at)
    return odds / (1 + odds)


def log_e(qc: Array, qs: Array, slope: Any, shift: Any, batch: Array) -> Array:
    k, n, stable_k, stable_n = (part[:, None] for part in batch)
    if not np.any(slope):
        return k * np.log(qc / shift) + (n - k) * np.log((1 - qc) / (1 - shift))
    p = _nearest(qc, qs, slope, shift, n / (n + stable_n))
    c = slope * p + shift
    return (
        k * np.log(qc / c) + (n - k) * np.log((1 - qc) / (1 - c))
        + stable_k * np.log(qs / p) + (stable_n - stable_k) * np.log((1 - qs) / (1 - p))
    )  # fmt: skip


def _nearest(qc: Array, qs: Array, slope: Any, shift: Any, weight: Array) -> Array:
    """Newton's bare steps bring most there; the rest begins again, with a bracket."""
    p = weight * (qc - shift) / slope + (1 - weight) * qs
    low, high = np.maximum(0, -shift / slope), np.minimum(1, (1 - shift) / slope)
    cubic = a3, a2, a1, a0 = batches.cubic(qc, qs, batches.Line(slope, shift), weight)
    before, step = p, p
    with np.errstate(all="ignore"):
        for _ in range(_BARE_STEPS):
            before = step
            value, bend = ((a3 * step + a2) * step + a1) * step + a0, (3 * a3 * step + 2 * a2) * step + a1
            step = step - value / bend
        there = (np.abs(step - before) <= _PRECISION * step) & (low < step) & (step < high)
    rest = [part[~there] for part in np.broadcast_arrays(p, low, high, *cubic)]
    step[~there] = _bracketed(*rest)
    return step


def _bracketed(p: Array, low: Array, high: Array, a3: Array, a2: Array, a1: Array, a0: Array) -> Array:
    p = np.where((low < p) & (p < high), p, (low + high) / 2)
    step, far = p, np.ones(len(p), bool)
    while far.any():
        value = ((a3 * p + a2) * p + a1) * p + a0
        low, high = np.where(value > 0, low, p), np.where(value > 0, p, high)
        bend = (3 * a3 * p + 2 * a2) * p + a1
        step = np.where(bend > 0, p - value / bend, low)
        far = np.abs(step - p) > _PRECISION * p
        p = np.where(far & ((step <= low) | (high <= step)), (low + high) / 2, step)
    return step


def _mean_bets(rule: Rule, before: Array, batch: Array) -> tuple[Array, Array]:
    slope, shift = rule.line
    z = batch[0] / batch[1] - shift - (slope * batch[2] / batch[3] if slope else 0)
    bad = np.log1p(np.outer(z, rule.bad_bets) / (slope + shift))
    return bad, np.log1p(-np.outer(z, rule.good_bets) / (1 - shift))
