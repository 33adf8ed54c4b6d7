from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.project import api, machine, upkeep
from seatrial.project.project import Wanted, open_home
from seatrial.project.times import parse_time
from seatrial.store import blobs
from seatrial.system import clock
from tests.conftest import Repository


@pytest.fixture
def ran(repository: Callable[..., Repository], home: Path) -> Repository:
    made = repository()
    made.write("seatrial.yaml", "stages:\n  a: {run: echo made > out.txt, outputs: [out.txt]}\n")
    made.commit("first")
    api.run(Wanted(made.folder))
    return made


def test_what_results_use_is_kept_and_the_rest_goes(ran: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    home = open_home()
    stray = blobs.add_bytes(home.store, b"nobody names this")
    later = time.time() + 30 * 86_400  # what is young is never collected
    monkeypatch.setattr(clock, "now", lambda: later)
    removed = upkeep.collect(home)
    assert removed.blobs >= 1
    assert not blobs.has(home.store, stray)
    (again,) = api.report(api.run(Wanted(ran.folder))).stages
    assert again.is_restored


def test_old_results_are_forgotten_when_asked(ran: Repository) -> None:
    home = open_home()
    upkeep.collect(home, older_than_days=1.0)
    (kept,) = api.report(api.run(Wanted(ran.folder))).stages
    assert kept.is_restored
    upkeep.collect(home, older_than_days=0.0)
    (made,) = api.report(api.run(Wanted(ran.folder))).stages
    assert not made.is_restored


def test_the_parts_of_a_home_are_counted(ran: Repository) -> None:
    parts = upkeep.usage(open_home())
    assert parts["store"] > 0
    assert parts["journal"] > 0
    assert parts["all"] >= parts["store"] + parts["journal"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-05-03T14:07:00Z", 1777817220.0),
        ("2026-05-03T16:07+02:00", 1777817220.0),
        ("2026-05-03T14:07", 1777817220.0),
        ("2026-05-03", 1777852800.0),  # the end of that day: midnight before the fourth
    ],
)
def test_times(text: str, at: float) -> None:
    assert parse_time(text) == at


def test_what_is_no_time() -> None:
    with pytest.raises(BadInput, match="is no time"):
        parse_time("noon")


def test_a_look_that_fails_is_a_bad_part(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> machine.Part:
        raise OSError("no such thing")

    monkeypatch.setattr(machine, "_LOOKS", (("thing", broken),))
    assert list(machine.parts()) == [machine.Part("thing", machine.BAD, "no such thing")]


def test_a_home_that_others_can_read_is_told(home: Path) -> None:
    home.chmod(0o755)
    found = {part.name: part for part in machine.parts()}
    assert found["home"].state == machine.OPTIONAL
    assert "chmod 700" in found["home"].hint


def test_a_damaged_journal_is_told(home: Path) -> None:
    (home / "journal.db").write_bytes(b"this is no database at all" * 400)
    found = {part.name: part for part in machine.parts()}
    assert found["journal"].state == machine.BAD
