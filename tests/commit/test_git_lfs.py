"""Git LFS, with the real one: contents come from the repository's own storage, which is never written to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.commit import all_sources, export
from seatrial.commit.sources.git import lfs
from seatrial.errors import BadInput
from seatrial.store import blobs
from seatrial.store.store import Store
from tests.conftest import Repository, requires
from tests.store.contents import sha256, snapshot

Make = Callable[..., Repository]
CONTENT = b"weights" * 1000


@pytest.fixture
def made(repository: Make) -> Repository:
    requires("git-lfs")
    made = repository()
    made.git("lfs", "install", "--local", "--skip-repo")
    made.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    made.write("model.bin", CONTENT)
    made.write("sub/other.bin", b"x")
    made.write("plain.txt", "text")
    made.commit()
    return made


def contents(store: Store, made: Repository, spec: str | None = None) -> dict[str, bytes]:
    tree = export.tree_of(store, all_sources.resolve(store, made.folder, spec))
    return {entry.path: blobs.read(store, entry.digest) for entry in tree}


def storage(made: Repository) -> Path:
    return made.folder / ".git" / "lfs"


def content_file(made: Repository) -> Path:
    return next(storage(made).rglob(sha256(CONTENT)[7:]))


def without_contents(made: Repository) -> None:
    shutil.rmtree(storage(made) / "objects")


def test_the_commit_has_pointers_and_the_export_contents(store: Store, made: Repository) -> None:
    assert made.git("cat-file", "blob", "HEAD:model.bin").startswith("version https://git-lfs")
    found = contents(store, made)
    assert found["model.bin"] == CONTENT
    assert found["sub/other.bin"] == b"x"


def test_contents_that_are_not_here_are_named(store: Store, made: Repository) -> None:
    commit = made.git("rev-parse", "HEAD")
    without_contents(made)
    change = all_sources.resolve(store, made.folder, "HEAD")
    tree = {entry.path: entry for entry in export.tree_of(store, change)}
    assert tree["model.bin"][2:] == (sha256(CONTENT), len(CONTENT)), "its key is that of its content"
    assert blobs.read(store, tree["plain.txt"].digest) == b"text"
    with pytest.raises(BadInput, match=r"the content of 'model\.bin' is not in this clone") as caught:
        export.bring_back(store, change, sha256(CONTENT))
    assert caught.value.hint.endswith(f"git lfs fetch origin {commit}")


def test_contents_that_came_later_are_found(store: Store, made: Repository, tmp_path: Path) -> None:
    shutil.move(storage(made), tmp_path / "elsewhere")
    change = all_sources.resolve(store, made.folder, "HEAD")
    export.tree_of(store, change)
    shutil.move(tmp_path / "elsewhere", storage(made))
    export.bring_back(store, change, sha256(CONTENT))
    assert contents(store, made, "HEAD")["model.bin"] == CONTENT


def test_a_damaged_content_is_refused(store: Store, made: Repository) -> None:
    content_file(made).chmod(0o644)
    content_file(made).write_bytes(b"damaged")
    with pytest.raises(BadInput, match=r"'model\.bin'.* is damaged"):
        contents(store, made, "HEAD")


def test_a_touched_file_is_no_change(store: Store, made: Repository) -> None:
    (made.folder / "model.bin").touch()
    assert not all_sources.resolve(store, made.folder).dirty


def test_an_edited_file_is_one(store: Store, made: Repository) -> None:
    made.write("model.bin", CONTENT[::-1])  # of the same size
    change = all_sources.resolve(store, made.folder)
    assert change.dirty
    assert contents(store, made)["model.bin"] == CONTENT[::-1]


def test_another_edit_beside_a_touched_file(store: Store, made: Repository) -> None:
    (made.folder / "model.bin").touch()
    made.write("plain.txt", "edited")
    assert all_sources.resolve(store, made.folder).dirty
    assert contents(store, made) == {**contents(store, made, "HEAD"), "plain.txt": b"edited"}


def test_pointers_in_a_checkout_stand_for_their_contents(
    store: Store, made: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = Repository(made.folder.with_name("clone"))
    monkeypatch.setenv("GIT_LFS_SKIP_SMUDGE", "1")
    made.git("clone", "--quiet", ".", clone.folder)
    assert (clone.folder / "model.bin").read_bytes().startswith(b"version")
    clone.write("plain.txt", "edited")
    with pytest.raises(blobs.Missing):
        contents(store, clone)
    shutil.copytree(storage(made) / "objects", clone.folder / ".git" / "lfs" / "objects", dirs_exist_ok=True)
    assert contents(store, clone) == {**contents(store, made), "plain.txt": b"edited"}


def test_a_text_about_pointers_stays_a_text(store: Store, made: Repository) -> None:
    pointer = made.git("cat-file", "blob", "HEAD:model.bin") + "\n"
    made.write("docs/example.txt", pointer)
    made.commit()
    assert contents(store, made)["docs/example.txt"] == pointer.encode()


def test_another_storage(store: Store, made: Repository, tmp_path: Path) -> None:
    shutil.move(storage(made), tmp_path / "elsewhere")
    made.git("config", "lfs.storage", tmp_path / "elsewhere")
    assert contents(store, made, "HEAD")["model.bin"] == CONTENT


def test_a_linked_worktree_shares_the_storage(store: Store, made: Repository) -> None:
    linked = Repository(made.folder.with_name("linked"))
    made.git("worktree", "add", "--quiet", linked.folder)
    assert contents(store, linked)["model.bin"] == CONTENT


def test_nothing_is_written(store: Store, made: Repository) -> None:
    made.commit()
    (made.folder / "model.bin").touch()
    before = snapshot(made.folder)
    contents(store, made)
    contents(store, made, "HEAD")
    assert snapshot(made.folder) == before
    made.write("model.bin", b"edited: its clean filter would store it")
    edited = snapshot(made.folder)
    contents(store, made)
    assert snapshot(made.folder) == edited


def test_without_git_lfs_installed_nothing_is_missed(
    store: Store, made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_git = tmp_path / "bin"
    only_git.mkdir()
    git = shutil.which("git")
    assert git is not None
    (only_git / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(only_git))
    assert contents(store, made)["model.bin"] == CONTENT


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12345\n", 12345),
        (b"version https://git-lfs.github.com/spec/v1\next-0-foo sha256:x\noid sha256:%s\nsize 0\n", 0),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize -1\n", None),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1\nmore\n", None),
        (b"version https://example.com/spec/v1\noid sha256:%s\nsize 1\n", None),
        (b"", None),
    ],
)
def test_pointers_are_read_as_their_specification_says(content: bytes, expected: int | None) -> None:
    oid = b"4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"  # the specification's example
    found = lfs.parse(content.replace(b"%s", oid))
    assert (found and found.size) == expected
    assert found is None or found.digest == f"sha256:{oid.decode()}"
