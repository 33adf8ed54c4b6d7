"""`make demo` itself. Its digits and its packages come from a package registry."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES

pytestmark = [pytest.mark.needs_envoy, pytest.mark.needs_git]


def played(*words: str) -> str:
    """What the story says; it fails where the story does not go as told."""
    command = [sys.executable, str(EXAMPLES / "play.py"), *words]
    with tempfile.TemporaryDirectory() as folder:  # a short path, for the gateway's sockets
        env = {**os.environ, "TMPDIR": folder}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=1800)
        left = list(Path(folder).iterdir())
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert not left
    return done.stdout


@pytest.mark.slow
def test_the_canary_and_the_labels_judge_as_told() -> None:
    said = played("--only", "live")
    assert "stable 80%, candidate 20%" in said
    assert "taken back: error_rate <= stable + 0.5pp does not hold" in said
    assert "is live again: accuracy >= stable - 0.07 does not hold" in said
    assert "in quarantine: error_rate <= stable + 0.5pp does not hold" in said
    assert "ValueError: zero-size array to reduction operation maximum" in said


@pytest.mark.soak
def test_the_whole_story() -> None:
    assert "That was all" in played()
