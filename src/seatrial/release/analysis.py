"""Look at the live traffic of an environment: keep what its log says, and let a release's gates weigh it.

A look is one transaction: how far the log was read, the counts of the minutes, the predictions, and what
every gate knows now. A look that dies leaves nothing behind, and the next one reads the same lines again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import fmean

from seatrial.evaluation import gate as language
from seatrial.evaluation.sequential import bursts
from seatrial.evaluation.sequential import split as ratio
from seatrial.evaluation.sequential.latency import Histogram
from seatrial.evaluation.sequential.live import History, number
from seatrial.evaluation.sequential.split import Split
from seatrial.gateway.access_log import Second
from seatrial.journal import labels, readings, traffic
from seatrial.journal.journal import Journal
from seatrial.journal.releases import RUNNING, EnvironmentRow, ReleaseRow
from seatrial.journal.traffic import MINUTE_SECONDS, Look, Minute
from seatrial.named_tuple import NamedTuple
from seatrial.release import all_providers, mirrored, pairing, probe, probed, strata, weighing
from seatrial.release.mirrored import Mirrored
from seatrial.release.outlook import Outlook, Standing, outlook
from seatrial.release.pairing import Copies
from seatrial.release.provider import Seen
from seatrial.release.strata import Stratum
from seatrial.release.weighing import Weighing
from seatrial.system import clock, compact_json

# What of stable's past speaks for how it usually is.
HISTORY_SECONDS = 7 * 86400.0
# What the present rate of requests is measured over.
RATE_SECONDS = 600.0
# A look is kept for people to see when a gate knows this much more than at the last one kept.
GROWTH = 1.05
# Among the gates of a release, that which is no gate: what all of them share.
COMMON = -1
# At most so much of the evidence is there while too many answers to mirrored requests are still to come.
UNSETTLED = 0.99
SPOILT = "the traffic does not split as it should: {:g}% were to go to the candidate, {:.3g}% did"


class Common(NamedTuple):
    """What all gates of a release share: the split of requests, the times of its weights.

    `pair` is the last pair of prediction and label that was read, `kept_n` the size of the last look kept,
    `copies` what became of mirrored requests, `reading` the last number that was counted.
    """

    split: Split = Split(0.0)
    strata: tuple[Stratum, ...] = ()
    pair: int = 0
    kept_n: float = 0
    copies: Copies = Copies()
    reading: int = 0


def by_minute(seconds: Sequence[Second]) -> list[Minute]:
    minutes: dict[tuple[str, int], Minute] = {}
    for one in seconds:
        if not one.revision:
            continue  # the gateway's own answer: nobody's request
        at = one.at - one.at % MINUTE_SECONDS
        new = Minute(one.revision, at, one.requests, one.failed, dict(one.latencies.buckets))
        key = (one.revision, at)
        minutes[key] = traffic.merged(minutes[key], new) if key in minutes else new
    return list(minutes.values())


def is_judged(release: ReleaseRow) -> bool:
    """Whether its gates have something to weigh: it has requests, or labels may still take it back."""
    served = "served" in release.body and bool(release.plan["gates"])
    return served and (release.status == RUNNING or "provisional_until" in release.body)


def weigh(
    journal: Journal,
    row: EnvironmentRow,
    release: ReleaseRow,
    found: Sequence[Second],
    copies: Mirrored = mirrored.NOTHING,
    common: Common | None = None,
) -> None:
    """Let every gate weigh what it has not seen yet: requests, labels, pairs of answers.

    `common` is what `shared` gives, for whoever has asked it already.
    """
    kept = traffic.states(journal, release.id)
    common = common or shared(journal, row, release)
    gates = {number: weighing.of_text(text) for number, text in kept.items() if number != COMMON}
    gates = frozen(journal, row, release, gates, common.pair)
    common, seen = seen_by(journal, row, release, common, found)
    common, seen = with_pairs(common, release, seen, copies)
    gates = {number: weighed(one, seen) for number, one in gates.items()}
    common = keep_looks(journal, release, common, gates, last_second(found))
    texts = {number: weighing.to_text(one) for number, one in gates.items()}
    traffic.keep_states(journal, release.id, {**texts, COMMON: text_of(common)})


def frozen(
    journal: Journal, row: EnvironmentRow, release: ReleaseRow, gates: dict[int, Weighing], last_pair: int
) -> dict[int, Weighing]:
    """All gates of the plan, each with its rule as soon as stable's past suffices for it; then for good.

    Labels up to `last_pair` belong to that past: no gate will weigh them any more.
    """
    missing = [n for n in range(len(release.plan["gates"])) if n not in gates or gates[n].state is None]
    if not missing:
        return gates
    past = history(journal, row, release.previous, float(release.body["served"]))
    past = with_labels(past, journal, row, release.previous, last_pair)
    alpha, by_pairs = float(release.plan["alpha"]), mirrored.is_mirrored(release)
    texts = release.plan["gates"]
    return gates | {n: weighing.freeze(texts[n], past, alpha, by_pairs=by_pairs) for n in missing}


def history(journal: Journal, row: EnvironmentRow, revision: str, until: float) -> History:
    """How a revision did up to a time."""
    minutes = traffic.minutes(
        journal, row.project, row.name, revision=revision, since=until - HISTORY_SECONDS
    )
    before = [one for one in minutes if one.at + MINUTE_SECONDS <= until]
    latencies: dict[int, int] = {}
    for one in before:
        for bucket, count in one.latencies.items():
            latencies[bucket] = latencies.get(bucket, 0) + count
    return History(
        failed=sum(one.errors for one in before),
        requests=sum(one.requests for one in before),
        latencies=Histogram(tuple(sorted(latencies.items()))),
        dispersion=bursts.dispersion([(one.errors, one.requests) for one in before]),
    )


def with_labels(past: History, journal: Journal, row: EnvironmentRow, revision: str, last: int) -> History:
    """With the size of a revision's errors, by its labels up to the pair `last`."""
    known = labels.latest(journal, row.project, row.name, revision, until=last)
    sizes = [size for pair in known if (size := error_size(pair)) is not None]
    return past._replace(error_size=fmean(sizes) if sizes else 0.0, labels=len(sizes))


