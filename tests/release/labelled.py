"""What the tests of labels stand on: an environment that keeps predictions, without anything that serves."""

from __future__ import annotations

from typing import Any

from seatrial.gateway.log_line import Line
from seatrial.journal import releases
from seatrial.journal.journal import Journal
from seatrial.journal.releases import EnvironmentRow
from seatrial.pipeline.pipeline import Predictions

PROJECT, NAME = "reviews", "production"


def environment(journal: Journal, policy: Predictions | None = Predictions(), **more: Any) -> EnvironmentRow:  # noqa: B008
    """The environment, with revisions 1 and 2. It is down: nobody is woken for it."""
    kept = policy._replace(**more)._asdict() if policy else None
    with journal.change():
        releases.keep_environment(journal, PROJECT, NAME, "127.0.0.1:1", gateway={"predictions": kept})
        while len(releases.revisions(journal, PROJECT, NAME)) < 2:
            releases.add_revision(journal, PROJECT, NAME, package="x", run="", commit="", body={})
        journal.database.rows("UPDATE environment SET desired = ?", (releases.DOWN,))
    row = releases.environment(journal, PROJECT, NAME)
    assert row is not None
    return row


def answer(request: str, prediction: str = "a", *, revision: int = 1, at: int = 10, **more: Any) -> Line:
    return Line(at, f"{PROJECT}/{NAME}/{revision}", 200, False, 900, request, prediction)._replace(**more)
