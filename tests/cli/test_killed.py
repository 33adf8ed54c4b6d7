"""What a run leaves whose command was killed: `down` ends it, and `history` does not call it running."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from seatrial.journal import runs
from seatrial.journal.journal import open_journal
from seatrial.system import process
from tests.cli.terminal import PROGRAM, seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow


@pytest.fixture
def killed(tiny: Repository, home: Path, tmp_path: Path) -> str:
    """The id of a run whose command was killed, while its stage lives on."""
    tiny.write(
        "seatrial.yaml", f"project: tiny\nstages:\n  a: touch {tmp_path}/begun; sleep 311 & sleep 312\n"
    )
    tiny.commit("long")
    command = subprocess.Popen(
        [*PROGRAM, "run"], cwd=tiny.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < deadline, "the stage did not begin"
        time.sleep(0.01)
    command.kill()
    command.wait()
    journal = open_journal(home)
    [run] = runs.unfinished(journal)
    journal.close()
    assert process.with_token(run.id)
    return run.id


@pytest.mark.parametrize("words", [["down", "--all"], ["history", "--runs"]], ids=" ".join)
def test_nothing_is_left_of_it(tiny: Repository, home: Path, killed: str, words: list[str]) -> None:
    ended = seatrial(*words, folder=tiny.folder)
    assert ended.code == 0, ended.err
    assert process.with_token(killed) == []
    assert not (home / "workspaces" / killed).exists()
    told = seatrial("history", "--runs", folder=tiny.folder).out
    assert "errored" in told
    assert "running" not in told
