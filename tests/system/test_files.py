"""Files: whole or not at all, never outside, and removed however they are protected."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.system import files
from tests.properties import examples


@pytest.mark.parametrize("durable", [False, True])
def test_writing_replaces(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"", b"three"):
        files.write(path, content, durable=durable)
        assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_what_was(tmp_path: Path) -> None:
    folder = tmp_path / "target"
    folder.mkdir()
    with pytest.raises(IsADirectoryError):
        files.write(folder, b"x")
    assert list(tmp_path.iterdir()) == [folder]


def test_writing_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "link").symlink_to("victim")
    files.write(tmp_path / "link", b"new")
    assert (tmp_path / "victim").read_bytes() == b"precious"


def test_names_beside_are_all_different(tmp_path: Path) -> None:
    names = {files.beside(tmp_path / "x") for _ in range(100)}
    assert len(names) == 100
    assert {name.parent for name in names} == {tmp_path}


@pytest.mark.parametrize("name", ["a", "a/b", "a//b", "./a", "...", "a..b", "-rf"])
def test_inside(tmp_path: Path, name: str) -> None:
    assert files.inside(tmp_path, name).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/../../b", "a/..", "/a", "//a", "a\0b"])
def test_not_inside(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="leaves its folder"):
        files.inside(tmp_path, name)


@examples(200)
@given(st.text(st.sampled_from("a./\\~\0"), max_size=10))
def test_whatever_is_inside_stays_there(name: str) -> None:
    try:
        found = files.inside(Path("/top/folder"), name)
    except BadInput:
        return
    assert os.path.normpath(found).startswith("/top/folder/")


PROTECTED = """
import os, shutil, sys  # all that is loaded on use, from where another user may not read
from pathlib import Path
from seatrial.system import files
if os.geteuid() == 0:
    os.setuid(65534)  # root would not notice any protection
top = Path(sys.argv[1])
for path in ("a/b/c", "a/d"):
    (top / path).mkdir(parents=True)
    (top / path / "file").write_text("x")
os.symlink("/", top / "a" / "link")
for path, mode in (("a/b/c", 0), ("a/b", 0), ("a/d", 0o500), ("a", 0o500)):
    (top / path).chmod(mode)
files.remove(top / "a")
sys.exit((top / "a").exists())
"""


def test_removing_what_is_protected(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    done = subprocess.run([sys.executable, "-c", PROTECTED, tmp_path], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_removing_a_link_leaves_its_target(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    files.remove(tmp_path / "link")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    files.remove(tmp_path / "link")
    files.remove(tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_deeper_than_any_path_is_removed(tmp_path: Path) -> None:
    """A stage may make one, a step at a time; Linux takes no path of more than 4,095 bytes."""
    script = """
import os
for i in range(3000):
    os.mkdir("deep")
    os.symlink("/", "link")
    os.chdir("deep")
open("file", "w").close()
os.chmod(".", 0o500)
"""
    top = tmp_path / "top"
    top.mkdir()
    subprocess.run([sys.executable, "-c", script], cwd=top, check=True)
    files.remove(top)
    assert not top.exists()
