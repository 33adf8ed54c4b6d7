"""Locks: one holder, among threads and processes, and none after the holder's death."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from seatrial.system import lock

HOLDER = """
import sys, time
from pathlib import Path
from seatrial.system import lock
with getattr(lock, sys.argv[2])(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path, how: str = "held") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HOLDER, path, how]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    process = holder(path)
    assert lock.is_held(path)
    assert lock.try_hold(path) is None
    end(process)
    assert not lock.is_held(path)
    with lock.held(path):
        assert lock.is_held(path)
    assert not lock.is_held(path)


def test_one_at_a_time(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with lock.held(tmp_path / "lock"):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_sharers_keep_an_exclusive_holder_out(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    process = holder(path, "shared")
    with lock.shared(path):
        assert lock.try_hold(path) is None
    assert lock.try_hold(path) is None
    end(process)
    assert not lock.is_held(path)


MANY_HOLDER = """
import sys
from pathlib import Path
from seatrial.system import lock
print(lock.many(Path(sys.argv[1])).try_hold(sys.argv[2]), flush=True)
sys.stdin.read()
"""


def test_many_locks_of_one_file_are_apart_and_die_with_their_holder(tmp_path: Path) -> None:
    path, one, other = tmp_path / "locks", "sha256:" + "f" * 64, "sha256:" + "0" * 64
    command = [sys.executable, "-c", MANY_HOLDER, path, one]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"True\n"
    ours = lock.many(path)
    assert not ours.try_hold(one)
    assert ours.try_hold(other)
    end(process)
    assert ours.try_hold(one)
    assert not lock.many(path).try_hold(other), "the same process"
    subprocess.run(["true"], check=True)  # what we start has a copy of the descriptor, for a moment
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"False\n"
    end(process)
    ours.let_go(one)
    assert ours.try_hold(one)
