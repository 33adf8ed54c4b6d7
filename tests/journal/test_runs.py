from __future__ import annotations

import pytest

from seatrial.errors import BadInput
from seatrial.journal import runs
from seatrial.journal.journal import Journal
from seatrial.journal.runs import Run, StageRun, Start
from seatrial.system import clock
from seatrial.system.process import Identity

OWNER = Identity(1234, 567, "a-boot")


def begin(journal: Journal, project: str = "shop", **fields: object) -> Run:
    what = Start(project, "seatrial.yaml", "c0ffee", "main", "sha256:1", False, OWNER, {"stages": ["a"]})
    return runs.start(journal, what._replace(**fields))  # type: ignore[arg-type]


def test_a_run_is_found_as_it_was_started(journal: Journal) -> None:
    run = begin(journal, dirty=True)
    assert runs.get(journal, run.id) == run
    assert run[1:9] == ("shop", 1, "seatrial.yaml", "c0ffee", "main", "sha256:1", True, "running")
    assert (run.finished, run.owner, run.body) == (None, OWNER, {"stages": ["a"]})


def test_numbers_count_within_a_project(journal: Journal) -> None:
    assert [begin(journal, name).number for name in ("a", "a", "b", "a")] == [1, 2, 1, 3]


def test_ids_sort_by_time_and_are_fresh() -> None:
    ids = [runs.new_id() for _ in range(500)]
    assert len(set(ids)) == 500
    assert [one[:11] for one in ids] == sorted(one[:11] for one in ids)
    assert all(len(one) == 19 and one.startswith("r-") for one in ids)


def test_ids_are_fresh_though_the_clock_is_before_1970(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: -3600.0)
    one, two = runs.new_id(), runs.new_id()
    assert one != two
    assert one.startswith("r-000000000")


def test_finish_is_once(journal: Journal) -> None:
    run = begin(journal)
    assert runs.unfinished(journal) == [run]
    runs.record(journal, [StageRun(run.id, "a", 0, "running", started=1.0)])
    assert runs.finish(journal, run.id, "failed", {"exit_code": 1})
    assert not runs.finish(journal, run.id, "succeeded")
    found = runs.get(journal, run.id)
    assert found is not None
    assert (found.status, found.body) == ("failed", {"stages": ["a"], "exit_code": 1})
    assert found.finished is not None
    assert runs.unfinished(journal) == []
    stage = runs.stage(journal, run.id, "a")
    assert stage is not None
    assert stage.status == "failed"
    assert [event.kind for event in journal.events()].count("run.finished") == 1


def test_stages_come_in_their_order_as_they_are_last(journal: Journal) -> None:
    run = begin(journal)
    one = StageRun(run.id, "one", 1, "succeeded", "sha256:k", 2, 10.0, 0.5, {"message": "m"})
    two = StageRun(run.id, "two", 0, "running", attempt=1, started=11.0)
    runs.record(journal, [one._replace(status="running", body={}), two])
    runs.record(journal, [one])
    assert runs.stages(journal, run.id) == [two, one]
    assert runs.stage(journal, run.id, "one") == one
    assert runs.stage(journal, run.id, "none") is None


def test_recording_is_all_or_nothing(journal: Journal) -> None:
    run = begin(journal)
    good, bad = StageRun(run.id, "a", 0, "running"), StageRun("no such run", "b", 0, "running")
    with pytest.raises(Exception, match="FOREIGN KEY"):
        runs.record(journal, [good, bad])
    assert runs.stages(journal, run.id) == []
    assert "stage.started" not in [event.kind for event in journal.events()]


def test_find_takes_numbers_ids_and_their_beginnings(journal: Journal) -> None:
    first, second = begin(journal), begin(journal)
    begin(journal, "other")
    assert runs.find(journal, "shop", "") == second
    assert runs.find(journal, "shop", "1") == first
    assert runs.find(journal, "shop", "#2") == second
    assert runs.find(journal, "shop", second.id) == second
    assert runs.find(journal, "shop", second.id[:-1]) == second
    with pytest.raises(BadInput, match="more than one run begins with 'r-'"):
        runs.find(journal, "shop", "r-")


@pytest.mark.parametrize("text", ["3", "#0", "r-x", "%", "9" * 30, "-1"])
def test_find_says_what_is_not_there(journal: Journal, text: str) -> None:
    begin(journal)
    with pytest.raises(BadInput, match="there is no run"):
        runs.find(journal, "shop", text)


def test_find_in_an_empty_project(journal: Journal) -> None:
    with pytest.raises(BadInput, match="the project shop has no run yet"):
        runs.find(journal, "shop", "")


def test_latest_by_branch(journal: Journal) -> None:
    one, two, three = begin(journal), begin(journal, branch="topic"), begin(journal)
    assert runs.latest(journal, "shop") == [three, two, one]
    assert runs.latest(journal, "shop", limit=1) == [three]
    assert runs.latest(journal, "shop", branch="topic") == [two]


def test_the_run_before_is_of_the_same_pipeline_and_branch(journal: Journal) -> None:
    one = begin(journal)
    begin(journal, branch="topic")
    begin(journal, pipeline="Jenkinsfile")
    assert runs.before(journal, "shop", "seatrial.yaml", one.branch, one.number) is None
    found = runs.before(journal, "shop", "seatrial.yaml", one.branch, 4)
    assert (found and found.id, found and found.finished) == (one.id, None)


def test_previous_status_is_of_the_same_pipeline_and_branch_and_ended(journal: Journal) -> None:
    one = begin(journal)
    assert runs.previous_status(journal, "shop", "seatrial.yaml", one.branch, 1) is None
    runs.finish(journal, one.id, "failed")
    begin(journal)
    other = begin(journal, pipeline="Jenkinsfile")
    runs.finish(journal, other.id, "succeeded")
    topic = begin(journal, branch="topic")
    runs.finish(journal, topic.id, "unstable")
    assert runs.previous_status(journal, "shop", "seatrial.yaml", one.branch, 5) == "failed"
    assert runs.previous_status(journal, "shop", "Jenkinsfile", one.branch, 5) == "succeeded"
    assert runs.previous_status(journal, "shop", "seatrial.yaml", "topic", 5) == "unstable"
    assert runs.previous_status(journal, "shop", "Jenkinsfile", "topic", 5) is None
