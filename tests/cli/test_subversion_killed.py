"""A run of a commit of Subversion that is killed while its files are exported: the next one is whole."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import PROGRAM, seatrial
from tests.commit.subversion import make
from tests.conftest import requires

COUNT = 400


@pytest.mark.slow
def test_killed_exports_leave_nothing_half(home: Path, tmp_path: Path) -> None:
    requires("svn")
    made = make(tmp_path / "svn")
    for number in range(COUNT):
        made.write(f"data/{number}", f"{number}\n")
    made.write("seatrial.yaml", "stages: {count: 'cat data/* | sort -n | cksum; ls data | wc -l'}\n")
    made.commit()
    before = made.state()
    words = ("run", f"{made.trunk}@HEAD", "--fresh")
    for seconds in (0.15, 0.3, 0.45, 0.6, 0.8):
        with contextlib.suppress(subprocess.TimeoutExpired):  # `run` kills it then
            subprocess.run([*PROGRAM, *words], cwd=tmp_path, capture_output=True, timeout=seconds)
    ended = seatrial(*words, folder=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert f"count │ {COUNT}" in ended.out
    assert made.state() == before
    assert seatrial("down", folder=tmp_path).code == 0
    assert not list((home / "store" / "partial").glob("export.*"))
