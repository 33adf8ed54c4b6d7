import pytest

from seatrial.journal.releases import ReleaseRow, RevisionRow
from seatrial.release import history
from seatrial.release.strategies import blue_green, shadow
from seatrial.release.strategy import asked, frozen

DAY = 86_400.0
PLAN = {"steps": frozen(asked(blue_green.plan({"bake": "1h"}), judged=False, compared=False))}


def revision(number, committed):
    body = {"evidence": {"verdict": "pass"}, "branch": "main", "committed": committed}
    return RevisionRow(
        f"p/e/{number}", "p", "e", number, f"sha256:{number}", f"run-{number}", f"c{number}", 0.0, body
    )


def release(number, to, kind, status, started, finished, step=4):
    name = f"p/e/release/{number}"
    return ReleaseRow(
        name, "p", "e", f"p/e/{to}", "", kind, PLAN, step, status, started, finished, {"by": "Ada"}
    )


REVISIONS = [revision(1, 0.5 * DAY), revision(2, 1 * DAY), revision(3, 4 * DAY), revision(4, 5 * DAY)]
MET = {one.id for one in REVISIONS}
RELEASES = [
    release(1, 1, "release", "succeeded", 1 * DAY, 1 * DAY),
    release(2, 2, "release", "succeeded", 2 * DAY, 3 * DAY),
    release(3, 1, "rollback", "succeeded", 3.4 * DAY, 3.5 * DAY),
    release(4, 3, "release", "failed", 4.5 * DAY, 4.75 * DAY, step=2),  # it had requests, and was taken back
    release(5, 3, "release", "failed", 4.8 * DAY, 4.9 * DAY, step=0),  # it never started
    release(6, 4, "release", "succeeded", 6 * DAY, 6 * DAY),
]


def test_copies_of_requests_are_no_change_to_live_traffic():
    plan = {"steps": frozen(shadow.plan({}))}
    refuted = release(7, 4, "release", "failed", 7 * DAY, 7.1 * DAY, step=2)._replace(plan=plan)
    promoted = refuted._replace(step=4, status="succeeded")
    found = history.history([refuted, promoted], REVISIONS, ["p/e/4"])
    assert [one.had_requests for one in found] == [False, True]


def test_a_release_that_nobody_met_is_no_change_to_live_traffic():
    found = history.delivery(history.history(RELEASES, REVISIONS, MET - {"p/e/3", "p/e/4"}))
    assert (found.changes, found.failures, found.unmet) == (2, 1, 1)
    assert history.delivery(history.history(RELEASES, REVISIONS, [])).change_failure_rate is None


@pytest.fixture
def entries():
    return history.history(RELEASES, REVISIONS, MET)


def test_what_was_live_when_from_which_commit_on_what_evidence(entries):
    live = [
        (one.number, one.commit, one.verdict, one.live_from, one.live_until)
        for one in entries
        if one.live_from
    ]
    assert live == [
        (1, "c1", "pass", 1 * DAY, 3 * DAY),
        (2, "c2", "pass", 3 * DAY, 3.5 * DAY),
        (1, "c1", "pass", 3.5 * DAY, 6 * DAY),
        (4, "c4", "pass", 6 * DAY, None),
    ]


@pytest.mark.parametrize(
    ("day", "number"), [(0.9, None), (1.0, 1), (2.9, 1), (3.0, 2), (3.6, 1), (5.0, 1), (100.0, 4)]
)
def test_what_was_live_at_a_time(entries, day, number):
    found = history.live_at(entries, day * DAY)
    assert (found.number if found else None) == number


def test_how_fast_and_how_safely_a_team_ships(entries):
    found = history.delivery(entries)
    # Four changes of live traffic: 1, 2, 3 (taken back) and 4; the one that never started is none.
    assert (found.changes, found.failures) == (4, 2)
    assert found.change_failure_rate == 0.5
    # From commit to live: 0.5, 2 and 1 days; 3 was never live by right.
    assert found.lead_seconds == 1 * DAY
    # 2 was live for half a day before the rollback, 3 was taken back a quarter of a day after it began.
    assert found.restore_seconds == pytest.approx(0.375 * DAY)


def test_without_any_release_there_is_nothing_to_tell():
    assert history.delivery(history.history([], [], [])) == (0, 0, 0, None, None, None)
    assert history.live_at([], DAY) is None


def test_what_a_person_said_on_its_way_is_told():
    body = {"by": "Ada", "let_on": {"by": "Bob", "why": "seen"}, "promoted": {"by": "Eve", "why": ""}}
    [told] = history.history([RELEASES[0]._replace(body=body)], REVISIONS, MET)
    assert told.why == "let on by Bob: seen; promoted by Eve"


def test_the_deaths_of_servers_are_told_with_their_revision():
    found = history.history(RELEASES, REVISIONS, MET, {"p/e/3": 7})
    assert {one.revision: one.deaths for one in found if one.deaths} == {"p/e/3": 7}
