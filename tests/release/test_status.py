from pathlib import Path

import pytest

from seatrial.journal import releases, servers
from seatrial.journal.servers import ServerRow
from seatrial.release import status
from seatrial.release.strategy import PROMOTE, ROUTE, START, WAIT, Step, frozen
from seatrial.system import clock

STEPS = (Step(START), Step(ROUTE, weight=5), Step(WAIT, seconds=90), Step(PROMOTE))


def begun(journal):
    with journal.change():
        releases.keep_environment(journal, "p", "e", "127.0.0.1:8080")
        body = {"evidence": {"verdict": "pass"}}
        revision = releases.add_revision(
            journal, "p", "e", package="sha256:1", run="r", commit="c", body=body
        )
        return releases.add_release(
            journal, revision, previous="", kind="release", plan={"steps": frozen(STEPS)}, body={}
        )


def test_an_environment_tells_what_is_live_and_what_is_under_way(home, journal):
    release = begun(journal)
    [seen] = status.status(home, journal)
    assert (seen.project, seen.name, seen.address, seen.revision) == ("p", "e", "127.0.0.1:8080", "")
    assert (seen.release, seen.step, seen.live_from) == (release.id, "start", None)
    servers.add(journal, "server-1", revision="p/e/1", port=20001, release=release.id)
    servers.add(journal, "server-2", revision="p/other/1", port=20002)
    releases.promote(journal, release)
    [seen] = status.status(home, journal, "p")
    assert (seen.revision, seen.package, seen.commit, seen.verdict) == ("p/e/1", "sha256:1", "c", "pass")
    assert seen.live_from is not None
    assert [(one.revision, one.port, one.status) for one in seen.processes] == [("p/e/1", 20001, "starting")]
    assert status.status(home, journal, "unknown") == []


def test_only_what_ended_by_itself_once_it_was_ready_counts_as_a_death(home, journal):
    releases.promote(journal, begun(journal))
    endings = (
        ("p/e/1", {"ready": 1.0, "at": 10.0, "reason": "old"}),
        ("p/e/1", {"ready": 1.0, "at": clock.now(), "reason": "new"}),
        ("p/e/1", {"at": 30.0, "reason": "it was not ready within 5 s"}),
        ("p/e/2", {"ready": 1.0, "at": 40.0, "reason": "another's"}),
        ("p/e2/1", {"ready": 1.0, "at": 50.0, "reason": "elsewhere"}),
    )
    for number, (revision, body) in enumerate(endings):
        row = servers.add(journal, f"server-{number}", revision=revision, port=1)
        servers.move(journal, row, servers.FAILED, **body)
    servers.add(journal, "server-9", revision="p/e/1", port=1)
    [seen] = status.status(home, journal)
    assert seen.deaths[:2] == (2, 1)
    assert seen.deaths.reason == "new"


@pytest.mark.parametrize(("step", "words"), [(0, "start"), (1, "route 5%"), (2, "wait 90s"), (3, "promote")])
def test_a_step_in_words(journal, step, words):
    release = begun(journal)._replace(step=step)
    assert status.describe_step(release) == words
    assert status.describe_step(release._replace(status=releases.TAKING_BACK)) == "taking back"


def test_counts_are_those_of_the_server_itself():
    row = ServerRow("server-1", "p/e/1", 20001, 7, 0, "", "ready", 100.0, {})
    stats = {
        "cluster.server-1.upstream_rq_total": 10,
        "cluster.server-1.upstream_rq_5xx": 802,
        "cluster.server-1.upstream_cx_none_healthy": 800,
        "cluster.server-1.upstream_rq_rx_reset": 1,
        "cluster.server-1.upstream_rq_active": 3,
        "cluster.server-10.upstream_rq_total": 99,
    }
    seen = status.process_status(Path("/h"), row, stats, 160.0)
    assert (seen.requests, seen.failed, seen.active, seen.seconds) == (10, 3, 3, 60.0)
    assert seen.log == "/h/servers/server-1.log"
