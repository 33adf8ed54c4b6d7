"""Read exactly once: by itself, and behind a real Envoy."""

import http.client
import os
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.clients import envoy
from seatrial.gateway import access_log, log_line
from seatrial.gateway.access_log import Position, older, read, turn_over
from seatrial.gateway.config import Share
from tests.gateway.conftest import until
from tests.properties import examples
from tests.release.site import get

NOWHERE = envoy.Admin(Path("/nonexistent/admin.sock"))


@pytest.fixture
def log(tmp_path):
    return tmp_path / "access.log"


def drained(log, position, most=access_log.MOST):
    """All lines after a position, and the position after them."""
    found = b""
    while True:
        content, after = read(log, position, most)
        found += content
        if not content and after == position:
            return found, position
        position = after


def append(log, content):
    with log.open("ab") as file:
        file.write(content)


def test_a_log_that_is_not_there_yet_has_no_lines(log):
    assert read(log, Position()) == (b"", Position())


def test_only_whole_lines_are_read_and_none_twice(log):
    append(log, b"one\ntwo\nthr")
    content, position = read(log, Position())
    assert content == b"one\ntwo\n"
    assert read(log, position) == (b"", position)
    append(log, b"ee\n")
    assert read(log, position)[0] == b"three\n"


def test_a_log_that_was_turned_over_is_read_to_its_end_and_removed_when_that_is_kept(log):
    append(log, b"one\n")
    _, position = read(log, Position())
    append(log, b"two\n")
    log.rename(older(log))
    append(older(log), b"three\n")  # Envoy still has it
    content, position = read(log, position)
    assert content == b"two\nthree\n"
    append(log, b"four\n")
    turn_over(NOWHERE, log, position)
    assert older(log).exists(), "nobody has kept that it was read to its end"
    content, position = read(log, position)
    assert content == b"four\n"
    turn_over(NOWHERE, log, position)
    assert not older(log).exists()
    assert read(log, position) == (b"", position)


def test_an_old_log_with_a_torn_end_keeps_nobody_from_the_new_one(log):
    append(older(log), b"one\ntor")
    append(log, b"two\n")
    assert drained(log, Position())[0] == b"one\ntwo\n"


def test_a_log_whose_first_line_is_old_is_turned_over_however_small(log):
    append(log, f"{time.time() - 1800:.0f}\tnew\n".encode())
    turn_over(NOWHERE, log, Position())
    assert not older(log).exists()
    log.unlink()
    append(log, f"{time.time() - 7200:.0f}\told\n".encode())
    with pytest.raises(envoy.Unreachable):  # Envoy is asked for a new one
        turn_over(NOWHERE, log, Position())
    assert older(log).exists()


def test_a_log_that_was_cut_is_read_from_its_beginning(log):
    append(log, b"one\ntwo\n")
    _, position = read(log, Position())
    log.write_bytes(b"new\n")
    assert read(log, position)[0] == b"new\n"


def test_another_file_under_the_same_inode_is_read_from_its_beginning(log):
    append(log, b"one\ntwo\n")
    _, position = read(log, Position())
    log.write_bytes(b"longer than both\n")
    assert read(log, position)[0] == b"longer than both\n"


def test_a_log_that_was_removed_is_read_again_when_there_is_one(log):
    append(log, b"one\n")
    _, position = read(log, Position())
    kept = os.open(log, os.O_RDONLY)  # so that its inode is not used again
    log.unlink()
    assert read(log, position) == (b"", position)
    append(log, b"two\n")
    assert read(log, position)[0] == b"two\n"
    os.close(kept)


def test_what_is_too_long_for_a_line_is_passed_over(log):
    append(log, b"x" * 100 + b"\nshort\n")
    assert drained(log, Position(), 32)[0] == b"short\n"


def test_what_is_too_long_and_has_no_end_yet_is_waited_for(log):
    append(log, b"x" * 100)
    assert drained(log, Position(), 32)[0] == b""
    append(log, b"\nshort\n")
    assert drained(log, Position(), 32)[0] == b"short\n"


class Writer:
    """Writes numbered lines as Envoy does: into the file that it has open, whatever its name is by now."""

    def __init__(self, log):
        self.log, self.target, self.written, self.is_torn = log, log, [], False

    def line(self):
        self.part()
        self.finish()

    def part(self):
        self.finish()
        self.written.append(f"{len(self.written)}".encode())
        append(self.target, self.written[-1])
        self.is_torn = True

    def finish(self):
        if self.is_torn:
            append(self.target, b"\n")
        self.is_torn = False

    def rename(self):
        if self.log.exists() and not older(self.log).exists():
            self.log.rename(older(self.log))
            self.target = older(self.log)

    def reopen(self):
        self.finish()
        self.log.touch()
        self.target = self.log


