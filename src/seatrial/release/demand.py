"""How much live traffic the gates of an environment need before they can promote an equal candidate. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seatrial.evaluation.gate import Gate
from seatrial.evaluation.sequential import more, plan, shadow
from seatrial.evaluation.sequential.decide import PROMOTE
from seatrial.evaluation.sequential.live import LABELS, LATENCIES, PAIRS, History, Live
from seatrial.evaluation.sequential.more import More
from seatrial.evaluation.sequential.rule import MEAN
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.quantity import parse_percent

# The candidate's part of the traffic where the strategy does not say it.
USUAL_SHARE = 0.25
USUAL_EVERY = 10.0  # seconds between two readings of a number
COPIES = "copied requests"
SHADOW = "shadow"  # the strategy whose candidate answers copies beside stable
# Strategies after whose switch the stable revision has no requests that could be compared with.
ALONE = ("recreate", "blue-green")


class Demand(NamedTuple):
    """What one gate needs: requests or labels of the candidate, and so the time; None where not known."""

    gate: str
    requests: int | None
    seconds: float | None
    sentence: str


def share_of(strategy: str, options: Mapping[str, str]) -> float:
    """The part of the traffic that the candidate has, or gets copies of, on average while it is judged."""
    if strategy == SHADOW:
        return parse_percent(options.get("share", "100%")) or 1.0
    if strategy in ALONE:
        return 1.0
    words = options.get("steps", "").split(",")
    shares = [share for word in words if (share := parse_percent(word) if word else None)]
    return sum(shares) / len(shares) if shares else USUAL_SHARE


def demands(
    gates: Sequence[Gate],
    alpha: float,
    share: float,
    history: History | None = None,
    per_second: float | None = None,
    *,
    by_pairs: bool = False,
    by_users: bool = False,
    every: Mapping[str, float] | None = None,
    within: float | None = None,
) -> tuple[Demand, ...]:
    """For each gate; by stable's past and the present rate of requests, where they are known.

    `by_pairs`: both revisions answer the same requests. `by_users`: of each user the first one counts.
    `every`: how often each number is measured. `within`: so many seconds there are.
    """
    past, often = history or History(), every or {}
    found = (
        numbers(gate, alpha, often.get(gate.metric, USUAL_EVERY))
        if gate.number
        else demand(gate, alpha, share, past, per_second, by_pairs=by_pairs, by_users=by_users)
        for gate in gates
    )
    return tuple(in_time(one, within) for one in found)


def in_time(found: Demand, within: float | None) -> Demand:
    """With a word on the deadline where it comes before."""
    if within is None or found.seconds is None or found.seconds <= within:
        return found
    return found._replace(sentence=f"{found.sentence}, but `within` gives it {duration(within)}")


def numbers(gate: Gate, alpha: float, every: float) -> Demand:
    """Of a number: so many readings, one after the other."""
    live = plan.plan(gate, alpha=alpha)
    assert live.rule is not None
    found = more.needed(live.rule, 0.0, 0.0, 0.5)
    assert found is not None
    seconds = found.requests * every
    text = f"about {found.requests} readings, if all keep it: {duration(seconds)} at one every {every:g} s"
    return Demand(gate.text, found.requests, seconds, text)


def demand(
    gate: Gate,
    alpha: float,
    share: float,
    past: History,
    per_second: float | None,
    *,
    by_pairs: bool = False,
    by_users: bool = False,
) -> Demand:
    live = plan.plan(gate, past, alpha)
    rates = more.usual(live, past)
    if live.rule is None or rates is None:
        reason = live.waiting or "how many depends on how the errors spread"
        return Demand(gate.text, None, None, reason)
    found = needed(shadow.paired(live), rates) if by_pairs else more.needed(live.rule, *rates, share)
    if found is None or found.toward != PROMOTE:
        return Demand(gate.text, None, None, "only a candidate that is clearly better is promoted")
    units = unit(live, by_pairs=by_pairs, by_users=by_users)
    seconds = found.requests / (per_second * share) if per_second and units.endswith("requests") else None
    bad = {LABELS: "wrong", LATENCIES: "slow", PAIRS: "different"}.get(live.source, "failed")
    if live.rule.line.slope:
        if_ = f"if it equals a stable one with {rates[1]:.2%} {bad}"
    else:
        if_ = f"if {rates[0]:.2%} are {bad}"
    text = f"about {found.requests:,} {units}{'' if units == COPIES else ' of the candidate'}, {if_}"
    if seconds is not None:
        text += f": {duration(seconds)} at {per_second:.3g} requests/s"
    return Demand(gate.text, found.requests, seconds, text)


def unit(live: Live, *, by_pairs: bool, by_users: bool) -> str:
    """What of the candidate's is counted."""
    if live.source == LABELS and not by_pairs:
        return "labels"
    return "users" if by_users else COPIES if by_pairs else "requests"


def needed(live: Live, rates: tuple[float, float]) -> More | None:
    """Pairs: of a gate that compares the arms, and of one that looks at the candidate alone."""
    assert live.rule is not None
    if live.rule.kind == MEAN:
        return more.needed_pairs(live.rule, *rates)
    return more.needed(live.rule, *rates, share=0.5)


def duration(seconds: float) -> str:
    """In words: "40 s", "12 min", "5 h", "3 d"."""
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1.0, seconds):.0f} s"
