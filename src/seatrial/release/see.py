"""From the journal to what there is to see of an environment: who gets the requests, and what gates know."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, log

from seatrial.evaluation import gate as language
from seatrial.evaluation.sequential import latency, more
from seatrial.evaluation.sequential.latency import Histogram
from seatrial.evaluation.sequential.live import ERRORS, LABELS, LATENCIES, NUMBERS, PAIRS
from seatrial.evaluation.sequential.shadow import is_drift
from seatrial.journal import readings, releases, servers, traffic
from seatrial.journal.journal import Journal
from seatrial.journal.readings import Reading
from seatrial.journal.releases import EnvironmentRow, ReleaseRow
from seatrial.journal.servers import READY
from seatrial.journal.traffic import MINUTE_SECONDS, Minute
from seatrial.release import analysis, driven, mirrored, pairing, probe, probed, rollout, weighing
from seatrial.release.driven import Drive, Driver
from seatrial.release.outlook import Standing, evidence_of
from seatrial.release.sight import CANDIDATE, STABLE, Flow, GateSight, Sight, Watched
from seatrial.release.status import step_words
from seatrial.release.weighing import Weighing
from seatrial.system import clock

# What a gate counts, where it is neither requests nor users.
UNITS = {LABELS: "labels", NUMBERS: "readings"}


def watched(journal: Journal, row: EnvironmentRow, driver: Driver = Driver()) -> Watched:  # noqa: B008
    """An environment at this moment."""
    now = clock.now()
    release = releases.unfinished(journal, row.project, row.name)
    provisional = releases.provisional(journal, row) if release is None else None
    falls_back = is_ready(journal, row.stable)
    driving = drive(journal, release, driver, now) if release else driven.WELL
    found = flows(journal, row, release, now)
    found = driven.fallen_back(found) if driving.has_lapsed and falls_back else found
    is_promoted = bool(release and release.body.get("promoted"))
    alone = driven.sentence(driving, falls_back=falls_back, is_promoted=is_promoted)
    per_second = sum(one.rate for one in found if one.arm == CANDIDATE)
    return Watched(
        project=row.project,
        environment=row.name,
        at=now,
        address=row.address,
        flows=found,
        release=under_way(journal, row, release, now, per_second)._replace(undriven=alone)
        if release
        else None,
        provisional=sight(journal, provisional, now)._replace(undriven=driven.unjudged(driver))
        if provisional
        else None,
        trouble=row.trouble.text,
    )


def under_way(
    journal: Journal, row: EnvironmentRow, release: ReleaseRow, now: float, per_second: float
) -> Sight:
    """With the address of its preview, as long as something answers there."""
    preview = str(row.gateway.get("preview", "")) if is_ready(journal, release.revision) else ""
    return sight(journal, release, now, per_second)._replace(preview=preview)


def is_ready(journal: Journal, revision: str) -> bool:
    return any(one.status == READY for one in servers.of_revision(journal, revision))


def drive(journal: Journal, release: ReleaseRow, driver: Driver, now: float) -> Drive:
    """How a release is driven; before its candidate has requests nobody has to."""
    seen = traffic.driver_seen(journal, release.id)
    if seen is None:
        return driven.WELL
    own = {one.token for one in servers.of_revision(journal, release.revision) if one.status == READY}
    return driven.drive(now - seen, driver, own)


def flows(journal: Journal, row: EnvironmentRow, release: ReleaseRow | None, now: float) -> tuple[Flow, ...]:
    """The requests of the last minute, the stable revision first.

    Counts are kept by the minute, so that it is the present minute and the one before.
    """
    since = now - now % MINUTE_SECONDS - MINUTE_SECONDS
    minutes = traffic.minutes(journal, row.project, row.name, since=since)
    shares, copies = row.serving or {}, row.mirror
    candidate = release.revision if release else ""
    revisions = dict.fromkeys((row.stable, candidate, *shares, *copies))
    served = release.body.get("served") if release else None
    found = []
    for name in filter(None, revisions):
        arm = STABLE if name == row.stable else CANDIDATE
        begun = max(since, float(served)) if served and arm == CANDIDATE else since
        counts = flow(name, arm, [one for one in minutes if one.revision == name], now - begun)
        found.append(counts._replace(share=shares.get(name, 0), mirrored=copies.get(name, 0)))
    return tuple(found)


def flow(revision: str, arm: str, minutes: Sequence[Minute], seconds: float) -> Flow:
    """All requests of some minutes as one."""
    latencies = Histogram()
    for one in minutes:
        latencies = latency.merge(latencies, Histogram(tuple(one.latencies.items())))
    return Flow(
        revision,
        arm,
        0,
        seconds=max(seconds, 1.0),
        requests=sum(one.requests for one in minutes),
        errors=sum(one.errors for one in minutes),
        p50=latency.quantile(latencies, 0.5) if latencies.n else None,
        p95=latency.quantile(latencies, 0.95) if latencies.n else None,
    )


def sight(journal: Journal, release: ReleaseRow, now: float, per_second: float = 0.0) -> Sight:
    """A release as it stands. `per_second`: the candidate's requests."""
    plan, body = release.plan, release.body
    steps = tuple(step_words(step) for step in plan["steps"])
    outlook = analysis.outlook_of(journal, release)
    left = rollout.seconds_left(release, now) if release.finished is None else inf
    return Sight(
        release=release.id,
        kind=release.kind,
        revision=release.revision,
        previous=release.previous,
        status=release.status,
        strategy=str(plan.get("strategy", "")),
        steps=steps,
        step=min(release.step + 1, len(steps)),
        started=release.started,
        served=body.get("served"),
        finished=release.finished,
        seconds_left=max(0.0, left) if isfinite(left) else None,
        on_deadline=str(plan.get("on_deadline", "")),
        alpha=plan.get("alpha"),
        reason=release.reason,
        held=who(body.get("held")),
        promoted=who(body.get("promoted")),
        spoilt=outlook.spoilt,
        awaited=awaited(journal, release) if release.finished is None else "",
        provisional_until=body.get("provisional_until"),
        settled=str(body.get("settled", "")),
        evidence=outlook.evidence if plan["gates"] else 0.0,
        gates=gates(journal, release, per_second),
        probed=probed.of_body(body),
    )


