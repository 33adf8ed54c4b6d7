"""How commands of this machine end that do not want to, or were asked by the terminal."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from seatrial.run.executor import Command, Ended, Wanted
from seatrial.run.executors import local
from seatrial.system import process

STUBBORN = "trap '' TERM; touch begun; while true; do sleep 0.05; done"


def command(script: str, folder: Path, stage: str) -> Command:
    marks = {process.TOKEN: f"run-{os.getpid()}", "SEATRIAL_STAGE": stage, "TMPDIR": str(folder)}
    return Command(("/bin/sh", "-c", script), {"PATH": os.defpath, **marks}, folder)


def test_what_ignores_the_end_of_its_stage_is_killed_with_it_and_no_other_stage(tmp_path: Path) -> None:
    token = f"run-{os.getpid()}"
    session, beside = local.prepare(Wanted(token)), local.prepare(Wanted(token))
    script = f'setsid sh -c "{STUBBORN}" & {STUBBORN}'
    running = local.start(session, command(script, tmp_path, "one"), lambda _: None)
    other = local.start(beside, command(STUBBORN, tmp_path, "two"), lambda _: None)
    try:
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        local.stop(session, running, 0.3)
        assert process.marked({process.TOKEN: token, "SEATRIAL_STAGE": "one"}) == []
        assert process.marked({process.TOKEN: token, "SEATRIAL_STAGE": "two"}) != []
    finally:
        local.stop(beside, other, 0.0)
        local.destroy(session)
        local.destroy(beside)


@pytest.mark.parametrize("is_asked", [True, False])
def test_ctrl_c_that_reached_the_command_first_is_no_failure_of_its(tmp_path: Path, is_asked: bool) -> None:
    """What the terminal sends to us as well, we may hear of a moment later."""
    session = local.prepare()
    running = local.start(session, command("kill -INT $$", tmp_path, "one"), lambda _: None)
    heard = time.monotonic() + 0.1
    ended = local.wait(session, running, None, lambda: is_asked and time.monotonic() > heard)
    local.destroy(session)
    assert ended == Ended(130, cancelled=is_asked)


def test_a_command_that_exits_with_130_by_itself_was_not_interrupted(tmp_path: Path) -> None:
    session = local.prepare()
    running = local.start(session, command("exit 130", tmp_path, "one"), lambda _: None)
    heard = time.monotonic() + 0.1
    ended = local.wait(session, running, None, lambda: time.monotonic() > heard)
    local.destroy(session)
    assert ended == Ended(130)
