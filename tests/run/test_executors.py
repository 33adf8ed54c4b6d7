"""The contract of `seatrial.run.executor`, for every executor of the table."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from seatrial.errors import StageFailed
from seatrial.run import executors
from seatrial.run.all_executors import ALL_EXECUTORS, executor
from seatrial.run.executor import Command, Ended, Executor, Wanted
from tests.engine import IMAGE

pytestmark = pytest.mark.slow

ENV = {"PATH": os.environ.get("PATH", os.defpath)}


class Tried(NamedTuple):
    """An executor, with what it needs to be asked for a session."""

    executor: Executor
    wanted: Wanted

    def prepare(self, **fields: bool) -> Any:
        return self.executor.prepare(self.wanted._replace(**fields))  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.executor, name)


@pytest.fixture(params=ALL_EXECUTORS)
def one(request: pytest.FixtureRequest, tmp_path: Path) -> Tried:
    if request.param == "docker":
        request.getfixturevalue("docker")
    found = executor(request.param)
    assert found.problem() == ""
    return Tried(found, Wanted("run-1", image=IMAGE, folder=tmp_path))


class Output(bytearray):
    def add(self, content: bytes) -> None:
        self += content


def sh(script: str, folder: Path, **fields: bool) -> Command:
    return Command(("/bin/sh", "-c", script), ENV, folder, **fields)


def never() -> bool:
    return False


def run(one: Tried, script: str, folder: Path, output: Output, seconds: float | None = 120.0) -> Ended:
    session = one.prepare()
    try:
        return one.wait(session, one.start(session, sh(script, folder), output.add), seconds, never)
    finally:
        one.destroy(session)


def test_the_table_is_the_folder() -> None:
    files = {path.stem for path in Path(executors.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(ALL_EXECUTORS) == files
    assert all(name == executor(name).NAME for name in ALL_EXECUTORS)


def test_both_outputs_come_in_their_order(one: Tried, tmp_path: Path) -> None:
    output = Output()
    assert run(one, "echo 1; echo 2 >&2; echo 3; pwd", tmp_path, output) == Ended(0)
    assert bytes(output) == b"1\n2\n3\n" + os.fsencode(tmp_path.resolve()) + b"\n"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 255", 255), ("kill -9 $$", 137)])
def test_exit_codes(one: Tried, tmp_path: Path, script: str, code: int) -> None:
    assert run(one, script, tmp_path, Output()).exit_code == code


def test_standard_input_is_empty_and_nothing_is_inherited(one: Tried, tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    output = Output()
    run(one, "cat; ls /proc/self/fd | wc -l", tmp_path, output)
    os.close(descriptor)
    assert int(output) <= 4


def test_captured_output_is_kept_apart(one: Tried, tmp_path: Path) -> None:
    output, session = Output(), one.prepare()
    running = one.start(session, sh("echo out; echo log >&2", tmp_path, capture=True), output.add)
    ended = one.wait(session, running, 120.0, never)
    one.destroy(session)
    assert (ended.output, bytes(output)) == (b"out\n", b"log\n")


def test_captured_output_is_bounded(one: Tried, tmp_path: Path) -> None:
    session = one.prepare()
    running = one.start(session, sh("head -c 20000000 /dev/zero", tmp_path, capture=True), Output().add)
    with pytest.raises(StageFailed, match="more than 16 MiB"):
        one.wait(session, running, 120.0, never)
    one.destroy(session)


def test_large_output_comes_whole(one: Tried, tmp_path: Path) -> None:
    output = Output()
    assert run(one, "head -c 5000000 /dev/zero", tmp_path, output).exit_code == 0
    assert len(output) == 5_000_000


def test_time_that_is_over(one: Tried, tmp_path: Path) -> None:
    start = time.monotonic()
    ended = run(one, "echo begun; sleep 100", tmp_path, Output(), 0.3)
    assert ended.timed_out
    assert not ended.cancelled
    assert time.monotonic() - start < 90.0


def test_cancelled(one: Tried, tmp_path: Path) -> None:
    begun = threading.Event()
    session = one.prepare()
    running = one.start(session, sh("echo begun; sleep 100", tmp_path), lambda _: begun.set())
    ended = one.wait(session, running, None, begun.is_set)
    one.destroy(session)
    assert ended.cancelled
    assert not ended.timed_out


def test_stop_and_destroy_are_safe_twice_and_after_the_end(one: Tried, tmp_path: Path) -> None:
    session = one.prepare()
    running = one.start(session, sh("sleep 100", tmp_path), Output().add)
    one.stop(session, running)
    one.stop(session, running)
    one.destroy(session)
    one.destroy(session)
    one.stop(session, running)


def test_destroy_after_a_failed_start(one: Tried, tmp_path: Path) -> None:
    session = one.prepare()
    for command in (Command(("/no/such",), ENV, tmp_path), sh("true", tmp_path / "gone")):
        try:
            ended = one.wait(session, one.start(session, command, Output().add), 120.0, never)
            assert ended.exit_code in (126, 127)  # where only the shell in a container can tell
        except StageFailed as failure:
            assert "cannot start" in failure.message
    one.destroy(session)


def test_destroy_ends_what_was_never_waited_for(one: Tried, tmp_path: Path) -> None:
    session = one.prepare()
    one.start(session, sh(f"touch {tmp_path}/begun; sleep 100; true", tmp_path), Output().add)
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    assert runs(tmp_path / "begun")
    one.destroy(session)
    assert not runs(tmp_path / "begun")


def runs(named: Path) -> bool:
    """Whether some process, in a container or not, has this in its command line."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(named) in process.read_bytes():
                return True
    return False


def test_background_sessions_leave_what_commands_left(one: Tried, tmp_path: Path) -> None:
    if one.NAME == "docker":
        pytest.skip("a container ends with its session")
    session = one.prepare(background=True)
    script = f"(sleep 0.3; touch {tmp_path}/late) > /dev/null 2>&1 & true"
    one.wait(session, one.start(session, sh(script, tmp_path), Output().add), 120.0, never)
    one.destroy(session)
    deadline = time.monotonic() + 60
    while not (tmp_path / "late").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_is_left_open(one: Tried, tmp_path: Path) -> None:
    run(one, "true", tmp_path, Output())
    before = open_descriptors()
    for script in ("true", "sleep 5 &", "exit 1"):
        run(one, script, tmp_path, Output())
    assert open_descriptors() == before
