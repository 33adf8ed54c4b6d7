"""What a release says of itself while it is watched."""

from __future__ import annotations

import pytest

from seatrial.journal.journal import Event
from seatrial.release.narration import sentence

REASON = "it ended before it was ready, with exit code 1\nthe last lines of its log:\nno weights"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("release.taking_back", f"taking it back: {REASON}"),
        ("release.failed", "taken back: it ended before it was ready, with exit code 1"),
    ],
)
def test_the_end_of_a_log_is_said_once(kind: str, said: str) -> None:
    assert sentence(Event(1, 0.0, kind, "r/production/1", {"reason": REASON})) == said
