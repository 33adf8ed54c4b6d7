"""Commands that are to say a number and end."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from seatrial.gateway import servers, short_command
from seatrial.gateway.short_command import Said
from seatrial.system import process
from tests.release.site import PATIENCE_SECONDS

pytestmark = pytest.mark.slow


@pytest.fixture
def token(home: Path) -> str:
    (home / "servers").mkdir()
    return servers.new_token(home)


def run(home: Path, token: str, command: str, seconds: float = PATIENCE_SECONDS) -> Said:
    env = {"PATH": os.environ["PATH"], "WORD": "hello"}
    return short_command.run(home, token, command, home, env, seconds)


def test_it_says_what_it_prints_and_how_it_ended(home: Path, token: str) -> None:
    assert run(home, token, "echo $WORD; echo no >&2; exit 3") == Said(3, b"hello\n", b"no\n")
    assert not servers.own_folder(home, token).exists()


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(home: Path, token: str) -> None:
    said = run(home, token, "echo 1; (setsid sleep 1000 &); sleep 1000", 3.0)
    assert (said.exit_code, said.output) == (None, b"1\n")
    assert not process.with_token(token)


def test_one_that_leaves_somebody_behind_is_not_waited_for(home: Path, token: str) -> None:
    begun = time.monotonic()
    said = run(home, token, "(setsid sleep 1000 &); echo 2", 600.0)
    assert (said.exit_code, said.output) == (0, b"2\n")
    assert time.monotonic() - begun < 500
    assert not process.with_token(token)


def test_one_that_says_too_much_is_ended(home: Path, token: str) -> None:
    said = run(home, token, "yes", 600.0)
    assert said.exit_code is None
    assert len(said.output) < 4 * short_command.LARGEST_OUTPUT


def test_one_that_closes_its_output_may_go_on(home: Path, token: str) -> None:
    assert run(home, token, "echo 3; exec >&- 2>&-; sleep 0.3") == Said(0, b"3\n", b"")
