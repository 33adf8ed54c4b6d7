from __future__ import annotations

import pytest

from seatrial.journal import verdicts
from seatrial.journal.journal import Journal
from seatrial.journal.verdicts import VerdictRow
from seatrial.system import clock

ROW = VerdictRow("sha256:a", "shop", "r-1", "sha256:k", 0.0, "fail", "sha256:m", {"verdict": "sha256:v"})


def test_the_last_verdict_on_a_candidate_counts(journal: Journal) -> None:
    assert verdicts.last(journal, "sha256:a") is None
    verdicts.record(journal, ROW)
    verdicts.record(journal, ROW._replace(status="pass", run="r-2"))
    found = verdicts.last(journal, "sha256:a")
    assert found is not None
    assert (found.status, found.run, found.body) == ("pass", "r-2", {"verdict": "sha256:v"})
    assert found.at > 0
    assert [event.body["status"] for event in journal.events()] == ["fail", "pass"]


def test_a_model_is_found_in_its_own_project(journal: Journal) -> None:
    verdicts.record(journal, ROW)
    verdicts.record(journal, ROW._replace(candidate="sha256:b", status="pass"))
    verdicts.record(journal, ROW._replace(candidate="sha256:c", project="bank", status="error"))
    found = verdicts.of_model(journal, "shop", "sha256:m")
    assert found is not None
    assert found.candidate == "sha256:b"
    assert verdicts.of_model(journal, "shop", "sha256:n") is None
    assert verdicts.of_model(journal, "shop", "") is None


def test_the_latest_on_a_model_is_the_last_recorded_though_the_clock_steps_back(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter((3.0, 3.0, 2.0, 2.0, 1.0, 1.0))
    monkeypatch.setattr(clock, "now", lambda: next(times))
    for candidate, status in (("sha256:a", "fail"), ("sha256:b", "fail"), ("sha256:a", "pass")):
        verdicts.record(journal, ROW._replace(candidate=candidate, status=status))
    found = verdicts.of_model(journal, "shop", "sha256:m")
    assert found is not None
    assert (found.candidate, found.status) == ("sha256:a", "pass")
