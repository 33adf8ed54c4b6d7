"""Which revision a rollback goes to."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.errors import BadInput, Refused
from seatrial.journal import releases
from seatrial.journal.journal import Journal
from seatrial.journal.releases import ROLLBACK, SUCCEEDED, EnvironmentRow, ReleaseRow, RevisionRow


def earlier(journal: Journal, row: EnvironmentRow, to: str) -> RevisionRow:
    """The revision that a rollback goes to: one that was live here before, and is not in quarantine."""
    past = [one for one in releases.releases(journal, row.project, row.name) if one.status == SUCCEEDED]
    for name in _named(row, past, to) if to else _before(row, past):
        revision = releases.revision(journal, name)
        assert revision is not None
        reason = releases.quarantined(journal, row.project, row.name, revision.package)
        if not reason:
            return revision
    raise Refused(f"revision {name} is in quarantine: {reason}", hint="name another one")


def _named(row: EnvironmentRow, past: Sequence[ReleaseRow], to: str) -> list[str]:
    wanted = to if "/" in to else f"{row.project}/{row.name}/{to}"
    were_live = {one.revision for one in past}
    if wanted not in were_live:
        hint = f"those that were: {_numbers(past) or 'none'}"
        raise BadInput(f"revision {to} was never live in {row.name}", hint=hint)
    return [wanted]


def _before(row: EnvironmentRow, past: Sequence[ReleaseRow]) -> list[str]:
    """Those that may be gone back to without a name, the nearest first: never to one that was fled."""
    standing = standing_of(past)
    found = standing[: standing.index(row.stable)] if row.stable in standing else standing
    if not found:
        others = _numbers([one for one in past if one.revision != row.stable])
        hint = f"a rollback has left {others}; name the one that you want: --to NUMBER" if others else ""
        raise BadInput(f"{row.project}/{row.name} has no earlier revision to go back to", hint)
    return found[::-1]


def standing_of(past: Sequence[ReleaseRow]) -> list[str]:
    """The revisions of releases that succeeded, each over the one that it replaced (pure).

    A rollback takes away those above the one that it goes to: somebody had a reason to leave them.
    """
    found: list[str] = []
    for one in past:
        if one.kind == ROLLBACK and one.revision in found:
            del found[found.index(one.revision) + 1 :]
        else:
            found = [name for name in found if name != one.revision] + [one.revision]
    return found


def _numbers(past: Sequence[ReleaseRow]) -> str:
    """The numbers of their revisions, the last that was live first."""
    return ", ".join(dict.fromkeys(one.revision.rpartition("/")[2] for one in reversed(past)))
