"""A release from its beginning to its end, from what the journal kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from operator import itemgetter
from pathlib import Path

from seatrial.gateway.lifecycle import printed
from seatrial.journal import releases, servers, traffic
from seatrial.journal.journal import Event, Journal
from seatrial.journal.releases import ReleaseRow, RevisionRow
from seatrial.journal.traffic import Look
from seatrial.release import narration, see, strata
from seatrial.release.sight import CANDIDATE, STABLE, Flow, GateSight, Point, Replay, Said, Share
from seatrial.release.strata import Gap
from seatrial.system import clock

MOST_EVENTS = 10_000


def of_revision(home: Path, journal: Journal, revision: RevisionRow) -> list[Replay]:
    """Every release, and every rollback, to a revision, the oldest first."""
    rows = releases.releases(journal, revision.project, revision.environment)
    return [replay(home, journal, row, revision) for row in rows if row.revision == revision.id]


def replay(home: Path, journal: Journal, release: ReleaseRow, revision: RevisionRow) -> Replay:
    events = journal.events(subject=release.id, limit=MOST_EVENTS)
    sight = see.sight(journal, release, clock.now())
    body = revision.body
    return Replay(
        sight=sight,
        package=revision.package,
        commit=revision.commit,
        branch=str(body.get("branch", "")),
        run=revision.run,
        by=str(release.body.get("by", "")),
        why=str(release.body.get("why", "")),
        evidence=body.get("evidence", {}),
        said=tuple(said(events, release)),
        shares=tuple(shares(events, release)),
        points=points(traffic.looks(journal, release.id), sight.gates, release),
        flows=tuple(flows(journal, release)),
        quarantine=releases.quarantined(journal, release.project, release.environment, revision.package),
        log=log_of(home, journal, release),
    )


def said(events: Sequence[Event], release: ReleaseRow) -> list[Said]:
    told = [(event.at, narration.sentence(event)) for event in events]
    told += [(end, narration.undriven(end - begin)) for begin, end in gaps(release)]
    return [Said(at, at - release.started, text) for at, text in sorted(told, key=itemgetter(0)) if text]


def gaps(release: ReleaseRow) -> list[Gap]:
    """When nobody drove it, as far as it went on: a gap may begin with a driver that died before it."""
    start, end = release.started, release.finished or clock.now()
    known = [(max(begin, start), min(until, end)) for begin, until in strata.gaps_of(release.body)]
    return [(begin, until) for begin, until in known if begin < until]


def shares(events: Sequence[Event], release: ReleaseRow) -> list[Share]:
    """Who had how much, from the beginning to the end. Before it, all went to what was stable."""
    found = [Share(0.0, 0, 100 if release.previous else 0)]
    for event in events:
        if event.kind == "traffic":
            weights, copies = event.body["weights"], event.body.get("mirror", {})
            others = sum(share for name, share in weights.items() if name != release.revision)
            own, copied = weights.get(release.revision, 0), copies.get(release.revision, 0)
            found.append(Share(event.at - release.started, own, others, copied))
    for begin, until in gaps(release):
        found = without(found, begin - release.started, until - release.started)
    end = (release.finished or clock.now()) - release.started
    return [*found, found[-1]._replace(seconds=end)]


def without(found: list[Share], begin: float, end: float) -> list[Share]:
    """The same shares, but none of the candidate's from `begin` until `end`, or until others were set."""
    before, after = (
        [one for one in found if (one.seconds <= begin) is is_first] for is_first in (True, False)
    )
    last = before[-1]
    gap = Share(begin, 0, last.candidate + last.stable)
    again = [] if after and after[0].seconds <= end else [last._replace(seconds=end)]
    return [*before, gap, *again, *after]


def points(
    looks: Sequence[Look], gates: Sequence[GateSight], release: ReleaseRow
) -> tuple[tuple[Point, ...], ...]:
    """What each gate knew over time; what it knows in the end is the last point."""
    enough = log(1 / float(release.plan["alpha"])) if gates else 1.0
    found = []
    for number, gate in enumerate(gates):
        own = [point(look, release.started, enough) for look in looks if look.gate == number]
        found.append(closed(own, gate) if own else ())
    return tuple(found)


def point(look: Look, started: float, enough: float) -> Point:
    return Point(
        look.at - started,
        *look[2:9],
        evidence=see.share(look.log_good / enough),
        against=see.share(look.log_bad / enough),
    )


def closed(found: list[Point], gate: GateSight) -> tuple[Point, ...]:
    """With what the gate knows in the end, which no look may have been kept of."""
    last = found[-1]
    end = last._replace(
        candidate=gate.candidate,
        candidate_n=gate.candidate_n,
        stable=gate.stable,
        stable_n=gate.stable_n,
        low=gate.low,
        high=gate.high,
        evidence=gate.evidence,
        against=gate.against,
    )
    return (*found[:-1], end) if end.candidate_n == last.candidate_n else (*found, end)


def flows(journal: Journal, release: ReleaseRow) -> list[Flow]:
    """The requests to both revisions while it went on, warm-up and all: more than its gates weigh."""
    seconds = (release.finished or clock.now()) - release.started
    counts = traffic.of_release(journal, release.id)
    arms = ((release.previous, STABLE), (release.revision, CANDIDATE))
    return [
        see.flow(name, arm, [one for one in counts if one.revision == name], seconds)
        for name, arm in arms
        if name
    ]


def log_of(home: Path, journal: Journal, release: ReleaseRow) -> str:
    """The end of what the server of this release printed last."""
    own = [
        row for row in servers.of_revision(journal, release.revision) if row.body.get("release") == release.id
    ]
    return printed(home, own[0]) if own else ""
