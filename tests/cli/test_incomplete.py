"""Clones that lack a part of the commit: the run says which, and how to fetch it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository, requires


def test_contents_of_lfs_that_were_not_fetched(
    repository: Callable[..., Repository], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requires("git-lfs")
    source = repository("source")
    source.git("lfs", "install", "--local")
    source.git("lfs", "track", "*.bin")
    source.write("weights.bin", b"\0" * 5000)
    source.write(
        "seatrial.yaml", "project: big\nstages: {a: {run: wc -c weights.bin, inputs: [weights.bin]}}\n"
    )
    commit = source.commit("pointers")
    remote = repository("remote.git", "--bare")
    source.git("remote", "add", "origin", f"file://{remote.folder}")
    source.git("push", "--quiet", "origin", "main")  # takes the contents along
    monkeypatch.setenv("GIT_LFS_SKIP_SMUDGE", "1")
    clone = Repository(source.folder.with_name("clone"))
    source.git("clone", "--quiet", "--branch=main", f"file://{remote.folder}", clone.folder)
    for words in (["run"], ["run", "HEAD"]):
        ended = seatrial(*words, folder=clone.folder)
        assert ended.code == 2
        assert "seatrial.yaml:2:47: error: the content of 'weights.bin' is not in this clone" in ended.out
        assert f"git lfs fetch origin {commit}" in ended.out
        assert "5000" not in ended.out
    assert not (home / "defects").exists()
    subprocess.run(
        ["git", "lfs", "fetch", "origin", commit], cwd=clone.folder, check=True, capture_output=True
    )
    ended = seatrial("run", "HEAD", folder=clone.folder)
    assert ended.code == 0, ended.err
    assert "5000 weights.bin" in ended.out


def test_a_submodule_that_is_not_checked_out(repository: Callable[..., Repository], home: Path) -> None:
    inner, source = repository("inner"), repository("source")
    inner.commit("inside", a_txt="1\n")
    source.git("submodule", "--quiet", "add", inner.folder, "parts")
    source.write("seatrial.yaml", "project: nested\nstages: {a: cat parts/a.txt}\n")
    source.commit("nested")
    clone = Repository(source.folder.with_name("clone"))
    source.git("clone", "--quiet", source.folder, clone.folder)
    ended = seatrial("run", folder=clone.folder)
    assert ended.code == 2
    assert "of the submodule 'parts' is not in this clone" in ended.err
    assert "hint: git submodule update --init" in ended.err
    assert not (home / "defects").exists()
    clone.git("submodule", "--quiet", "update", "--init")
    ended = seatrial("run", "HEAD", folder=clone.folder)
    assert ended.code == 0, ended.err
    assert "a │ 1" in ended.out
