"""The exit code of whoever waits for a release, by how it ended."""

from __future__ import annotations

import pytest

from seatrial.errors import INCONCLUSIVE, INTERRUPTED, PASSED, REFUSED, STAGE_FAILED
from seatrial.journal import releases
from seatrial.journal.releases import ReleaseRow
from seatrial.release.ending import exit_code


def ended(status: str, cause: str = "") -> ReleaseRow:
    empty = dict.fromkeys(ReleaseRow._fields, "")
    return ReleaseRow(**{**empty, "status": status, "body": {"cause": cause}})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "cause", "code"),
    [
        (releases.SUCCEEDED, "", PASSED),
        (releases.RUNNING, "", PASSED),
        (releases.ABORTED, "", INTERRUPTED),
        (releases.FAILED, "evidence", REFUSED),
        (releases.FAILED, "inconclusive", INCONCLUSIVE),
        (releases.FAILED, "", STAGE_FAILED),
    ],
)
def test_the_cause_says_the_code(status: str, cause: str, code: int) -> None:
    assert exit_code(ended(status, cause)) == code


def test_where_nothing_had_to_be_released() -> None:
    assert exit_code(None) == PASSED
