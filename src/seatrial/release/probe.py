"""What recorded requests say of a candidate, once both revisions have answered them. Pure.

Both answered the same requests, so they are compared pair by pair (`evaluation.sequential.shadow`). Of each
gate that gives an e-value, as the gate's own traffic does; what one of them can bet depends on nothing that
the other will show, so their product is one, too, and the same α holds for both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from seatrial.evaluation import gate as language
from seatrial.evaluation.gate import Gate
from seatrial.evaluation.sequential import plan
from seatrial.evaluation.sequential.live import ERRORS, LATENCIES, PAIRS, History
from seatrial.gateway.log_line import Line
from seatrial.release import all_providers, weighing
from seatrial.release.demand import demand
from seatrial.release.outlook import Standing
from seatrial.release.pairing import Pair
from seatrial.release.probed import Probed
from seatrial.release.provider import Seen
from seatrial.release.providers.pairs import agreed as agreement
from seatrial.release.strategy import ANALYSE, PROBE, START, STOP, Step

# What recorded requests can say something about.
SOURCES = frozenset({ERRORS, LATENCIES, PAIRS})


def planned(steps: tuple[Step, ...], *, has_requests: bool) -> tuple[Step, ...]:
    """The steps, with one that replays: before anybody gets an answer, where the plan does not say when.

    A plan that waits for no evidence waits for none of recorded requests; in one that stops the stable
    revision first there are no two revisions to answer them.
    """
    kinds = [step.kind for step in steps]
    if not has_requests or PROBE in kinds or ANALYSE not in kinds or STOP in kinds:
        return steps
    after = kinds.index(START) + 1
    return (*steps[:after], Step(PROBE), *steps[after:])


def judged(texts: Sequence[str], pairs: Sequence[Pair], past: History, alpha: float) -> Probed:
    """What all pairs say; `past` is the stable revision's, of users' requests."""
    ours, theirs = [pair.candidate for pair in pairs], [pair.stable for pair in pairs]
    agreed = [one for one in map(agreement, pairs) if one is not None]
    return Probed(
        requests=len(pairs),
        candidate_failed=sum(line.failed for line in ours),
        stable_failed=sum(line.failed for line in theirs),
        same_status=sum(pair.candidate.code == pair.stable.code for pair in pairs),
        predicted=len(agreed),
        agreed=round(sum(same for same, _ in agreed)),
        candidate_seconds=middle(ours),
        stable_seconds=middle(theirs),
        gates={
            str(number): found
            for number, text in enumerate(texts)
            if (found := weighed(text, pairs, past, alpha)) is not None
        },
    )


def middle(lines: Sequence[Line]) -> float | None:
    known = [line.microseconds / 1e6 for line in lines if line.microseconds is not None]
    return median(known) if known else None


def weighed(text: str, pairs: Sequence[Pair], past: History, alpha: float) -> tuple[float, float] | None:
    """The evidence for and against, as logarithms; None of a gate that these answers say nothing about."""
    if not is_asked(language.thaw(text)):
        return None
    gate = weighing.freeze(text, past, alpha, by_pairs=True)
    if gate.live.rule is None:
        return None
    seen = Seen("", "", mirrored=[(0, pair) for pair in pairs])
    batches = all_providers.provider_of(gate.live.source).batches(gate.live, seen)
    known = weighing.standing(weighing.weigh(gate, batches))
    return known.log_good, known.log_bad


def is_asked(gate: Gate) -> bool:
    return plan.plan(gate).source in SOURCES


def added(standing: Standing, probed: Probed | None, number: int) -> Standing:
    """What a gate says with what the recorded requests say."""
    good, bad = probed.gates.get(str(number), (0.0, 0.0)) if probed else (0.0, 0.0)
    return standing._replace(log_good=standing.log_good + good, log_bad=standing.log_bad + bad)


def worth(gates: Sequence[Gate], alpha: float, past: History, requests: int | None) -> list[tuple[str, str]]:
    """What so many recorded requests, if an equal candidate answers them, do for each gate; None: any."""
    return [(gate.text, worth_to(gate, alpha, past, requests)) for gate in gates]


def worth_to(gate: Gate, alpha: float, past: History, requests: int | None) -> str:
    if not is_asked(gate):
        return "recorded requests say nothing about it"
    known = demand(gate, alpha, 0.5, past, None, by_pairs=True)
    if known.requests is None:
        return known.sentence
    needed = f"about {known.requests:,} recorded requests"
    if requests is None:
        return f"{needed} are all the evidence that an equal candidate needs"
    part = min(1.0, requests / max(1, known.requests))
    return f"{requests:,} of {needed}: {part:.0%} of the evidence that an equal candidate needs"