def error_size(pair: labels.Pair) -> float | None:
    """How far a prediction is off; None where one of the two is no number."""
    given, wanted = number(pair.prediction), number(pair.label)
    return None if given is None or wanted is None else abs(given - wanted)


def rate(journal: Journal, row: EnvironmentRow, now: float) -> float | None:
    """Requests a second over the last whole minutes; None where there were none."""
    since = now - RATE_SECONDS
    found = traffic.minutes(journal, row.project, row.name, since=since)
    whole = [one for one in found if one.at + MINUTE_SECONDS <= now]
    if not whole:
        return None
    seconds = max(one.at for one in whole) + MINUTE_SECONDS - min(one.at for one in whole)
    return sum(one.requests for one in whole) / seconds or None


def shared(journal: Journal, row: EnvironmentRow, release: ReleaseRow) -> Common:
    """What all gates of a release share at this moment."""
    kept = traffic.states(journal, release.id)
    common = common_of(kept[COMMON]) if COMMON in kept else begun(journal, row)
    return split_now(common, row, release)


def split_now(common: Common, row: EnvironmentRow, release: ReleaseRow) -> Common:
    """A new stratum begins where the weights in force are others than at the last look."""
    weight = (row.serving or {}).get(release.revision, 0) or row.mirror.get(release.revision, 0)
    times = strata.begun(common.strata, clock.now(), weight)
    if times == common.strata:
        return common
    return common._replace(split=ratio.change(common.split, weight / 100), strata=times)


def moments(common: Common, release: ReleaseRow) -> Callable[[float], int | None]:
    """Says of a moment in which stratum it counts: after the warm-up, while somebody drove; else None."""
    warm = float(release.body["served"]) + float(release.plan["warm_up"])
    gaps = strata.gaps_of(release.body)
    return lambda at: strata.of_time(common.strata, at, gaps) if at > warm else None


def seen_by(
    journal: Journal, row: EnvironmentRow, release: ReleaseRow, common: Common, found: Sequence[Second]
) -> tuple[Common, Seen]:
    """What counts of what was found, each in its stratum."""
    arms, own = (release.revision, release.previous), moments(common, release)
    placed = [(own(one.at), one) for one in found if one.revision in arms]
    seconds = [(number, one) for number, one in placed if number is not None]
    pairs = labels.pairs(journal, row.project, row.name, after=common.pair)
    labelled = [(own(pair.predicted_at), pair) for pair in pairs]
    measured = readings.after(journal, release.id, common.reading)
    numbers = [(own(one.at), one) for one in measured]
    seen = Seen(
        *arms,
        seconds,
        [(number, pair) for number, pair in labelled if number is not None],
        readings=[(number, one) for number, one in numbers if number is not None],
    )
    last = len(common.strata) - 1
    common = common._replace(
        split=counted(
            common.split, [one for number, one in seconds if number == last], release.revision, row
        ),
        pair=pairs[-1].sequence if pairs else common.pair,
        reading=measured[-1].sequence if measured else common.reading,
    )
    return common, seen


