from __future__ import annotations

from seatrial.journal import packages
from seatrial.journal.journal import Journal

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
