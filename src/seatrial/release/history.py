"""What was live when, from which commit, on what evidence; and how fast and how safely a team ships. Pure.

The three figures follow the definitions of DORA (DevOps Research and Assessment):
- lead time for changes: from the commit to its revision being live;
- change failure rate: the share of changes to live traffic that had to be taken back;
- time to restore: from such a change being live to the moment when another revision was live instead.
A release that no request has met, because it had no share of them or because none came, is no change to live
traffic that can have failed; a rollback is a repair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from statistics import median
from types import MappingProxyType
from typing import Any

from seatrial.journal.releases import ROLLBACK, SUCCEEDED, ReleaseRow, RevisionRow
from seatrial.named_tuple import NamedTuple
from seatrial.release.strategy import MIRROR


class Entry(NamedTuple):
    """One release. `live_from` and `live_until` are None where it was never live, or still is. `deaths` is
    how often its servers ended by themselves once they were ready."""

    release: str
    kind: str
    status: str
    revision: str
    number: int
    package: str
    commit: str
    branch: str
    run: str
    verdict: str
    evidence: Mapping[str, Any]
    by: str
    why: str
    started: float
    finished: float | None
    live_from: float | None
    live_until: float | None
    committed: float
    had_requests: bool
    deaths: int


class Delivery(NamedTuple):
    """Medians in seconds, and a rate; None where there is nothing to tell it from. `unmet` are the releases
    that were live, and are no `changes`, as no request met them."""

    changes: int
    failures: int
    unmet: int
    lead_seconds: float | None
    change_failure_rate: float | None
    restore_seconds: float | None


def history(
    releases: Sequence[ReleaseRow],
    revisions: Iterable[RevisionRow],
    met: Collection[str],
    deaths: Mapping[str, int] = MappingProxyType({}),
) -> list[Entry]:
    """All releases of one environment with what they released, the oldest first.

    `met` are the revisions that requests, or copies of them, came to; `deaths` are those of their servers.
    """
    by_id = {revision.id: revision for revision in revisions}
    promoted = [row.finished for row in releases if row.status == SUCCEEDED]
    ends = iter([*promoted[1:], None])
    return [
        entry(
            row,
            by_id[row.revision],
            next(ends) if row.status == SUCCEEDED else None,
            had_requests=row.revision in met and had_share(row),
            deaths=deaths.get(row.revision, 0),
        )
        for row in releases
    ]


def had_share(row: ReleaseRow) -> bool:
    """Whether requests, and not only copies of them, were led to what was released."""
    return any(step["weight"] and step["kind"] != MIRROR for step in row.plan["steps"][: row.step])


def entry(
    row: ReleaseRow, revision: RevisionRow, live_until: float | None, *, had_requests: bool, deaths: int
) -> Entry:
    evidence = revision.body.get("evidence", {})
    return Entry(
        release=row.id,
        kind=row.kind,
        status=row.status,
        revision=revision.id,
        number=revision.number,
        package=revision.package,
        commit=revision.commit,
        branch=str(revision.body.get("branch", "")),
        run=revision.run,
        verdict=str(evidence.get("verdict", "")),
        evidence=evidence,
        by=str(row.body.get("by", "")),
        why="; ".join(filter(None, (str(row.body.get("why", "")), *by_hand(row), row.reason))),
        started=row.started,
        finished=row.finished,
        live_from=row.finished if row.status == SUCCEEDED else None,
        live_until=live_until,
        committed=float(revision.body.get("committed", 0.0)),
        had_requests=had_requests,
        deaths=deaths,
    )


def by_hand(row: ReleaseRow) -> Iterator[str]:
    """What a person has said to it on its way, in words."""
    for name, word in (("let_on", "let on"), ("promoted", "promoted")):
        said = row.body.get(name)
        if said:
            yield f"{word} by {said['by'] or 'somebody'}" + (f": {said['why']}" if said["why"] else "")


def live_at(entries: Sequence[Entry], at: float) -> Entry | None:
    """What was live at a time (seconds since the epoch); None before the first release."""
    live = [one for one in entries if one.live_from is not None and one.live_from <= at]
    return live[-1] if live else None


def delivery(entries: Sequence[Entry]) -> Delivery:
    """The three figures over all releases given."""
    changes = [one for one in entries if one.kind != ROLLBACK and one.had_requests and one.finished]
    failed = [one for one in changes if restored_at(one, entries) is not None]
    leads = [
        one.live_from - one.committed
        for one in entries
        if one.kind != ROLLBACK and one.live_from and one.committed
    ]
    restores = [
        restored - (one.live_from or one.started)
        for one in failed
        if (restored := restored_at(one, entries)) is not None
    ]
    return Delivery(
        changes=len(changes),
        failures=len(failed),
        unmet=sum(one.kind != ROLLBACK and bool(one.live_from) and not one.had_requests for one in entries),
        lead_seconds=median(leads) if leads else None,
        change_failure_rate=len(failed) / len(changes) if changes else None,
        restore_seconds=median(restores) if restores else None,
    )


def restored_at(one: Entry, entries: Sequence[Entry]) -> float | None:
    """When a failed change was repaired: taken back, or followed by a rollback; None: it did not fail."""
    if one.live_from is None:
        return one.finished
    following = next(
        (other for other in entries if other.live_from == one.live_until and one.live_until), None
    )
    return one.live_until if following is not None and following.kind == ROLLBACK else None
