"""What the end of a release means to whoever asked for it."""

from __future__ import annotations

from seatrial.errors import INCONCLUSIVE, INTERRUPTED, PASSED, REFUSED, STAGE_FAILED
from seatrial.journal import releases
from seatrial.journal.releases import ReleaseRow
from seatrial.release import decide

_BY_CAUSE = {decide.EVIDENCE: REFUSED, decide.INCONCLUSIVE: INCONCLUSIVE}


def exit_code(release: ReleaseRow | None) -> int:
    """0: live, or on its way as was asked; 130: a person aborted it; else why it took itself back."""
    if release is None or release.status in (releases.SUCCEEDED, releases.RUNNING):
        return PASSED
    if release.status == releases.ABORTED:
        return INTERRUPTED
    return _BY_CAUSE.get(release.body.get("cause", ""), STAGE_FAILED)
