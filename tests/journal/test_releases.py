import pytest

from seatrial.journal import releases, servers
from seatrial.journal.releases import DOWN, RUNNING, SUCCEEDED, TAKING_BACK
from seatrial.system import clock
from seatrial.system.process import Identity


@pytest.fixture
def revision(journal):
    with journal.change():
        releases.keep_environment(journal, "p", "e", "127.0.0.1:1")
        return releases.add_revision(
            journal, "p", "e", package="sha256:1", run="r", commit="c", body={"k": 1}
        )


def begin(journal, to, previous=""):
    with journal.change():
        return releases.add_release(
            journal, to, previous=previous, kind="release", plan={"steps": []}, body={"by": "Ada"}
        )


def kinds(journal, subject):
    return [event.kind for event in journal.events(subject=subject)]


def test_numbers_count_within_an_environment(journal, revision):
    with journal.change():
        second = releases.add_revision(journal, "p", "e", package="x", run="", commit="", body={})
        other = releases.add_revision(journal, "p", "f", package="x", run="", commit="", body={})
    assert [revision.id, second.id, other.id] == ["p/e/1", "p/e/2", "p/f/1"]
    assert releases.revision(journal, "p/e/1") == revision
    assert releases.revision(journal, "p/e/9") is None
    assert [one.number for one in releases.revisions(journal, "p", "e")] == [1, 2]


def test_a_second_unfinished_release_is_impossible(journal, revision):
    begin(journal, revision)
    with pytest.raises(Exception, match="UNIQUE"):
        begin(journal, revision)
    assert len(releases.releases(journal, "p", "e")) == 1
    assert len(kinds(journal, "p/e/release/1")) == 1, "and leaves no event behind"


def test_a_release_that_succeeds_is_stable_at_the_same_instant(journal, revision):
    release = begin(journal, revision)
    releases.advance(journal, release, 1, done={"kind": "start"})
    fresh = releases.unfinished(journal, "p", "e")
    assert (fresh.step, fresh.status, fresh.body["by"]) == (1, RUNNING, "Ada")
    assert fresh.body["entered"] >= release.started
    assert releases.stable(journal, "p", "e") is None
    releases.promote(journal, fresh)
    assert releases.stable(journal, "p", "e") == revision
    assert releases.unfinished(journal, "p", "e") is None
    assert releases.release(journal, release.id).status == SUCCEEDED
    assert kinds(journal, release.id) == ["release.started", "release.step", "release.succeeded"]


@pytest.mark.parametrize(("aborted", "status"), [(True, "aborted"), (False, "failed")])
def test_a_release_that_is_taken_back_stays_unfinished_until_it_is_over(journal, revision, aborted, status):
    release = begin(journal, revision)
    releases.take_back(journal, release, reason="it crashed", aborted=aborted)
    taken = releases.unfinished(journal, "p", "e")
    assert (taken.status, taken.reason) == (TAKING_BACK, "it crashed")
    releases.fail(journal, taken)
    over = releases.release(journal, release.id)
    assert (over.status, over.reason, over.finished is None) == (status, "it crashed", False)


def test_an_abort_is_not_lost_between_two_steps(journal, revision):
    release = begin(journal, revision)
    releases.ask_abort(journal, release, "enough")
    releases.advance(journal, release, 1)  # by a supervisor that had read the row before
    assert releases.unfinished(journal, "p", "e").body["abort"] == "enough"


def test_weights_are_replaced_and_not_merged(journal, revision):
    releases.record_weights(journal, "p", "e", {"p/e/1": 95, "p/e/2": 5})
    releases.record_weights(journal, "p", "e", {"p/e/2": 100})
    releases.record_weights(journal, "p", "e", {"p/e/2": 100})
    row = releases.environment(journal, "p", "e")
    assert row.weights == {"p/e/2": 100}
    assert row.serving is None
    assert kinds(journal, "p/e") == ["traffic", "traffic"]
    releases.record_serving(journal, row, {"p/e/2": 100})
    row = releases.environment(journal, "p", "e")
    assert (row.serving, row.weights) == ({"p/e/2": 100}, {"p/e/2": 100})
    releases.record_serving(journal, row, None)
    assert releases.environment(journal, "p", "e").serving is None


def test_an_environment_goes_down_and_keeps_its_address(journal, revision):
    releases.set_desired(journal, "p", "e", DOWN)
    with journal.change():
        releases.keep_environment(journal, "p", "e", "127.0.0.1:2")
    row = releases.environment(journal, "p", "e")
    assert (row.desired, row.address) == (DOWN, "127.0.0.1:2")
    assert releases.environments(journal) == [row]
    assert releases.environment(journal, "p", "f") is None


def test_a_quarantine_is_of_one_package_in_one_environment(journal):
    releases.quarantine(journal, "p", "e", "sha256:1", "it crashed")
    releases.quarantine(journal, "p", "e", "sha256:1", "again")
    assert releases.quarantined(journal, "p", "e", "sha256:1") == "it crashed"
    assert releases.quarantined(journal, "p", "f", "sha256:1") == ""
    releases.lift_quarantine(journal, "p", "e", "sha256:1", "repaired")
    assert releases.quarantined(journal, "p", "e", "sha256:1") == ""
    assert [event.body["reason"] for event in journal.events(subject="p/e")][-1] == "repaired"


def test_a_server_moves_only_from_where_it_is(journal):
    row = servers.add(journal, "server-1", revision="p/e/1", port=20001, release="p/e/release/1")
    assert servers.live(journal) == [row]
    assert row.identity is None
    servers.started(journal, "server-1", Identity(7, 8, "boot"))
    assert servers.server(journal, "server-1").identity == Identity(7, 8, "boot")
    assert servers.move(journal, row, servers.READY, ready=1.0)
    assert not servers.move(journal, row, servers.FAILED, reason="too late")
    ready = servers.server(journal, "server-1")
    assert (ready.status, ready.body) == (servers.READY, {"release": "p/e/release/1", "ready": 1.0})
    assert servers.move(journal, ready, servers.ENDED)
    assert servers.live(journal) == []
    assert [one.status for one in servers.of_revision(journal, "p/e/1")] == [servers.ENDED]
    assert kinds(journal, "p/e/release/1") == ["server.starting", "server.ready", "server.ended"]


def test_releases_and_servers_keep_their_order_though_the_clock_steps_back(journal, revision, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: 9000.0)
    first = begin(journal, revision)
    releases.promote(journal, first)
    servers.add(journal, "b", revision=revision.id, port=1)
    monkeypatch.setattr(clock, "now", lambda: 5400.0)
    second = begin(journal, revision)
    servers.add(journal, "a", revision=revision.id, port=2)
    assert [one.id for one in releases.releases(journal, "p", "e")] == [first.id, second.id]
    assert [one.token for one in servers.live(journal)] == ["b", "a"]
    assert [one.token for one in servers.of_revision(journal, revision.id)] == ["a", "b"]
