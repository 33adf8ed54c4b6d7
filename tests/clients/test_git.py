"""The client of Git: its errors in Git's words, and nothing of our surroundings reaches it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.clients import git
from seatrial.errors import BadInput, Infrastructure
from tests.conftest import Repository

Make = Callable[..., Repository]


def test_output_and_input(repository: Make) -> None:
    folder = repository().folder
    assert git.read("rev-parse", "--show-toplevel", folder=folder).rstrip() == os.fsencode(folder.resolve())
    done = git.run("hash-object", "--stdin", folder=folder, content=b"")
    assert done.output == b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n"  # the blob that everybody knows


def test_a_failure_is_said_in_gits_words(repository: Make) -> None:
    folder = repository().folder
    with pytest.raises(BadInput, match="Needed a single revision") as caught:
        git.run("rev-parse", "--verify", "absent", folder=folder)
    assert "fatal" not in caught.value.message
    assert git.run("rev-parse", "--verify", "absent", folder=folder, accept=(128,)).exit_code == 128


def test_no_git(repository: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = repository().folder
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(Infrastructure, match="not installed") as caught:
        git.run("status", folder=folder)
    assert "install" in caught.value.hint


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no folder"):
        git.run("status", folder=tmp_path / "absent")


def test_variables_do_not_lead_elsewhere(repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here, other = repository("here"), repository("other")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent")
    said = git.read("rev-parse", "--absolute-git-dir", folder=here.folder)
    assert git.text(said).strip() == str(here.folder.resolve() / ".git")
    assert "GIT_DIR" not in git.environment()


@pytest.mark.parametrize("setting", ["core.fsmonitor", "core.pager", "core.hooksPath"])
def test_a_repository_starts_no_program_of_its_choice(repository: Make, tmp_path: Path, setting: str) -> None:
    made = repository()
    made.commit(a_txt="1")
    script = made.write("evil/post-index-change", f"#!/bin/sh\ntouch {tmp_path}/ran\n", 0o755)
    made.git("config", setting, script.parent if setting == "core.hooksPath" else script)
    git.run("status", folder=made.folder)
    git.run("log", "-1", folder=made.folder)
    git.run("update-index", "--refresh", folder=made.folder, accept=(1,))
    assert not (tmp_path / "ran").exists()


def test_a_repository_of_another_user(repository: Make) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving files to another user needs root")
    made = repository()
    os.chown(made.folder, 12345, 12345)
    with pytest.raises(git.Untrusted, match="belongs to another user") as caught:
        git.run("status", folder=made.folder)
    assert caught.value.hint == f"git config --global --add safe.directory {made.folder}"


def test_text_keeps_every_byte() -> None:
    assert os.fsencode(git.text(b"a\xff\xc3\xa9")) == b"a\xff\xc3\xa9"


def test_a_full_disk_is_not_the_users_fault(tmp_path: Path) -> None:
    done = git.process.Completed(128, b"", b"error: unable to write file x: No space left on device\n")
    assert isinstance(git.failed(done, tmp_path), Infrastructure)


@pytest.mark.parametrize("left", [b"", b"broken", None])
def test_a_damaged_repository_is_told_as_one(repository: Make, left: bytes | None) -> None:
    made = repository()
    made.write("a", "1")
    made.commit("one")
    for file in [one for one in (made.folder / ".git/objects").rglob("*") if one.is_file()]:
        file.chmod(0o600)
        file.unlink() if left is None else file.write_bytes(left)
    with pytest.raises(BadInput, match="Git says of") as caught:
        git.run("log", "-1", "HEAD", folder=made.folder)
    assert "git fsck" in caught.value.hint
