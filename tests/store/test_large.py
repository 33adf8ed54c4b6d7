"""Large blobs share disk space by hard links, and are never believed after a change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.store import blobs, copying, large, trees
from seatrial.store.store import Store
from seatrial.system import digest as digests
from seatrial.system import files
from tests.store.contents import sparse

SIZE = 4 * copying.CHUNK


@pytest.fixture(autouse=True)
def large_is_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces as ever, in a sixteenth of the time; `test_blobs` has contents that are really large."""
    monkeypatch.setattr(blobs, "LARGE", SIZE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return sparse(tmp_path / "users.bin", SIZE)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one for every large content that is read to be hashed."""
    seen: list[int] = []
    for name in ("hash_of", "copy"):
        original = getattr(large.copying, name)

        def counted(*arguments: int, original: object = original) -> str:
            seen.append(1)
            return original(*arguments)  # type: ignore[operator, no-any-return]

        monkeypatch.setattr(large.copying, name, counted)
    return seen


def overwrite(path: Path, *, times_kept: bool = False) -> None:
    info = path.stat()
    path.chmod(0o644)
    with path.open("r+b") as content:
        content.write(b"MARK")
    if times_kept:
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def test_adding_shares_the_users_file_and_changes_nothing_of_it(store: Store, file: Path) -> None:
    before = file.stat()
    digest = blobs.add(store, file)
    assert digest == digests.of_file(file)
    after = file.stat()
    assert blobs.path(store, digest).stat().st_ino == after.st_ino
    assert (before.st_mode, before.st_mtime_ns, before.st_size) == (after.st_mode, after.st_mtime_ns, SIZE)


def test_a_stage_is_never_given_the_users_own_file(store: Store, file: Path, tmp_path: Path) -> None:
    digest = blobs.add(store, file)
    blobs.place(store, digest, tmp_path / "input")
    assert (tmp_path / "input").stat().st_ino != file.stat().st_ino
    overwrite(tmp_path / "input")
    assert file.read_bytes()[:4] == b"mark"


def test_the_second_placement_costs_no_reading(
    store: Store, file: Path, tmp_path: Path, hashed: list[int]
) -> None:
    digest = blobs.add(store, file)
    blobs.place(store, digest, tmp_path / "first")
    hashed.clear()
    blobs.place(store, digest, tmp_path / "second")
    assert hashed == []
    assert (tmp_path / "first").stat().st_ino == (tmp_path / "second").stat().st_ino


def test_what_is_moved_in_is_write_protected(store: Store, file: Path, tmp_path: Path) -> None:
    digest = blobs.add(store, file, move=True)
    assert not file.exists()
    assert blobs.path(store, digest).stat().st_mode & 0o222 == 0
    blobs.place(store, digest, tmp_path / "input")
    assert (tmp_path / "input").stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("times_kept", [False, True])
def test_a_write_through_a_link_is_found_before_the_next_use(
    store: Store, file: Path, tmp_path: Path, times_kept: bool
) -> None:
    digest = blobs.add(store, file, move=True)
    blobs.place(store, digest, tmp_path / "input")
    overwrite(tmp_path / "input", times_kept=times_kept)
    with pytest.raises(blobs.Missing):
        blobs.place(store, digest, tmp_path / "next")
    assert not (tmp_path / "next").exists()
    assert not blobs.has(store, digest)


def test_a_change_of_the_users_file_is_found(store: Store, file: Path, tmp_path: Path) -> None:
    digest = blobs.add(store, file)
    overwrite(file, times_kept=True)
    with pytest.raises(blobs.Missing):
        blobs.place(store, digest, tmp_path / "input")
    assert blobs.add(store, file) == digests.of_file(file) != digest


def test_a_harmless_change_costs_a_reading_and_no_more(
    store: Store, file: Path, tmp_path: Path, hashed: list[int]
) -> None:
    digest = blobs.add(store, file, move=True)
    blobs.place(store, digest, tmp_path / "input")
    (tmp_path / "input").chmod(0o600)
    hashed.clear()
    blobs.place(store, digest, tmp_path / "next")
    assert hashed == [1]
    blobs.place(store, digest, tmp_path / "after")
    assert hashed == [1]


def test_an_executable_is_copied_for_its_mode_is_not_the_others(
    store: Store, file: Path, tmp_path: Path
) -> None:
    digest = blobs.add(store, file, move=True)
    blobs.place(store, digest, tmp_path / "program", executable=True)
    assert (tmp_path / "program").stat().st_mode & 0o100
    assert blobs.path(store, digest).stat().st_mode & 0o100 == 0


def test_the_same_content_again_keeps_the_blob(store: Store, file: Path, tmp_path: Path) -> None:
    again = sparse(tmp_path / "again", SIZE)
    digest = blobs.add(store, file, move=True)
    inode = blobs.path(store, digest).stat().st_ino
    assert blobs.add(store, again) == digest
    assert again.exists()
    assert blobs.add(store, again, move=True) == digest
    assert not again.exists()
    assert blobs.path(store, digest).stat().st_ino == inode
    blobs.place(store, digest, tmp_path / "input")


def test_without_its_memory_a_blob_is_read_again(
    store: Store, file: Path, tmp_path: Path, hashed: list[int]
) -> None:
    digest = blobs.add(store, file, move=True)
    large.forget(store, str(blobs.path(store, digest)))
    hashed.clear()
    blobs.place(store, digest, tmp_path / "input")
    assert hashed == [1]


def test_without_its_memory_a_shared_blob_is_taken_for_the_users(
    store: Store, file: Path, tmp_path: Path
) -> None:
    digest = blobs.add(store, file)
    large.forget(store, str(blobs.path(store, digest)))
    blobs.place(store, digest, tmp_path / "input")
    assert (tmp_path / "input").stat().st_ino != file.stat().st_ino


def test_discarding_a_workspace_keeps_the_store_sure(
    store: Store, file: Path, tmp_path: Path, hashed: list[int]
) -> None:
    tree = (trees.Entry("big", trees.FILE, blobs.add(store, file, move=True), SIZE),)
    trees.materialise(store, tree, tmp_path / "one")
    hashed.clear()
    trees.discard(store, tree, tmp_path / "one")
    assert not (tmp_path / "one").exists()
    trees.materialise(store, tree, tmp_path / "two")
    assert hashed == []
    files.remove(tmp_path / "two")  # the plain way: right too, but dearer
    trees.materialise(store, tree, tmp_path / "three")
    assert hashed == [1]


def test_discarding_does_not_hide_a_damage(store: Store, file: Path, tmp_path: Path) -> None:
    tree = (trees.Entry("big", trees.FILE, blobs.add(store, file, move=True), SIZE),)
    trees.materialise(store, tree, tmp_path / "one")
    overwrite(tmp_path / "one" / "big", times_kept=True)
    trees.discard(store, tree, tmp_path / "one")
    with pytest.raises(blobs.Missing):
        trees.materialise(store, tree, tmp_path / "two")


def test_another_file_system_gets_a_copy(store: Store, file: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == file.stat().st_dev:
        pytest.skip("there is no second file system here")
    digest = blobs.add(store, file, move=True)
    target = other / f"seatrial.{os.getpid()}"
    try:
        blobs.place(store, digest, target)
        assert digests.of_file(target) == digest
        assert blobs.add(store, target) == digest
    finally:
        target.unlink(missing_ok=True)


def test_from_another_file_system_it_is_copied_in(store: Store, tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    source = sparse(other / f"seatrial.{os.getpid()}", SIZE)
    try:
        digest = blobs.add(store, source)
        assert digests.of_file(blobs.path(store, digest)) == digest
        assert source.exists()
    finally:
        source.unlink()
