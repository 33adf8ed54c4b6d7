"""A real disk with no byte left: said plainly, nothing half done, and a way out by seatrial's own means."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seatrial.errors import OUR_FAULT, PASSED
from tests.cli.terminal import Ended, seatrial
from tests.conftest import Repository, missing

pytestmark = pytest.mark.slow

PIPELINE = """\
project: tiny
stages:
  train: {run: cat in.bin in.bin > out.bin, inputs: [in.bin], outputs: [out.bin]}
"""
SIZE = 16 << 20


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small file system of its own, with the home and TMPDIR on it."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        missing(f"no tmpfs can be mounted: {mounted.stderr.strip()}")
    try:
        for name, variable in (("home", "SEATRIAL_HOME"), ("tmp", "TMPDIR")):
            (folder / name).mkdir(mode=0o700)
            monkeypatch.setenv(variable, str(folder / name))
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def tiny(disk: Path, repository: Callable[..., Repository]) -> Repository:
    made = repository()
    made.write("seatrial.yaml", PIPELINE)
    made.write("in.bin", os.urandom(1 << 20))
    made.commit("first")
    assert seatrial("run", folder=made.folder).code == PASSED
    return made


def fill(disk: Path, *, leave: int = 0) -> None:
    """Take all the space that there is, but for some bytes."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            os.ftruncate(file.fileno(), max(file.tell() - leave, 0))


def refused(ended: Ended, disk: Path) -> bool:
    said = f"no space is left for {disk / 'home'}"
    return ended.code == OUR_FAULT and said in ended.err and "seatrial cache collect" in ended.err


def contents(home: Path) -> dict[str, int]:
    """All files and their sizes, but for what SQLite keeps beside its database while it is open."""
    files = [path for path in home.rglob("*") if path.is_file() and "db-" not in path.name]
    return {str(path): path.stat().st_size for path in files}


def test_a_run_says_which_disk_is_full_and_completes_once_there_is_space(
    tiny: Repository, disk: Path
) -> None:
    tiny.write("in.bin", os.urandom(1 << 20))
    tiny.commit("second")
    before = contents(disk / "home")
    fill(disk)
    ended = seatrial("run", folder=tiny.folder)
    assert refused(ended, disk)
    assert ": 0 bytes are free" in ended.err
    assert contents(disk / "home") == before
    (disk / "ballast").unlink()
    assert "1 ran" in seatrial("run", folder=tiny.folder).out
    assert seatrial("cache", "verify", folder=tiny.folder).code == PASSED


def test_a_disk_that_fills_up_within_a_run_ends_it_without_a_trace(tiny: Repository, disk: Path) -> None:
    tiny.write("in.bin", os.urandom(1 << 20))
    tiny.commit("second")
    seatrial("run", "--dry-run", folder=tiny.folder)
    fill(disk, leave=2 << 20)
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code in (1, OUR_FAULT)
    assert "no space" in (ended.out + ended.err).casefold()
    assert "Traceback" not in ended.out + ended.err
    assert list((disk / "home/workspaces").iterdir()) == []
    assert list((disk / "home/store/partial").iterdir()) == []
    (disk / "ballast").unlink()
    assert "1 ran" in seatrial("run", folder=tiny.folder).out
    assert seatrial("cache", "verify", folder=tiny.folder).code == PASSED


def test_a_disk_that_a_stage_fills_is_said_once(tiny: Repository, disk: Path) -> None:
    """Neither its result nor the end of the run can be recorded."""
    tiny.write("seatrial.yaml", PIPELINE.replace("> out.bin", f"> out.bin; cat /dev/zero > {disk}/ballast"))
    tiny.commit("a stage that takes all there is")
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == OUR_FAULT
    assert (ended.out + ended.err).count("no space is left for") == 1
    assert "there is no space to record the end of the run either" in ended.err


def test_collecting_works_on_a_full_disk(tiny: Repository, disk: Path) -> None:
    for _ in range(2):
        tiny.write("in.bin", os.urandom(1 << 20))
        tiny.commit("another")
        seatrial("run", folder=tiny.folder)
    tiny.write("in.bin", os.urandom(1 << 20))
    tiny.commit("one that has no room")
    fill(disk)
    assert seatrial("status", folder=tiny.folder).code == PASSED  # which only reads
    assert refused(seatrial("run", folder=tiny.folder), disk)
    for words in (("cache",), ("cache", "verify"), ("cache",)):  # each gives back what it took
        assert seatrial(*words, folder=tiny.folder).code == PASSED
    ended = seatrial("cache", "collect", "--older-than", "0", folder=tiny.folder)
    assert ended.code == PASSED
    assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize >= 1 << 20
    assert "1 ran" in seatrial("run", folder=tiny.folder).out


def test_the_doctor_says_that_the_disk_is_full(tiny: Repository, disk: Path) -> None:
    fill(disk)
    ended = seatrial("doctor", folder=tiny.folder)
    assert ended.code == OUR_FAULT
    assert "full: no space is left" in ended.out
    assert "damaged" not in ended.out


def test_a_first_run_on_a_full_disk_is_refused(
    disk: Path, repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEATRIAL_HOME", str(disk / "home/new"))
    made = repository()
    made.write("seatrial.yaml", PIPELINE)
    made.write("in.bin", b"1")
    made.commit("first")
    fill(disk)
    ended = seatrial("run", folder=made.folder)
    assert refused(ended, disk)
    (disk / "ballast").unlink()
    assert seatrial("run", folder=made.folder).code == PASSED
