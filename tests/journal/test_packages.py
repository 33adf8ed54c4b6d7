from __future__ import annotations

from collections.abc import Callable

import pytest

from seatrial.journal import packages, runs
from seatrial.journal.journal import Journal
from seatrial.journal.runs import StageRun, Start
from seatrial.system import clock
from seatrial.system.process import Identity

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "12" * 32


def record(journal: Journal, digest: str, project: str = "shop", commit: str = "c") -> bool:
    return packages.record(journal, digest, project, run="r-1", commit=commit, body={"name": "m"})


def test_the_first_run_that_made_a_package_stays(journal: Journal) -> None:
    assert record(journal, ONE, commit="a")
    assert not record(journal, ONE, commit="b")
    found = packages.package(journal, "shop", ONE)
    assert found is not None
    assert (found.commit, found.run, found.body) == ("a", "r-1", {"name": "m"})
    assert [event.kind for event in journal.events(subject=ONE)] == ["package.made"]


def test_projects_do_not_share_their_packages(journal: Journal) -> None:
    assert record(journal, ONE, "shop")
    assert record(journal, ONE, "bank")
    assert len(packages.packages(journal, "shop")) == 1
    assert packages.package(journal, "other", ONE) is None


def test_the_newest_comes_first(journal: Journal) -> None:
    record(journal, TWO)
    record(journal, ONE)
    assert [row.digest for row in packages.packages(journal, "shop")] == [ONE, TWO]
    assert [row.digest for row in packages.packages(journal, "shop", limit=1)] == [ONE]


def give(journal: Journal, digest: str) -> None:
    """A run that gives a package, recorded where it is new."""
    run = runs.start(journal, Start("shop", "p", "c", "main", "t", False, Identity(1, 2, "boot")))
    record(journal, digest)
    body = {"body": {"package": digest}}
    runs.record(journal, [StageRun(run.id, "package", 0, "succeeded", body=body)])
    runs.finish(journal, run.id, "succeeded")


@pytest.mark.parametrize("later", [record, give])
@pytest.mark.parametrize("earlier", [record, give])
def test_the_newest_is_the_last_given_though_the_clock_steps_back(
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    earlier: Callable[..., object],
    later: Callable[..., object],
) -> None:
    monkeypatch.setattr(clock, "now", lambda: 9000.0)
    earlier(journal, ONE)
    monkeypatch.setattr(clock, "now", lambda: 5400.0)
    later(journal, TWO)
    assert packages.newest(journal, "shop") == TWO
    assert [row.digest for row in packages.packages(journal, "shop")] == [TWO, ONE]
    record(journal, ONE, "bank")
    assert packages.newest(journal, "shop") == TWO
