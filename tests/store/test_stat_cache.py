"""The stat cache: a file is read once, and again whenever it may have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.journal.journal import Journal
from seatrial.store import blobs, stat_cache, trees
from seatrial.store.store import Store
from seatrial.system import clock, digest
from tests.store.contents import fill, sha256, sparse


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything on disk was changed long ago."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 3600)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read to be hashed."""
    names: list[str] = []
    original = digest.of_file

    def noted(path: Path | str) -> str:
        names.append(Path(path).name)
        return original(path)

    monkeypatch.setattr(digest, "of_file", noted)
    return names


def test_an_unchanged_file_is_not_read_again(
    journal: Journal, tmp_path: Path, later: None, read: list[str]
) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(b"1,2")
    assert [stat_cache.digest_of(journal, file) for _ in range(3)] == [sha256(b"1,2")] * 3
    assert read == ["data.csv"]


def test_a_fresh_file_is_not_believed(journal: Journal, tmp_path: Path, read: list[str]) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(b"1,2")
    stat_cache.digest_of(journal, file)
    stat_cache.digest_of(journal, file)
    assert len(read) == 2


@pytest.mark.parametrize("change", ["content", "same size and times", "replaced"])
def test_a_changed_file_is_read_again(journal: Journal, tmp_path: Path, later: None, change: str) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(b"1,2")
    stat_cache.digest_of(journal, file)
    info = file.stat()
    if change == "replaced":
        (tmp_path / "new").write_bytes(b"3,4")
        (tmp_path / "new").rename(file)
    else:
        file.write_bytes(b"3,4")
    if change != "content":
        os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert stat_cache.digest_of(journal, file) == sha256(b"3,4")


def test_a_folder_is_known_by_its_tree(store: Store, journal: Journal, tmp_path: Path) -> None:
    folder = fill(tmp_path / "data", {"a": b"1", "b/c": b"2"})
    (folder / "link").symlink_to("a")
    assert stat_cache.digest_of(journal, folder) == trees.digest(trees.ingest(store, folder))


def test_one_changed_file_of_many_is_the_only_one_read(
    journal: Journal, tmp_path: Path, later: None, read: list[str]
) -> None:
    folder = fill(tmp_path / "data", {f"{n}.csv": b"x" for n in range(1200)})
    before = stat_cache.tree_of(journal, folder)
    (folder / "7.csv").write_bytes(b"y")
    read.clear()
    assert trees.diff(before, stat_cache.tree_of(journal, folder)) == ("7.csv",)
    assert read == ["7.csv"]


def test_a_link_to_a_file_is_what_it_points_to(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to("file")
    assert stat_cache.digest_of(journal, tmp_path / "link") == sha256(b"1")


@pytest.mark.parametrize("name", ["absent", "dangling"])
def test_what_is_not_there_is_said(journal: Journal, tmp_path: Path, name: str) -> None:
    (tmp_path / "dangling").symlink_to("absent")
    with pytest.raises(BadInput, match=name):
        stat_cache.digest_of(journal, tmp_path / name)


def test_a_name_that_is_no_utf8_is_simply_read(journal: Journal, tmp_path: Path, later: None) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    path.write_bytes(b"1")
    assert stat_cache.digest_of(journal, path) == sha256(b"1")


def test_keeping_brings_the_contents_into_the_store(store: Store, tmp_path: Path, later: None) -> None:
    folder = fill(tmp_path / "data", {"a": b"1"})
    stat_cache.tree_of(store.journal, folder)  # known, but not in the store
    tree = stat_cache.keep(store, folder)
    assert blobs.read(store, tree[0].digest) == b"1"
    blobs.remove(store, tree[0].digest)
    assert stat_cache.keep(store, folder) == tree
    assert blobs.read(store, tree[0].digest) == b"1"


def test_our_links_to_a_large_file_do_not_make_it_unknown(
    store: Store, tmp_path: Path, later: None, read: list[str]
) -> None:
    file = sparse(tmp_path / "big", blobs.LARGE)
    known = stat_cache.digest_of(store.journal, file)
    tree = stat_cache.keep(store, file)
    trees.materialise(store, tree, tmp_path / "workspace")  # the store stops sharing it
    read.clear()
    assert stat_cache.digest_of(store.journal, file) == known == tree[0].digest
    assert read == []
