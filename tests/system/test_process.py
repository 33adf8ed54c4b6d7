"""Processes: run, known again, and ended with all that they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.system import process

# A child that outlives its parent, in a session of its own, and ignores a polite request.
STUBBORN = r"""
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
os.write(1, b"ready\n")
time.sleep(600)
"""


def start(code: str, token: str = "", lines: int = 1) -> subprocess.Popen[bytes]:
    env = {**os.environ, process.TOKEN: token}
    pipe = subprocess.PIPE  # also to it, so that nothing it reads ends before it does
    started = subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, env=env)
    assert started.stdout is not None
    for _ in range(lines):
        assert started.stdout.readline() == b"ready\n"
    return started


def test_run_gives_all_that_was_written(tmp_path: Path) -> None:
    script = "import sys, os; print(os.getcwd(), os.environ['X']); sys.stderr.write(input()); sys.exit(3)"
    env = {**os.environ, "X": "y"}
    done = process.run([sys.executable, "-c", script], env=env, folder=tmp_path, content=b"in\n")
    assert done == process.Completed(3, os.fsencode(tmp_path.resolve()) + b" y\n", b"in")


def test_run_has_its_limits() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        process.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout_seconds=0.2)
    with pytest.raises(FileNotFoundError):
        process.run(["/no/such/program"])


def test_identity() -> None:
    me = process.identify(os.getpid())
    assert me is not None
    assert process.is_alive(me)
    assert not process.is_alive(me._replace(start_ticks=me.start_ticks + 1))
    assert not process.is_alive(me._replace(boot="another"))


def test_the_dead_have_no_identity() -> None:
    started = start("print('ready', flush=True); input()")
    identity = process.identify(started.pid)
    assert identity is not None
    assert process.is_alive(identity)
    started.kill()
    os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet waited for
    assert not process.is_alive(identity)
    assert process.send(started.pid, signal.SIGTERM)  # a zombie still takes signals
    started.communicate()
    assert process.identify(started.pid) is None
    assert not process.send(started.pid, signal.SIGTERM)


def test_everything_with_a_token_is_found_and_ended() -> None:
    token = f"test-{os.getpid()}"
    started = start(STUBBORN, token, lines=2)
    other = start("print('ready', flush=True); input()", token + "-other")
    try:
        assert len(process.with_token(token)) == 2
        assert {found for _, found in process.tokens(token)} == {token, token + "-other"}
        process.end_token(token, grace_seconds=0.1)
        assert process.with_token(token) == []
        assert process.with_token(token + "-other") == [other.pid]
    finally:
        for one in (started, other):
            one.kill()
            one.communicate()


def test_a_group_lives_as_long_as_any_of_its_members() -> None:
    code = "import os; os.fork(); os.write(1, b'ready\\n'); import time; time.sleep(600)"
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert started.stdout is not None
    for _ in range(2):
        assert started.stdout.readline() == b"ready\n"
    started.kill()
    started.wait()
    assert process.group_lives(started.pid)
    assert process.send(started.pid, signal.SIGKILL, group=True)
    assert started.stdout.read() == b""  # ends when the last member is gone
    started.stdout.close()
    assert not process.group_lives(2**22 + 1)


def test_several_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """One writes into a pipe what the other reads: one after the other they would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    commands = [("sh", "-c", "echo through > pipe; echo wrote >&2; exit 3"), ("sh", "-c", "cat pipe")]
    done = process.run_at_once(commands, env=dict(os.environ), folder=tmp_path)
    assert done == [process.Completed(3, b"", b"wrote\n"), process.Completed(0, b"through\n", b"")]


def test_those_that_were_started_are_waited_for_where_one_cannot_be(tmp_path: Path) -> None:
    commands = [("sh", "-c", "echo > made"), ("no-such-program",)]
    with pytest.raises(FileNotFoundError):
        process.run_at_once(commands, env=dict(os.environ), folder=tmp_path)
    assert (tmp_path / "made").exists()


# Holds the file of its first word open to write, and lets go of it when it is told to.
WRITER = r"""
import os, sys, time
held = open(sys.argv[1], "w")
os.write(1, b"ready\n")
sys.stdin.readline()
held.close()
os.write(1, b"gone\n")
time.sleep(600)
"""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = {name: value for name, value in os.environ.items() if name != process.TOKEN}
    words = [sys.executable, "-c", WRITER, str(tmp_path / "log")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"ready\n"
        yield started
        started.kill()


def test_a_stranger_that_writes_where_we_do_is_ended(tmp_path: Path, writer: subprocess.Popen[bytes]) -> None:
    process.end_strangers(str(tmp_path / "log"))
    assert writer.wait(10) == -signal.SIGKILL


def test_who_only_held_it_on_the_way_to_another_program_is_no_stranger(
    tmp_path: Path, writer: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def let_go(_seconds: float) -> None:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(b"let go\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == b"gone\n"

    monkeypatch.setattr(process.time, "sleep", let_go)
    process.end_strangers(str(tmp_path / "log"))
    assert writer.poll() is None
