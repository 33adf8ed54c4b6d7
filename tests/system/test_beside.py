"""What a copy of this process does beside it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from seatrial.system import beside, process

PROGRAM = """
import os, sys
from pathlib import Path
from seatrial.system import beside
there = Path(sys.argv[1])
"""

needs_two_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one core")


def ran(folder: Path, program: str) -> str:
    """What a program prints that is alone with itself: a process of tests may have threads."""
    command = [sys.executable, "-c", PROGRAM + program, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not done.stderr
    return done.stdout


@needs_two_cores
def test_it_is_done_when_the_block_ends_and_what_follows_is_not_done_twice(tmp_path: Path) -> None:
    program = """
print("before, which is not yet written")
with beside.doing(lambda: there.joinpath("made").write_text(str(os.getpid()))) as is_done:
    print(is_done)
print(int(there.joinpath("made").read_text()) != os.getpid())
"""
    assert ran(tmp_path, program) == "before, which is not yet written\nTrue\nTrue\n"


@needs_two_cores
def test_nobody_hears_what_it_raises(tmp_path: Path) -> None:
    program = """
with beside.doing(lambda: 1 / 0):
    print("here")
print("there")
"""
    assert ran(tmp_path, program) == "here\nthere\n"


@needs_two_cores
def test_it_ends_with_the_block_that_fails(tmp_path: Path) -> None:
    program = """
import time
def work():
    there.joinpath("id").write_text(str(os.getpid()))
    time.sleep(600)
try:
    with beside.doing(work):
        while not there.joinpath("id").exists() or not there.joinpath("id").read_text():
            time.sleep(0.01)
        raise ValueError
except ValueError:
    print(Path(f"/proc/{there.joinpath('id').read_text()}").exists())
"""
    assert ran(tmp_path, program) == "False\n"


@needs_two_cores
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_the_process_that_was_killed(tmp_path: Path, number: signal.Signals) -> None:
    program = f"""
def work():
    there.joinpath("id").write_text(str(os.getpid()))
    while True:
        pass
with beside.doing(work):
    while not there.joinpath("id").exists() or not there.joinpath("id").read_text():
        pass
    os.kill(os.getpid(), {int(number)})
"""
    ran(tmp_path, program)
    copy = int((tmp_path / "id").read_text())
    deadline = time.monotonic() + 60
    while process.identify(copy) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_with_threads_is_not_copied(tmp_path: Path) -> None:
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait)
    thread.start()
    try:
        with beside.doing(lambda: (tmp_path / "made").touch()) as is_done:
            pass
    finally:
        ends.set()
        thread.join()
    assert not is_done
    assert not (tmp_path / "made").exists()