def with_pairs(common: Common, release: ReleaseRow, seen: Seen, found: Mirrored) -> tuple[Common, Seen]:
    """Beside, the pairs of answers, each in the stratum of its request."""
    own = moments(common, release)
    placed = [(own(pair.stable.at), pair) for pair in found.pairs]
    before = common.copies
    copies = Copies(before.paired + found.paired, before.lost + found.lost, found.waiting)
    known = [(number, pair) for number, pair in placed if number is not None]
    return common._replace(copies=copies), seen._replace(mirrored=known)


def counted(split: Split, seconds: Sequence[Second], candidate: str, row: EnvironmentRow) -> Split:
    """The split of requests under the present weights; of copies there is none."""
    if row.mirror:
        return split
    requests = sum(one.requests for one in seconds)
    return ratio.count(split, sum(one.requests for one in seconds if one.revision == candidate), requests)


def weighed(gate: Weighing, seen: Seen) -> Weighing:
    if gate.state is None:
        return gate
    return weighing.weigh(gate, all_providers.provider_of(gate.live.source).batches(gate.live, seen))


def begun(journal: Journal, row: EnvironmentRow) -> Common:
    """Before the first look. Labels that were there before the release say nothing of its candidate."""
    return Common(pair=labels.last_pair(journal, row.project, row.name))


def last_second(found: Sequence[Second]) -> float:
    """Of what was found; without requests, now: labels and numbers come without them."""
    return max((float(one.at) for one in found), default=0.0) or clock.now()


def keep_looks(
    journal: Journal, release: ReleaseRow, common: Common, gates: dict[int, Weighing], at: float
) -> Common:
    """Keep what the gates know, for people to see, when it has grown enough: ever more rarely."""
    sizes = [int(one.state.closed.candidate_n) for one in gates.values() if one.state is not None]
    known = max(sizes, default=0)
    if known <= common.kept_n * GROWTH:
        return common
    traffic.add_looks(
        journal,
        release.id,
        [
            picture(number, common.strata[-1].weight, one, at)
            for number, one in gates.items()
            if one.state is not None
        ],
    )
    return common._replace(kept_n=known)


def picture(number: int, weight: int, gate: Weighing, at: float) -> Look:
    assert gate.state is not None
    assert gate.live.rule is not None
    seen, known = weighing.seen(gate.live, gate.live.rule, gate.state), weighing.standing(gate)
    return Look(
        gate=number,
        at=at,
        weight=weight,
        candidate=seen.candidate,
        candidate_n=int(gate.state.closed.candidate_n),
        stable=seen.stable,
        stable_n=int(gate.state.closed.stable_n),
        low=seen.low,
        high=seen.high,
        log_good=known.log_good,
        log_bad=known.log_bad,
    )


def standings(journal: Journal, release: ReleaseRow) -> list[Standing]:
    """What every gate of a release says now."""
    kept = traffic.states(journal, release.id)
    found = {n: weighing.standing(weighing.of_text(one)) for n, one in kept.items() if n != COMMON}
    texts, replayed = release.plan["gates"], probed.of_body(release.body)
    known = [
        (found.get(number) or Standing(text))._replace(compares=language.thaw(text).compares)
        for number, text in enumerate(texts)
    ]
    return [probe.added(standing, replayed, number) for number, standing in enumerate(known)]


def outlook_of(journal: Journal, release: ReleaseRow) -> Outlook:
    """All that decides about the release. Without gates there is nothing to wait for."""
    if not release.plan["gates"]:
        return Outlook(evidence=1.0)
    kept = traffic.states(journal, release.id)
    common = common_of(kept[COMMON]) if COMMON in kept else Common()
    copied = mirrored.share(release)
    spoilt = pairing.spoilt(common.copies, copied) if copied else spoilt_by(common)
    provisional = release.plan.get("mature_after") is not None
    alpha = float(release.plan["alpha"])
    found = outlook(standings(journal, release), alpha, spoilt=spoilt, provisional=provisional)
    if copied and pairing.awaited(common.copies, copied):
        return found._replace(evidence=min(found.evidence, UNSETTLED))
    return found


def spoilt_by(common: Common) -> str:
    if not ratio.alarmed(common.split):
        return ""
    split = common.split
    return SPOILT.format(100 * split.share, 100 * split.candidate / max(1, split.n))


def text_of(common: Common) -> str:
    return compact_json.encode(common)


def common_of(text: str) -> Common:
    plain = json.loads(text)
    fields = (
        plain if isinstance(plain, list) else {**Common()._asdict(), **plain}.values()
    )  # of an older journal
    split, times, pair, kept_n, copies, reading = fields
    strata = tuple(Stratum(*stratum) for stratum in times)
    return Common(Split(*split), strata, pair, kept_n, Copies(*copies), reading)
