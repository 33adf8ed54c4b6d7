"""Every parser under a coverage-guided fuzzer: a sample in `make test`, a million inputs in `make soak`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.fuzz.all_targets import TARGETS

# Where files cost little; to reach a disk takes longer than to read what is there.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
SEED = int(os.environ.get("SEATRIAL_TEST_SEED", "1"))


def fuzz(target: str, folder: Path, *options: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", target, "--seed", str(SEED), *options]
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory(prefix="seatrial-fuzz-", dir=MEMORY) as place:
        env = {**os.environ, "PYTHONPATH": str(root), "TMPDIR": place}  # it ends without clearing up
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    crashes = {path.name: path.read_bytes() for path in folder.glob("crash-*")}
    assert done.returncode == 0, f"seed {SEED}: {done.stderr[-4000:]}\n{crashes}"


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_sample(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has no wheel for this Python")
    fuzz(target, tmp_path, "--runs", "3000", "--seconds", "20")


@pytest.mark.soak
@pytest.mark.parametrize("target", TARGETS)
def test_campaign(target: str, tmp_path: Path) -> None:
    minutes = os.environ.get("SOAK_MINUTES")
    fuzz(target, tmp_path, *(("--seconds", str(60 * int(minutes))) if minutes else ("--runs", "1000000")))
