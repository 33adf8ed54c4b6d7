"""Gates on the size of errors: their cap comes from the labels that stable had before."""

from __future__ import annotations

import pytest

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.live import History, value_of
from seatrial.journal import labels, releases
from seatrial.journal.journal import Journal
from seatrial.journal.labels import Label
from seatrial.journal.releases import ReleaseRow
from seatrial.release import analysis, see, weighing
from seatrial.release.provider import Batch
from seatrial.release.strategies import canary
from seatrial.release.strategy import ROUTE, frozen
from seatrial.system import clock
from tests.release.labelled import NAME, PROJECT, environment

GATE = "mean_absolute_error <= stable * 1.1"
PLACE = (PROJECT, NAME)


def begun(journal: Journal) -> ReleaseRow:
    """A release of revision 2 beside revision 1 that is at its first share."""
    environment(journal)
    plan = {"steps": frozen(canary.plan({"steps": "50%"})), "gates": [GATE], "alpha": 0.05, "warm_up": 0.0}
    with journal.change():
        revision = releases.revisions(journal, *PLACE)[1]
        row = releases.add_release(
            journal, revision, previous=f"{PROJECT}/{NAME}/1", kind="release", plan=plan, body={}
        )
        releases.advance(journal, row, 2, served=True, done={"kind": ROUTE, "weight": 50})
        releases.record_weights(journal, *PLACE, {f"{PROJECT}/{NAME}/{number}": 50 for number in (1, 2)}, {})
    found = releases.release(journal, row.id)
    assert found is not None
    return found


def told(journal: Journal, revision: int, errors: list[float], *, at: float, name: str) -> None:
    """Labels that say all by themselves: what was right is 0."""
    of = f"{PROJECT}/{NAME}/{revision}"
    whole = [Label(f"{name}-{n}", at, "0", str(error), of, at) for n, error in enumerate(errors)]
    with journal.change():
        assert labels.add_labels(journal, *PLACE, whole)["joined"] == len(errors)


def look(journal: Journal, release: ReleaseRow) -> None:
    row = releases.environment(journal, *PLACE)
    assert row is not None
    with journal.change():
        analysis.weigh(journal, row, release, [])


def test_the_cap_is_twenty_times_what_stable_was_off_by(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(journal)
    told(journal, 1, [1.0, 3.0] * 150, at=clock.now(), name="before")
    release = begun(journal)
    look(journal, release)
    assert see.gates(journal, release)[0].counts.startswith("errors, each counted at most 40")
    now = clock.now() + 60
    monkeypatch.setattr(clock, "now", lambda: now)
    for number in range(100):
        told(journal, 1, [1.0, 3.0] * 10, at=now, name=f"stable-{number}")
        told(journal, 2, [4.0, 8.0] * 10, at=now, name=f"candidate-{number}")
        look(journal, release)
    assert analysis.outlook_of(journal, release).failed == f"{GATE} does not hold"


def test_what_stable_shows_meanwhile_makes_up_for_a_past_without_labels(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = begun(journal)
    look(journal, release)
    assert see.gates(journal, release)[0].waiting == "needs 200 labelled predictions of stable; 0 are known"
    now = clock.now() + 60
    monkeypatch.setattr(clock, "now", lambda: now)
    told(journal, 1, [1.0] * 200, at=now, name="late")
    told(journal, 2, [9.0] * 200, at=now, name="too early")
    look(journal, release)
    assert see.gates(journal, release)[0].waiting  # these are weighed by nobody: now they are the past
    look(journal, release)
    gate = see.gates(journal, release)[0]
    assert (gate.waiting, gate.candidate_n) == ("", 0)
    told(journal, 1, [1.0] * 40, at=now, name="stable")
    told(journal, 2, [9.0] * 40, at=now, name="candidate")
    look(journal, release)
    assert see.gates(journal, release)[0].candidate == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("text", "candidate", "stable", "bar"),
    [
        ("mean_absolute_error <= stable + 1", 4.0, 2.0, 1.0),
        ("mean_error <= stable + 1", 4.0, 2.0, 1.0),
        ("mean_error <= 3", 4.0, None, 3.0),
        ("rmse <= stable * 1.1", 16.0, 4.0, 0.0),
        ("rmse <= 3", 16.0, None, 9.0),
    ],
)
def test_sizes_are_shown_in_their_own_unit(
    text: str, candidate: float, stable: float | None, bar: float
) -> None:
    frozen_gate = weighing.freeze(text, History(error_size=2.0, labels=300), 0.05)
    live = frozen_gate.live
    of = {"candidate": "4", "stable": "2"}
    values = {arm: value_of(live.gate, live.cap, given, "0") for arm, given in of.items()}
    arms = Arms(50 * (values["candidate"] or 0), 50, 50 * (values["stable"] or 0), 50)
    found = weighing.weigh(frozen_gate, [Batch(0, arms)])
    assert found.live.rule is not None
    assert found.state is not None
    seen = weighing.seen(found.live, found.live.rule, found.state)
    assert (seen.candidate, seen.stable, seen.bar) == pytest.approx((candidate, stable, bar))
