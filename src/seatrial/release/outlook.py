"""What live traffic says of a candidate so far, as one answer to: go on, go further, or go back. Pure.

Every gate has a process that weighs the evidence for and against the candidate (`evaluation.sequential`);
this file draws them together. To promote, all gates must have enough (an intersection-union test, each at α).
To take back, the mean of all gates' evidence against must be enough: a mean of e-values is an e-value, so
that α holds for all gates together.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from seatrial.evaluation.sequential.process import log_mean
from seatrial.named_tuple import NamedTuple

# The weights of `auto`, by the part of the evidence that is there.
LADDER = ((0.0, 2), (0.1, 5), (0.25, 10), (0.5, 25), (0.75, 50))


class Standing(NamedTuple):
    """One gate: the logarithms of its evidence for and against; `late`: it waits for labels to come.

    `compares`: it needs the stable revision beside the candidate.
    """

    gate: str
    log_good: float = 0.0
    log_bad: float = 0.0
    has_passed: bool = False
    late: bool = False
    compares: bool = False


class Outlook(NamedTuple):
    """`evidence`: from 0 to 1 = enough to promote, `beside`: that of the gates that compare. `failed`: why
    the candidate is bad. `spoilt`: why the measurement cannot be relied on."""

    evidence: float = 0.0
    failed: str = ""
    spoilt: str = ""
    weight: int = 0
    beside: float = 1.0


def outlook(
    standings: Sequence[Standing], alpha: float, *, spoilt: str = "", provisional: bool = False
) -> Outlook:
    """`provisional`: gates that wait for labels do not hold a promotion; they judge it afterwards."""
    holding = [one for one in standings if not (provisional and one.late)]
    evidence = least(holding, alpha)
    beside = least([one for one in holding if one.compares], alpha)
    return Outlook(evidence, failure(standings, alpha), spoilt, allowed(evidence), beside)


def least(standings: Sequence[Standing], alpha: float) -> float:
    """What the gate with the least evidence has of it; without gates nothing is missing."""
    return min((evidence_of(one, alpha) for one in standings), default=1.0)


def evidence_of(standing: Standing, alpha: float) -> float:
    if standing.has_passed:
        return 1.0
    return min(1.0, max(0.0, standing.log_good / log(1 / alpha)))


def failure(standings: Sequence[Standing], alpha: float) -> str:
    """Why the release must be taken back: the gate that speaks against it most; "" where none must."""
    if not standings:
        return ""
    together = log_mean((1 / len(standings),) * len(standings), tuple(one.log_bad for one in standings))
    worst = max(standings, key=lambda one: one.log_bad)
    return f"{worst.gate} does not hold" if together >= -log(alpha) else ""


def allowed(evidence: float) -> int:
    """The share of the traffic, in percent, that a candidate may have on this evidence."""
    return max(weight for least, weight in LADDER if evidence >= least)
