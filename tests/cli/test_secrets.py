"""The file of secrets as somebody may leave it: each fault is said at its place, and no value is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.project.project import open_home
from tests.cli.terminal import seatrial
from tests.conftest import Repository
from tests.release.site import Site, cleaned

pytestmark = pytest.mark.slow

LINE = "  a: {run: 'echo got=$TOKEN.', secrets: [TOKEN]}"
COLUMN = LINE.index("TOKEN]") + 1

FAULTS = {
    "short": (b"TOKEN=7\n", "the secret TOKEN has fewer than 4 characters", ""),
    "empty": (b"TOKEN=\n", "the secret TOKEN has fewer than 4 characters", ""),
    "NUL": (b"TOKEN=geh\0eim\n", "the secret TOKEN holds a NUL byte", ""),
    "large": (b"TOKEN=" + b"geheim" * 200_000, "secrets.env has more than 1 MiB", ""),
    "no name": (b"# mine\ngeheim\n", "not a line of the form NAME=value", ":2"),
    "several lines": (b'A=1\nTOKEN="geheim\ngeheim"\n', "not a line of the form NAME=value", ":3"),
    "no text": (b"A=1\nTOKEN=geheim\xff\n", "this line is no text in UTF-8", ":2"),
}


@pytest.fixture
def secretive(tiny: Repository) -> Repository:
    tiny.write("seatrial.yaml", f"project: tiny\nstages:\n{LINE}\n")
    tiny.commit("a secret")
    return tiny


def _keep(home: Path, content: bytes, mode: int = 0o600) -> Path:
    path = home / "secrets.env"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def _refused(repository: Repository, place: str, message: str) -> None:
    ended = seatrial("run", folder=repository.folder)
    assert ended.code == 2
    shown = next(line for line in ended.out.splitlines() if " error: " in line)
    assert shown.startswith(f"      {place}: error: ")
    assert message in shown
    assert "        hint: " in ended.out
    assert "geheim" not in ended.out + ended.err
    assert "│ got=" not in ended.out
    assert "Traceback" not in ended.out + ended.err


@pytest.mark.parametrize(("content", "message", "line"), FAULTS.values(), ids=FAULTS)
def test_a_fault_in_the_file_is_said(
    secretive: Repository, home: Path, content: bytes, message: str, line: str
) -> None:
    path = _keep(home, content)
    _refused(secretive, f"{path}{line}" if line else f"seatrial.yaml:3:{COLUMN}", message)


def test_a_file_that_others_can_read_is_refused(secretive: Repository, home: Path) -> None:
    _keep(home, b"TOKEN=geheim\n", 0o640)
    _refused(secretive, f"seatrial.yaml:3:{COLUMN}", "others can read the secrets")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(secretive: Repository, home: Path) -> None:
    os.chown(_keep(home, b"TOKEN=geheim\n"), 65534, -1)
    _refused(secretive, f"seatrial.yaml:3:{COLUMN}", "belong to another user")


def test_a_pipe_keeps_nobody_waiting(secretive: Repository, home: Path) -> None:
    os.mkfifo(home / "secrets.env", 0o600)
    _refused(secretive, str(home / "secrets.env"), "this is a pipe, not a file")


def test_a_value_of_several_lines_stands_on_one_and_is_masked_by_line(
    secretive: Repository, home: Path
) -> None:
    _keep(home, b'TOKEN="geheim-1\\ngeheim-2"\r\n')
    ended = seatrial("run", folder=secretive.folder)
    assert ended.code == 0
    assert "got=*** ***." in ended.out


SERVING = """\
project: tiny
stages:
  package: {package: in.txt, include: [serve.py], serve: python3 serve.py}
  release: {release: production}
environments:
  production: {from: [main], secrets: [TOKEN]}
"""


@pytest.mark.needs_envoy
def test_what_a_server_prints_of_its_secrets_is_recorded_and_shown_nowhere(
    tiny: Repository, home: Path
) -> None:
    _keep(home, b"TOKEN=geheim-1\n")
    tiny.write("serve.py", "import os\nprint('with', os.environ['TOKEN'])\nraise SystemExit(1)\n")
    tiny.write("seatrial.yaml", SERVING)
    tiny.commit("a talkative server")
    with cleaned(Site(home, open_home().store)):
        ran = seatrial("run", folder=tiny.folder)
        shown = [
            seatrial(*words, folder=tiny.folder)
            for words in (["history", "1"], ["history", "1", "--json"], ["status", "--json"], ["logs"])
        ]
    assert "with ***" in ran.out
    assert "with ***" in shown[0].out
    assert "with ***" in shown[1].out
    assert not any("geheim" in one.out + one.err for one in (ran, *shown))
    assert not any(b"geheim" in path.read_bytes() for path in home.glob("journal.db*"))
