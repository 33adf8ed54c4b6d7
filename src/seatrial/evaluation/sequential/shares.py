"""Bets on shares: of failed or slow requests, of right answers. One log e per alternative and batch."""

from __future__ import annotations

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.batch import Line, log_es
from seatrial.evaluation.sequential.curve import chord, tangent
from seatrial.evaluation.sequential.rule import Rule


def bets(rule: Rule, before: Arms, batch: Arms) -> tuple[list[float], list[float]]:
    """The log e of the batch for each bad and each good alternative, chosen from what was seen `before`.

    An alternative that happens to lie in the null says nothing (log e = 0).
    """
    size = before.stable_n + rule.prior_n
    qs = (before.stable + rule.prior) / size
    bad_line, good_line = (
        (chord(rule.line), tangent(rule.line, qs)) if rule.f1 and rule.line.slope else (rule.line, rule.line)
    )
    bad = times(bad_line, qs, size, rule.bad_bets)
    good = ([qs] if rule.equal else []) + times(good_line, qs, size, rule.good_bets)
    bad_bar, good_bar = bad_line.at(qs), good_line.at(qs)
    return (
        [log if qc > bad_bar else 0.0 for qc, log in zip(bad, log_es(bad, qs, bad_line, batch), strict=True)],
        [
            log if qc < good_bar else 0.0
            for qc, log in zip(good, log_es(good, qs, good_line, batch), strict=True)
        ],
    )


def times(line: Line, qs: float, size: float, factors: tuple[float, ...]) -> list[float]:
    """The shares whose odds are so many times those of the line at stable's share."""
    least = 0.5 / (size + 1)
    at = min(max(line.at(qs), least), 1 - least) if line.slope else line.shift
    odds = at / (1 - at)
    return [factor * odds / (1 + factor * odds) for factor in factors]
