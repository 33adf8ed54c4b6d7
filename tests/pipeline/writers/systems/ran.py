"""What became of a pipeline, whatever ran it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

BIN = str(Path(sys.executable).parent)  # where our own command is
SUCCESS, FAILURE, SKIPPED = "success", "failure", "skipped"


class Ran(NamedTuple):
    """The exit code, what became of each stage, and what the stages told in the order of their telling."""

    code: int
    statuses: dict[str, str]
    trail: list[str]


def shell(words: Iterable[str], folder: Path, env: Mapping[str, str], log: list[str]) -> int:
    """Run a command with these variables and few others; its exit code."""
    kept = {name: os.environ[name] for name in ("PATH", "SEATRIAL_HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        list(words),
        cwd=folder,
        env={**kept, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    log.append(done.stdout + done.stderr)
    return done.returncode


def checked_out(repository: Path, folder: Path) -> None:
    subprocess.run(["git", "clone", "-q", repository, folder], check=True, capture_output=True)