def awaited(journal: Journal, release: ReleaseRow) -> str:
    """Why the promotion of a shadow waits for answers, "" where it does not."""
    kept, copied = traffic.states(journal, release.id), mirrored.share(release)
    if not copied or analysis.COMMON not in kept:
        return ""
    return pairing.awaited(analysis.common_of(kept[analysis.COMMON]).copies, copied)


def who(said: dict[str, str] | None) -> str:
    """By whom, and why, as a person has said it."""
    if not said:
        return ""
    return (
        f"{said.get('by') or 'somebody'}: {said['why']}" if said.get("why") else said.get("by") or "somebody"
    )


def gates(journal: Journal, release: ReleaseRow, per_second: float = 0.0) -> tuple[GateSight, ...]:
    """Every gate of the plan; those that have not begun know nothing."""
    kept, replayed = traffic.states(journal, release.id), probed.of_body(release.body)
    last = readings.last(journal, release.id)
    row = releases.environment(journal, release.project, release.environment)
    by_users = bool(row and row.gateway.get("sticky"))
    found = []
    for number, text in enumerate(release.plan["gates"]):
        weighed = weighing.of_text(kept[number]) if number in kept else None
        known = gate_sight(weighed, per_second, by_users=by_users) if weighed else GateSight(text)
        known = with_probe(known, weighed, release, number) if replayed else known
        found.append(with_reading(known, last.get(language.thaw(text).metric)))
    return tuple(found)


def with_reading(known: GateSight, last: Reading | None) -> GateSight:
    return known._replace(last=last.value, trouble=last.trouble) if last else known


def with_probe(known: GateSight, weighed: Weighing | None, release: ReleaseRow, number: int) -> GateSight:
    """With the evidence of recorded requests beside that of users' requests."""
    standing = weighing.standing(weighed) if weighed else Standing(known.gate)
    both, alpha = probe.added(standing, probed.of_body(release.body), number), float(release.plan["alpha"])
    return known._replace(evidence=evidence_of(both, alpha), against=share(both.log_bad / log(1 / alpha)))


def gate_sight(gate: Weighing, per_second: float = 0.0, *, by_users: bool = False) -> GateSight:
    """How fast requests come says nothing of other units, as users of whom the first request counts."""
    live, state, rule = gate.live, gate.state, gate.live.rule
    unit = UNITS.get(live.source, "users" if by_users else "requests")
    known = GateSight(
        live.gate.text,
        live.counts,
        live.source in (ERRORS, LATENCIES, NUMBERS) or (live.source == PAIRS and not is_drift(live)),
        live.source == LABELS,
        unit,
        waiting=live.waiting,
    )
    if rule is None or state is None:
        return known
    seen, standing = weighing.seen(live, rule, state), weighing.standing(gate)
    enough = log(1 / rule.alpha)
    lacks = None if state.passed else more.more(rule, state)
    is_timed = lacks is not None and per_second > 0 and unit == "requests"
    return known._replace(
        candidate=seen.candidate,
        candidate_n=round(state.closed.candidate_n),
        stable=seen.stable,
        stable_n=round(state.closed.stable_n),
        slope=rule.line.slope,
        bar=seen.bar,
        low=seen.low,
        high=seen.high,
        evidence=1.0 if state.passed else share(standing.log_good / enough),
        against=share(standing.log_bad / enough),
        more=lacks.requests if lacks else None,
        more_seconds=lacks.requests / per_second if lacks and is_timed else None,
        toward=lacks.toward if lacks else "",
    )


def share(value: float) -> float:
    return min(1.0, max(0.0, value))
