"""Users who stay count once, by the first of their requests that counts."""

from __future__ import annotations

import pytest

from seatrial.journal import releases, traffic
from seatrial.journal.journal import Journal
from seatrial.journal.releases import EnvironmentRow, ReleaseRow
from seatrial.release import analysis, looks, weighing
from seatrial.release.looks import Piece
from seatrial.release.strategies import canary
from seatrial.release.strategy import frozen
from seatrial.system import clock
from tests.release.labelled import NAME, PROJECT, environment

STABLE, CANDIDATE = f"{PROJECT}/{NAME}/1", f"{PROJECT}/{NAME}/2"
SERVED, WARM_UP = 1000.0, 5.0


def begun(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> tuple[EnvironmentRow, ReleaseRow]:
    """A canary at 50% since SERVED, which nobody drove from 2000 to 2010; it has been looked at once."""
    environment(journal)
    plan = {
        "steps": frozen(canary.plan({"steps": "50%"})),
        "gates": ["error_rate <= stable + 2pp"],
        "alpha": 0.05,
        "warm_up": WARM_UP,
    }
    candidate = releases.revision(journal, CANDIDATE)
    assert candidate is not None
    with journal.change():
        added = releases.add_release(journal, candidate, previous=STABLE, kind="release", plan=plan, body={})
        releases.note(journal, added, served=SERVED, undriven=[[2000.0, 2010.0]])
    row, release = releases.environment(journal, PROJECT, NAME), releases.release(journal, added.id)
    assert row is not None
    assert release is not None
    serving = {STABLE: 50, CANDIDATE: 50}
    row = row._replace(body={"gateway": {"sticky": "header x-user"}, "serving": serving})
    monkeypatch.setattr(clock, "now", lambda: SERVED)
    look(journal, row, release, [])
    return row, release


def look(
    journal: Journal, row: EnvironmentRow, release: ReleaseRow, asked: list[tuple[int, str, str]]
) -> None:
    """With a line of the log for each (second, revision, user)."""
    lines = [f"{at}\t{revision}\t200\t-\t-\t900\tr\t-\t{user}\n" for at, revision, user in asked]
    main = Piece(looks.Position(), "".join(lines).encode(), True)
    with journal.change():
        looks.judge(journal, row, release, {"main": main, "shadow": main._replace(content=b"")}, [])


def counted(journal: Journal, release: ReleaseRow) -> tuple[float, float]:
    gate = weighing.of_text(traffic.states(journal, release.id)[0])
    assert gate.state is not None
    arms = [gate.state.closed, *gate.unweighed.values()]
    return sum(one.candidate_n for one in arms), sum(one.stable_n for one in arms)


def test_who_came_when_nothing_counted_counts_from_the_next_request_on(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, release = begun(journal, monkeypatch)
    monkeypatch.setattr(clock, "now", lambda: 3000.0)
    early = [(1001, CANDIDATE, "blurred"), (1004, CANDIDATE, "warming"), (2005, STABLE, "undriven")]
    look(journal, row, release, early)
    assert counted(journal, release) == (0, 0)
    look(journal, row, release, [(2020, CANDIDATE, user) for _, _, user in early])
    look(journal, row, release, [(2021, STABLE, "other"), (2022, "p/e/9", "third")])
    assert counted(journal, release) == (3, 1)
    look(journal, row, release, [(2030, CANDIDATE, "blurred"), (2031, STABLE, "third")])
    assert counted(journal, release) == (3, 2)
    assert not analysis.outlook_of(journal, release).spoilt