class Reader:
    """Keeps what it has read and how far, in one instant."""

    def __init__(self, log):
        self.log, self.seen, self.kept = log, b"", Position()

    def read(self):
        content, self.kept = read(self.log, self.kept, 16)
        self.seen += content

    def die(self):
        read(self.log, self.kept, 16)

    def turn_over(self):
        if self.log.exists():
            turn_over(NOWHERE, self.log, self.kept)


HAPPENINGS = ("line", "part", "rename", "reopen", "read", "die", "turn_over")


@given(st.lists(st.sampled_from(HAPPENINGS), max_size=40))
@examples(150)
def test_every_line_is_read_exactly_once_whatever_happens_between(tmp_path_factory, happenings):
    log = tmp_path_factory.mktemp("log") / "access.log"
    writer, reader = Writer(log), Reader(log)
    for happening in happenings:
        getattr(writer if hasattr(writer, happening) else reader, happening)()
    writer.reopen()
    content, _ = drained(log, reader.kept, 16)
    assert (reader.seen + content).split() == writer.written


@pytest.mark.needs_envoy
def test_behind_a_real_envoy_every_request_is_read_once_while_its_log_is_turned_over(gateway, upstream):
    one = upstream("a")
    gateway = gateway._replace(entry=gateway.entry._replace(logged=True, shares=(Share("a", 1),)))
    gateway.keep(one, a=1)
    log = Path(gateway.yard.paths.log(gateway.entry.name))
    kept, seen, sent, turned = Position(), [], [], 0

    def look():
        nonlocal kept, turned
        read(log, kept)  # one who died before he kept what he read
        content, kept = read(log, kept)
        seen.extend(line.request for line in log_line.lines(content))
        was_turned = older(log).exists()
        turn_over(gateway.yard.admin, log, kept, largest=2000)
        turned += older(log).exists() and not was_turned
        return content

    while turned < 4:
        sent.append(f"request-{len(sent)}")
        get(gateway.port, headers={"x-request-id": sent[-1]})
        if len(sent) % 7 == 0:
            look()

    def is_all():
        look()
        return len(seen) >= len(sent)

    until(is_all)
    assert sorted(seen) == sorted(sent)
    until(lambda: not look() and not older(log).exists())


@pytest.mark.needs_envoy
def test_clients_cannot_forge_a_line(gateway, upstream):
    one = upstream("a")
    gateway = gateway._replace(entry=gateway.entry._replace(logged=True, sticky="header x-user"))
    gateway.keep(one, a=1)
    forged = "1\tr/production/b\t500\t-\t-\t1\tx\ty\tz"
    for value in ("%RESPONSE_CODE%", forged, "\\n\\t", "é", "x" * 5000, '"'):
        for header in ("x-request-id", "x-user"):
            get(gateway.port, headers={header: value.encode() if value == "é" else value})
    log = Path(gateway.yard.paths.log(gateway.entry.name))
    until(lambda: log.exists() and log.read_bytes().count(b"\n") == 12)
    found = list(log_line.lines(log.read_bytes()))
    assert {(one.revision, one.code, one.failed) for one in found} == {("r/production/a", 200, False)}
    assert len(found) == 12
    assert max(len(one.unit) for one in found) == log_line.LONGEST_UNIT
    assert max(len(one.request) for one in found) == log_line.LONGEST_REQUEST
    assert sum(one.unit == "" for one in found) == 7, "six without the header, one forged"


@pytest.mark.needs_envoy
def test_what_really_happened_to_a_request_is_what_its_line_says(gateway, upstream):
    one = upstream("a")
    entry = gateway.entry._replace(logged=True, logs_predictions=True)
    gateway = gateway._replace(entry=entry)
    gateway.keep(one, a=1)
    grpc = {"Content-Type": "application/grpc"}
    paths = ("/", "/status/404", "/status/503", "/grpc/0", "/grpc/5", "/grpc/13")
    for path in paths:
        get(gateway.port, path, headers={"x-request-id": path, **(grpc if "grpc" in path else {})})
    with pytest.raises(http.client.IncompleteRead):
        get(gateway.port, "/cut", headers={"x-request-id": "/cut"})
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\nx-request-id: /hold\r\n\r\n")
        assert one.held.wait(5)
    log = Path(gateway.yard.paths.log(entry.name))
    until(lambda: log.exists() and log.read_bytes().count(b"\n") == len(paths) + 2)
    one.release.set()
    found = {line.request: line for line in log_line.lines(log.read_bytes())}
    assert {request for request, line in found.items() if line.failed} == {"/status/503", "/grpc/13", "/cut"}
    assert {line.prediction for request, line in found.items() if request != "/hold"} == {"from a"}
    assert {line.revision for line in found.values()} == {"r/production/a"}
    assert found["/hold"][2:5] == (0, False, None)
