"""Stages that make what they should not: each ends with an error at its place, and touches nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Ended, seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

SOCKET = "import socket; socket.socket(socket.AF_UNIX).bind('o/s')"
DEEP = "import os; [(os.mkdir('o'), os.chdir('o')) for _ in range(3000)]; open('f', 'w').close()"

REFUSED = {
    "absolute link": ("mkdir o; ln -s '{outside}/kept' o/l", "a link leads out of its folder: 'o/l'"),
    "relative link": ("mkdir o; ln -s ../../../../../kept o/l", "a link leads out of its folder: 'o/l'"),
    "the output is a link": ("ln -s '{outside}' o", "a link leads out of its folder: 'o'"),
    "pipe": ("mkdir o; mkfifo o/p", "'o/p' is neither a file, a folder nor a link, and cannot be kept"),
    "socket": (f'mkdir o; python3 -c "{SOCKET}"', "'o/s' is neither a file, a folder nor a link"),
    "deeper than a path": (f'python3 -c "{DEEP}"', "cannot read the folder 'o/o/o/"),
    "the folder is gone": (
        "cd ..; rm -rf work",
        "the folder that the stage works in was removed or replaced",
    ),
    "the folder is a file": ("cd ..; rm -rf work; echo > work", "the folder that the stage works in was"),
    "the folder is a link": (
        "cd ..; rm -rf work; ln -s '{outside}' work",
        "the folder that the stage works in was removed or replaced",
    ),
    "the room is a link": (
        'room=${{PWD%/*}}; cd /; rm -rf "$room"; ln -s \'{outside}/room\' "$room"',
        "the folder that the stage works in was removed or replaced",
    ),
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is nobody's business."""
    folder = tmp_path / "outside"
    for name in ("kept", "o", "room/work/o"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("precious\n")
    return folder


def _run(repository: Repository, stage: str, env: dict[str, str] | None = None) -> Ended:
    repository.write("seatrial.yaml", f"project: tiny\nstages:\n{stage}")
    repository.commit("hostile")
    return seatrial("run", folder=repository.folder, env=env)


@pytest.mark.parametrize(("script", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_output_is_refused_where_it_is_declared(
    tiny: Repository, home: Path, outside: Path, script: str, message: str
) -> None:
    text = script.format(outside=outside)
    ended = _run(tiny, f"  a:\n    run: |\n      {text}\n    outputs: [o]\n")
    assert re.search(rf"^ +seatrial.yaml:6:15: error: {re.escape(message)}", ended.out, re.MULTILINE)
    assert f"            outputs: [o]\n{' ' * 22}^\n        hint: " in ended.out
    assert ended.code in (1, 2)
    assert "Traceback" not in ended.out + ended.err
    assert {path.name: path.read_text() for path in outside.rglob("*") if path.is_file()} == {
        "kept": "precious\n",
        "o": "precious\n",
    }
    assert (outside / "room" / "work" / "o").exists()
    assert list((home / "workspaces").iterdir()) == []
    assert not (home / "defects").exists()


@pytest.mark.parametrize("output", ["../x", "/etc/x", "a/../../x", ".git/hooks", "~/x", ".", '"a\\nb"'])
def test_an_output_outside_of_the_workspace_is_a_finding(tiny: Repository, output: str) -> None:
    ended = _run(tiny, f"  a: {{run: ls, outputs: [{output}]}}\n")
    assert ended.code == 2
    assert "seatrial.yaml:3:26: error: " in ended.err
    assert f"\n  {' ' * 25}^\n" in ended.err
    assert seatrial("check", folder=tiny.folder).code == 2


def test_names_that_are_no_text_come_back_as_they_were(tiny: Repository) -> None:
    text = """\
  a:
    run: |
      mkdir o
      printf 1 > "$(printf 'o/new\\nline')"
      printf 2 > "$(printf 'o/\\377\\376')"
      printf 3 > "$(printf 'o/\\033[31mred')"
      printf 4 > o/$(printf %0250d 1)
    outputs: [o]
  b: {run: 'ls o | od -c; cat o/*', inputs: [o]}
"""
    ended = _run(tiny, text)
    assert ended.code == 0, ended.out
    shown = "".join(re.findall(r"^b │ \d{7} +(.*)$", ended.out, re.MULTILINE)).replace(" ", "")
    assert "new\\nline" in shown
    assert "377376" in shown
    assert "\x1b" not in ended.out
    assert seatrial("run", folder=tiny.folder).code == 0


def test_names_are_the_same_in_every_locale(tiny: Repository) -> None:
    """Where Python takes names for ASCII, they were other texts, and what was kept under them never found."""
    tiny.write("é.txt", "1\n")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8"}
    ended = _run(tiny, "  a: {run: cat é.txt > ü.txt, inputs: [é.txt], outputs: [ü.txt]}\n", env=plain)
    assert (ended.code, "1 ran" in ended.out) == (0, True), ended
    assert "1 restored" in seatrial("run", folder=tiny.folder).out
    code = "from seatrial.project.project import open_home; open_home()"
    started = [sys.executable, "-c", code]
    done = subprocess.run(started, env={**os.environ, **plain}, capture_output=True, text=True)
    assert "BadInput: this Python does not see names of files as UTF-8" in done.stderr


def test_a_home_that_became_a_link_is_not_the_next_stage_s(tiny: Repository, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    text = f"""\
  a: {{run: 'for i in $HOME $TMPDIR; do rmdir $i; ln -s {tmp_path}/empty $i; done', cache: false}}
  b: {{run: 'touch $HOME/x $TMPDIR/y', needs: [a]}}
  c: {{run: 'touch $HOME/x $TMPDIR/y', needs: [b]}}
"""
    ended = _run(tiny, text)
    assert ended.code == 0, ended.out
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_stage_that_makes_a_folder_without_end_leaves_nothing(tiny: Repository, home: Path) -> None:
    ended = _run(tiny, f"""  a:\n    run: |\n      python3 -c "{DEEP}"\n""")
    assert ended.code == 0, ended.out + ended.err
    assert list((home / "workspaces").iterdir()) == []
    assert seatrial("run", "--fresh", folder=tiny.folder).code == 0
