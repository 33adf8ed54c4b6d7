"""Links of a commit that lead out of it, and contents that a clone has not, concern only who reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Ended, seatrial
from tests.conftest import Repository, requires

pytestmark = pytest.mark.slow

HEAD = "project: tiny\nstages:\n"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 7\n"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "x").write_text("theirs\n")
    return folder


def _run(tiny: Repository, stage: str, *words: str) -> Ended:
    tiny.write("seatrial.yaml", HEAD + stage)
    tiny.commit("changed")
    return seatrial(*(words or ("run",)), folder=tiny.folder)


def test_who_does_not_read_the_link_runs(tiny: Repository, outside: Path) -> None:
    (tiny.folder / "data").symlink_to(outside)
    assert _run(tiny, "  a: {run: cat in.txt, inputs: [in.txt]}\n").code == 0
    (tiny.folder / "untracked").symlink_to("/not/there")
    assert seatrial("run", folder=tiny.folder).code == 0


@pytest.mark.parametrize(
    ("stage", "place", "hint"),
    [
        ("  a: {run: ls, inputs: [in.txt, data]}\n", "3:33", "by its absolute path"),
        ("  a: {run: ls, inputs: ['d*']}\n", "3:25", "by its absolute path"),
        ("  a: ls\n", "3:3", "`ignore: [data]`"),
    ],
)
def test_who_reads_it_is_refused_at_its_place(
    tiny: Repository, outside: Path, stage: str, place: str, hint: str
) -> None:
    (tiny.folder / "data").symlink_to(outside)
    told = _run(tiny, stage, "explain", "a")
    assert f"seatrial.yaml:{place}: a link leads out of its folder: 'data'" in told.out
    ended = seatrial("run", folder=tiny.folder)
    assert f"seatrial.yaml:{place}: error: a link leads out of its folder: 'data'" in ended.out
    assert hint in ended.out
    assert ended.code == 2


def test_a_command_whose_result_is_not_kept_may_follow_it(tiny: Repository, outside: Path) -> None:
    (tiny.folder / "data").symlink_to(outside)
    assert _run(tiny, "  a: {run: grep theirs data/x, cache: false}\n").code == 0
    assert _run(tiny, "  a: {run: grep theirs data/x, workspace: one}\n").code == 0


@pytest.mark.parametrize("output", ["data/new", "data/new/file", "data"])
def test_nothing_is_made_or_kept_through_it(tiny: Repository, outside: Path, output: str) -> None:
    (tiny.folder / "data").symlink_to(outside)
    ended = _run(tiny, f"  a: {{run: 'true', cache: false, outputs: [{output}]}}\n")
    assert ended.code in (1, 2)
    assert "Traceback" not in ended.out + ended.err
    assert [one.name for one in outside.iterdir()] == ["x"]


def test_a_content_of_lfs_that_is_not_here_is_missed_by_who_reads_it(tiny: Repository) -> None:
    requires("git-lfs")
    tiny.write("big.bin", POINTER)
    tiny.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    tiny.git("config", "filter.lfs.clean", "cat")
    two = "  a: {run: cat in.txt, inputs: [in.txt]}\n  b: {run: cat big.bin, inputs: [big.bin]}\n"
    ended = _run(tiny, two)
    assert ended.code == 2
    assert "seatrial.yaml:4:34: error: the content of 'big.bin' is not in this clone" in ended.out
    assert "git lfs fetch" in ended.out
    assert seatrial("run", "a", folder=tiny.folder).code == 0
