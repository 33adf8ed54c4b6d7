"""A promotion that labels may still take back: judged on, until they have had their time."""

from __future__ import annotations

from seatrial.journal import releases
from seatrial.journal.journal import Journal
from seatrial.journal.releases import UP, EnvironmentRow, ReleaseRow
from seatrial.release import analysis, outlook, request
from seatrial.release.outlook import Standing
from seatrial.system import clock

CONFIRMED = "confirmed"
UNPROVEN = "unproven"  # the time is over, and the labels that came did not suffice
TAKEN_BACK = "taken back"
JUDGE = "the gates"


def until(journal: Journal, release: ReleaseRow) -> float | None:
    """Until when a promotion now would be provisional; None where no label can change it any more."""
    mature = release.plan.get("mature_after")
    late = late_standings(journal, release)
    return clock.now() + float(mature) if mature is not None and late else None


def late_standings(journal: Journal, release: ReleaseRow) -> list[Standing]:
    """What the gates say that wait for labels."""
    return [one for one in analysis.standings(journal, release) if one.late]


def settle(journal: Journal, row: EnvironmentRow) -> None:
    """Settle a provisional promotion if it is time; a release that is under way has its turn first."""
    release = releases.provisional(journal, row)
    if release is None or row.desired != UP or releases.unfinished(journal, row.project, row.name):
        return
    standings = late_standings(journal, release)
    failed = outlook.failure(standings, float(release.plan["alpha"]))
    if failed:
        take_back(journal, row, release, failed)
    elif clock.now() >= float(release.body["provisional_until"]):
        passed = all(one.has_passed for one in standings)
        releases.settle(journal, release, CONFIRMED if passed else UNPROVEN)


def take_back(journal: Journal, row: EnvironmentRow, release: ReleaseRow, reason: str) -> None:
    """Put the package away and go back to what was live before: all of it, or nothing."""
    revision = releases.revision(journal, release.revision)
    before = releases.revision(journal, release.previous)
    assert revision is not None
    with journal.change(durable=True):
        releases.settle(journal, release, TAKEN_BACK, reason)
        releases.quarantine(journal, row.project, row.name, revision.package, reason)
        if before is not None:
            request.begin_rollback(journal, row, before, by=JUDGE, why=reason)
