"""Ctrl-C once and twice, as a terminal gives it: to the whole process group of the real command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seatrial.journal import runs
from seatrial.journal.journal import open_journal
from seatrial.system import process
from tests.cli.terminal import PROGRAM
from tests.conftest import Repository

pytestmark = pytest.mark.slow

# With so long a grace between asking to end and killing that who waits for it does not end in this test.
PATIENT = (
    sys.executable,
    "-c",
    "import sys; from seatrial.run import executor; from seatrial.system import process\n"
    "executor.GRACE_SECONDS, process.end_token.__defaults__ = 600.0, (600.0,)\n"
    "from seatrial.__main__ import main; sys.exit(main())",
)
SOON_SECONDS = 120.0  # on a busy machine
# It says when it was asked to end, and does not; nor does what it has started in a session of its own.
DEAF = """\
trap '' INT
trap ': > {folder}/asked' TERM
setsid sh -c "trap '' INT TERM; while true; do sleep 0.05; done" &
: > {folder}/begun
while true; do sleep 0.05 || true; done
"""
# It ends when it is asked to; what it has started in a session of its own does not.
ESCAPED = """\
setsid sh -c "trap '' INT; trap ': > {folder}/asked' TERM
: > {folder}/begun; while true; do sleep 0.05; done" 2> {folder}/errors &
exec sleep 600
"""
POST = """\
pipeline {{
  agent any
  stages {{ stage('deaf') {{ steps {{ sh 'exec sleep 600' }} }} }}
  post {{ always {{ sh "trap '' INT TERM; : > {folder}/asked; while true; do sleep 0.05; done" }} }}
}}
"""


def _until(file: Path) -> None:
    deadline = time.monotonic() + SOON_SECONDS
    while not file.exists():
        assert time.monotonic() < deadline, f"{file.name} in vain"
        time.sleep(0.01)


def _start(repository: Repository, program: tuple[str, ...] = PROGRAM) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*program, "run", "--yes"],
        cwd=repository.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _pipeline(*names: str, folder: Path, script: str = DEAF) -> str:
    script = "".join(f"      {line}\n" for line in script.format(folder=folder).splitlines())
    return "project: tiny\nstages:\n" + "".join(f"  {name}:\n    run: |\n{script}" for name in names)


@pytest.mark.parametrize("names", [["deaf"], ["deaf", "deafer"]], ids=["alone", "in threads"])
def test_a_second_ctrl_c_kills_all_at_once(
    tiny: Repository, home: Path, tmp_path: Path, names: list[str]
) -> None:
    tiny.write("seatrial.yaml", _pipeline(*names, folder=tmp_path))
    tiny.commit("deaf")
    command = _start(tiny, PATIENT)
    _until(tmp_path / "begun")
    os.killpg(command.pid, signal.SIGINT)
    _until(tmp_path / "asked")
    os.killpg(command.pid, signal.SIGINT)
    _, errors = command.communicate(timeout=SOON_SECONDS)
    assert command.returncode == 130
    assert "interrupted: stopped" in errors
    assert "Traceback" not in errors
    _assert_all_is_gone(home)


def test_a_second_ctrl_c_while_a_stopped_run_is_cleared_up(
    tiny: Repository, home: Path, tmp_path: Path
) -> None:
    tiny.write("seatrial.yaml", _pipeline("left", folder=tmp_path, script=ESCAPED))
    tiny.commit("escaped")
    command = _start(tiny)
    _until(tmp_path / "begun")
    os.killpg(command.pid, signal.SIGINT)
    _until(tmp_path / "asked")
    os.killpg(command.pid, signal.SIGINT)
    command.communicate(timeout=SOON_SECONDS)
    assert command.returncode == 130
    _assert_all_is_gone(home)


def test_one_ctrl_c_gives_5_seconds_and_then_kills(tiny: Repository, home: Path, tmp_path: Path) -> None:
    tiny.write("seatrial.yaml", _pipeline("deaf", folder=tmp_path))
    tiny.commit("deaf")
    command = _start(tiny)
    _until(tmp_path / "begun")
    os.killpg(command.pid, signal.SIGINT)
    out, errors = command.communicate(timeout=SOON_SECONDS)
    assert command.returncode == 130
    assert "cancelled" in out
    assert errors == ""
    _assert_all_is_gone(home)


def test_what_runs_after_a_stopped_stage_is_killed_by_the_second(
    tiny: Repository, home: Path, tmp_path: Path
) -> None:
    (tiny.folder / "seatrial.yaml").unlink()
    tiny.write("Jenkinsfile", POST.format(folder=tmp_path))
    tiny.commit("post")
    command = _start(tiny, PATIENT)
    assert command.stdout is not None
    for line in command.stdout:
        if "+ exec sleep 600" in line:
            break
    os.killpg(command.pid, signal.SIGINT)
    _until(tmp_path / "asked")
    os.killpg(command.pid, signal.SIGINT)
    command.communicate(timeout=SOON_SECONDS)
    assert command.returncode == 130
    _assert_all_is_gone(home)


def _assert_all_is_gone(home: Path) -> None:
    journal = open_journal(home)
    (run,) = (one for project in ("tiny", "checkout") for one in runs.latest(journal, project))
    journal.close()
    assert run.status == "cancelled"
    assert process.with_token(run.id) == []
    assert list((home / "workspaces").iterdir()) == []
