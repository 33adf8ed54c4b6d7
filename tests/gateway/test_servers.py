import os
import signal
import time

import pytest

from seatrial.errors import Infrastructure
from seatrial.gateway import lifecycle, ports, secret_values, servers
from seatrial.gateway.lifecycle import Serving
from seatrial.gateway.servers import Launch
from seatrial.journal import servers as rows
from seatrial.system import process
from tests.gateway.conftest import until
from tests.release.site import PATIENCE_SECONDS

pytestmark = pytest.mark.slow

SERVE = "exec python3 -m http.server --bind 127.0.0.1 $PORT"
ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def started(yard):
    """Starts a server by command, and ends all of them."""
    tokens = []

    def start(command, *, grace=PATIENCE_SECONDS, health="/"):
        token = servers.new_token(yard.home)
        tokens.append(token)
        rows.add(yard.journal, token, revision="p/e/1", port=ports.free_port(), release="p/e/release/1")
        serving = Serving(Launch(command, yard.home, ENV), health, grace)
        lifecycle.bring_up(yard, token, lambda: serving)
        return rows.server(yard.journal, token)

    yield start
    for token in tokens:
        process.end_token(token, 0)
        child = yard.children.pop(token, None)
        if child is not None:
            child.wait()


def test_a_server_that_answers_is_ready_and_leads_a_session_of_its_own(yard, started):
    row = started(SERVE)
    assert row.status == rows.READY
    assert yard.is_alive(row)
    assert os.getsid(row.pid) == row.pid
    assert process.with_token(row.token) == [row.pid]


def test_a_server_that_ends_tells_how_and_shows_its_last_lines(started):
    row = started("echo one; echo two >&2; exit 7")
    assert row.status == rows.FAILED
    assert row.body["reason"] == "it ended before it was ready, with exit code 7"
    assert row.body["log"].splitlines() == ["one", "two"]
    assert (row.body["exit"], row.body["ours"]) == (7, False)


def test_what_a_server_prints_of_a_secret_is_not_recorded(yard, started):
    secret_values.keep(yard.home, "p", "e", {"KEY": "s3cret-1"})
    assert started("echo with s3cret-1; exit 7").body["log"] == "with ***"


def test_the_end_of_a_log_begins_with_a_whole_line(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"first\n" + b"x" * servers.LARGEST_TAIL + b"\nlast\n")
    assert servers.last_lines(log) == "last"
    log.write_bytes(b"first\nlast")
    assert servers.last_lines(log) == "first\nlast"


def test_a_server_that_never_answers_is_ended_with_all_that_it_started(yard, started):
    row = started("sleep 600 & sleep 600", grace=0.3)
    assert row.status == rows.FAILED
    assert "not ready within 0.3 s: GET / on its port" in row.body["reason"]
    assert process.with_token(row.token) == []


def test_a_health_path_below_500_is_healthy(started):
    assert started(SERVE, health="/no-such-file").status == rows.READY


def test_what_cannot_be_prepared_is_not_the_models_fault(yard):
    token = servers.new_token(yard.home)
    rows.add(yard.journal, token, revision="p/e/1", port=1)

    def broken():
        raise Infrastructure("the disk is full")

    lifecycle.bring_up(yard, token, broken)
    row = rows.server(yard.journal, token)
    assert (row.status, row.body["ours"]) == (rows.FAILED, True)
    assert "the disk is full" in row.body["reason"]


def test_one_that_was_started_but_not_written_down_is_ended_before_the_next_starts(yard, started):
    token = servers.new_token(yard.home)
    lost = servers.spawn(yard.home, token, 1, Launch("exec sleep 600", yard.home, ENV))
    rows.add(yard.journal, token, revision="p/e/1", port=ports.free_port())
    lifecycle.bring_up(yard, token, lambda: Serving(Launch(SERVE, yard.home, ENV), "/", PATIENCE_SECONDS))
    assert lost.wait(timeout=PATIENCE_SECONDS) != 0
    row = rows.server(yard.journal, token)
    assert process.with_token(token) == [row.pid]
    lifecycle.stop(yard, row._replace(status=rows.READY))
    assert process.with_token(token) == []


def test_one_that_is_no_longer_wanted_is_not_started(yard):
    token = servers.new_token(yard.home)
    row = rows.add(yard.journal, token, revision="p/e/1", port=1)
    rows.move(yard.journal, row, rows.STOPPING)
    lifecycle.bring_up(yard, token, lambda: Serving(Launch(SERVE, yard.home, ENV), "/", PATIENCE_SECONDS))
    assert yard.children == {}
    lifecycle.stop(yard, rows.server(yard.journal, token))
    assert rows.server(yard.journal, token).status == rows.ENDED


def test_a_server_is_adopted_by_one_who_did_not_start_it(yard, started):
    row = started(SERVE)
    adopted = yard._replace(children={})
    assert adopted.is_alive(row)
    process.send(row.pid, signal.SIGKILL)
    until(lambda: not adopted.is_alive(row))
    lifecycle.lose(adopted, row)
    assert rows.server(yard.journal, row.token).body["reason"] == "its process is gone"
    yard.children.pop(row.token).wait()


def test_ending_asks_first_and_kills_what_does_not_listen(yard, started):
    ready = "python3 -m http.server --bind 127.0.0.1 $PORT"
    row = started(f"trap 'echo asked' TERM; {ready} & while true; do wait; done")
    assert row.status == rows.READY
    begun = time.monotonic()
    servers.end(yard.home, row.token, row.pid, grace_seconds=3.0)
    assert time.monotonic() - begun >= 3.0
    assert process.with_token(row.token) == []
    assert "asked" in servers.last_lines(servers.log_file(yard.home, row.token))
    assert not servers.own_folder(yard.home, row.token).exists()
    servers.end(yard.home, row.token, row.pid)  # once more does nothing


def test_ending_finds_also_what_left_the_group_and_threw_its_variables_away(yard, started, tmp_path):
    left = tmp_path / "left"
    inner = f"echo $$ > {left}.new; mv {left}.new {left}; exec sleep 1000"
    row = started(f"(setsid env -i sh -c '{inner}' &); while ! test -s {left}; do sleep 0.01; done; {SERVE}")
    pid = int(left.read_text())
    assert process.identify(pid) is not None
    assert pid not in process.with_token(row.token)
    servers.end(yard.home, row.token, row.pid)
    assert process.identify(pid) is None


def test_the_last_lines_of_a_log(tmp_path):
    log = tmp_path / "log"
    assert servers.last_lines(log) == ""
    log.write_bytes(b"x" * 100_000 + b"\n" + b"\n".join(b"line %d" % n for n in range(50)) + b"\n\xff\n")
    assert servers.last_lines(log, 3) == "line 48\nline 49\n\N{REPLACEMENT CHARACTER}"


def test_tokens_are_of_one_home(tmp_path):
    homes = [tmp_path / "a", tmp_path / "b"]
    tokens = [servers.new_token(home) for home in homes]
    assert tokens[0].startswith(servers.token_prefix(homes[0]))
    assert not tokens[1].startswith(servers.token_prefix(homes[0]))
