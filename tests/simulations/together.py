"""Releases with several gates: all must pass for a promotion, and the mean of their evidence takes back."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np

from seatrial.evaluation.sequential.rule import bad_weights, good_weights
from tests.simulations import releases as many
from tests.simulations.kinds import KINDS, look_of, rule_of

GATES = ("errors, stable 1%", "latency, fixed bar", "accuracy")


def decided(truths: Sequence[str], releases: int, looks: int, random: Any) -> tuple[Any, Any]:
    """Which releases were promoted and which taken back; `truths` are "edge", "good" or "bad", by gate."""
    rules = [rule_of(KINDS[name]) for name in GATES]
    states = [many._start(rule, releases) for rule in rules]
    draws = [
        look_of(KINDS[name], getattr(KINDS[name], truth), releases, random)
        for name, truth in zip(GATES, truths, strict=True)
    ]
    promoted, back = np.zeros(releases, bool), np.zeros(releases, bool)
    passed = np.zeros((len(GATES), releases), bool)
    for second in range(looks):
        which = np.flatnonzero(~(promoted | back))
        if not len(which):
            break
        against = []
        for number, (rule, state, draw) in enumerate(zip(rules, states, draws, strict=True)):
            many.observe(rule, state, which, draw(second, which))
            against.append(many.log_mean(bad_weights(rule), state.bad[which]))
            passed[number, which] |= many.log_mean(good_weights(rule), state.good[which]) >= -log(rule.alpha)
        mean = many.log_mean((1 / len(GATES),) * len(GATES), np.array(against).T)
        back[which] = mean >= -log(rules[0].alpha)
        promoted[which] = passed[:, which].all(axis=0) & ~back[which]
    return promoted, back
