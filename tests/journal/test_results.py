from __future__ import annotations

from seatrial.journal import results
from seatrial.journal.journal import Journal
from seatrial.journal.results import Result

ONE = Result(
    "sha256:k", "shop", "train", "r-1", 5.0, 1.5, (("command", "x"), ("inputs", "sha256:1")), {"a": [1]}
)


def test_the_first_result_stays(journal: Journal) -> None:
    assert results.keep(journal, ONE) == ONE
    later = ONE._replace(run="r-2", body={})
    assert results.keep(journal, later) == ONE
    assert results.find(journal, ONE.key) == ONE
    assert results.find(journal, "sha256:other") is None


def test_a_dropped_result_makes_room(journal: Journal) -> None:
    results.keep(journal, ONE)
    results.drop(journal, ONE.key, "damaged")
    results.drop(journal, ONE.key, "damaged")
    assert results.find(journal, ONE.key) is None
    [event] = journal.events(subject=ONE.key)
    assert (event.kind, event.body) == ("result.dropped", {"reason": "damaged"})
    assert results.keep(journal, ONE._replace(run="r-2")).run == "r-2"


def test_latest_first_of_one_stage(journal: Journal) -> None:
    made = [ONE._replace(key=f"sha256:{i}", at=float(i)) for i in range(1, 5)]
    for one in made:
        results.keep(journal, one)
    results.keep(journal, ONE._replace(key="sha256:x", stage="test", at=9.0))
    results.keep(journal, ONE._replace(key="sha256:y", project="other", at=9.0))
    assert results.latest(journal, "shop", "train", limit=3) == [made[3], made[2], made[1]]
    assert len(results.all_of(journal)) == 6


def test_latest_is_the_last_kept_though_the_clock_steps_back(journal: Journal) -> None:
    first, second = ONE._replace(at=9.0), ONE._replace(key="sha256:2", at=5.0)
    results.keep(journal, first)
    results.keep(journal, second)
    assert results.latest(journal, "shop", "train") == [second, first]
