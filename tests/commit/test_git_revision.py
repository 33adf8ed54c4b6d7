"""From a checkout to a change: what each state of a repository gives, and that none is ever written to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatrial.clients import git
from seatrial.commit import all_sources
from seatrial.commit.export import changed_paths, tree_of
from seatrial.commit.sources.git.revision import branch_of
from seatrial.errors import BadInput
from seatrial.journal.journal import open_journal
from seatrial.store import blobs, trees
from seatrial.store.store import Store, open_store
from tests.conftest import Repository
from tests.store.contents import snapshot

Make = Callable[..., Repository]


def paths(store: Store, made: Repository, spec: str | None = None) -> list[str]:
    return [entry.path for entry in tree_of(store, all_sources.resolve(store, made.folder, spec))]


def contents(store: Store, made: Repository, spec: str | None = None) -> dict[str, bytes]:
    tree = tree_of(store, all_sources.resolve(store, made.folder, spec))
    return {entry.path: blobs.read(store, entry.digest) for entry in tree if entry.kind != "link"}


def test_a_clean_checkout_is_its_commit(store: Store, repository: Make) -> None:
    made = repository()
    commit = made.commit("the first line\n\nmore", a_txt="1")
    made.git("tag", "v1")
    made.git("remote", "add", "origin", "https://example.com/x.git")
    (made.folder / "models" / "a").mkdir(parents=True)
    change = all_sources.resolve(store, made.folder / "models" / "a")
    assert change.commit == commit
    assert change.tree == made.git("rev-parse", "HEAD^{tree}")
    assert (change.source, change.root, change.folder) == ("git", str(made.folder.resolve()), "models/a")
    assert (change.branch, change.tag, change.dirty) == ("main", "v1", False)
    assert (change.author, change.message) == ("Ada <ada@example.com>", "the first line")
    assert change.committed == 1777817220.0  # date -d 2026-05-03T14:07:00Z +%s
    assert change.url == "https://example.com/x.git"


@pytest.mark.parametrize(
    ("remote", "known"),
    [
        ("https://me:s3cr3t@example.com/x.git", "https://example.com/x.git"),
        ("HTTPS://t0k3n@example.com:8443/a@b", "HTTPS://example.com:8443/a@b"),
        ("http://me:p@ss@example.com", "http://example.com"),
        ("ssh://git@example.com/x.git", "ssh://git@example.com/x.git"),
        ("git@example.com:a/x.git", "git@example.com:a/x.git"),
        ("/srv/x@y/a.git", "/srv/x@y/a.git"),
    ],
)
def test_a_token_in_the_address_of_the_remote_is_nobody_elses(
    store: Store, repository: Make, remote: str, known: str
) -> None:
    made = repository()
    made.commit(a_txt="1")
    made.git("remote", "add", "origin", remote)
    assert all_sources.resolve(store, made.folder).url == known
    assert all_sources.resolve(store, made.folder, "HEAD").url == known


@pytest.mark.parametrize("edit", ["changed", "added", "untracked", "deleted", "mode", "staged", "link"])
def test_every_edit_makes_the_state_dirty(store: Store, repository: Make, edit: str) -> None:
    made = repository()
    commit = made.commit(a_txt="1", b_txt="2")
    if edit == "changed":
        made.write("a.txt", "one")
    elif edit in ("added", "untracked", "staged"):
        made.write("new dir/c.txt", "3")
        made.git("add", *(["-N", "."] if edit == "added" else ["."] if edit == "staged" else ["-n", "."]))
    elif edit == "deleted":
        (made.folder / "a.txt").unlink()
    elif edit == "mode":
        (made.folder / "a.txt").chmod(0o755)
    else:
        (made.folder / "a.txt").unlink()
        (made.folder / "a.txt").symlink_to("b.txt")
    before = all_sources.resolve(store, made.folder, "HEAD")
    change = all_sources.resolve(store, made.folder)
    assert (change.dirty, change.commit, change.branch) == (True, commit, "main")
    expected = "new dir/c.txt" if "new dir" in str(list(made.folder.iterdir())) else "a.txt"
    assert changed_paths(store, before, change) == (expected,)


def test_a_working_state_is_the_files_as_they_are(store: Store, repository: Make) -> None:
    made = repository()
    made.write(".gitignore", "*.log\n")
    made.commit(a_txt="1", b_txt="2")
    made.write("a.txt", "edited")
    made.write("new.txt", "new")
    made.write("noise.log", "ignored")
    made.git("rm", "--quiet", "b.txt")
    assert contents(store, made) == {".gitignore": b"*.log\n", "a.txt": b"edited", "new.txt": b"new"}


def test_a_working_state_is_kept_as_it_was_when_asked(store: Store, repository: Make) -> None:
    made = repository()
    made.commit(a_txt="1")
    made.write("a.txt", "edited")
    change = all_sources.resolve(store, made.folder)
    made.write("a.txt", "edited again")
    assert blobs.read(store, tree_of(store, change)[0].digest) == b"edited"


def test_an_edit_taken_back_is_clean_and_the_same_content_the_same_tree(
    store: Store, repository: Make
) -> None:
    made = repository()
    made.commit(a_txt="1")
    committed = tree_of(store, all_sources.resolve(store, made.folder))
    made.write("a.txt", "2")
    edited = tree_of(store, all_sources.resolve(store, made.folder))
    made.commit()
    assert tree_of(store, all_sources.resolve(store, made.folder)) == edited
    made.write("a.txt", "1")
    assert tree_of(store, all_sources.resolve(store, made.folder)) == committed


HOSTILE = ["-rf", "--help", "a b", "new\nline", "tab\t", "ünï", "'\"$(x)`", "*", ":(glob)x", "? x", "back\\"]


@pytest.mark.parametrize("committed", [True, False])
def test_hostile_names(store: Store, repository: Make, committed: bool) -> None:
    made = repository()
    names = [*HOSTILE, os.fsdecode(b"\xff\xfe"), *(f"dir/{name}" for name in HOSTILE)]
    made.commit(first_txt="1")
    for name in names:
        made.write(name, "x")
    if committed:
        made.commit()
    assert paths(store, made) == sorted([*names, "first.txt"])


def test_a_thousand_files_and_an_empty_one(store: Store, repository: Make) -> None:
    made = repository()
    for number in range(1000):
        made.write(f"d{number % 9}/{number}", "" if number == 0 else str(number))
    made.commit()
    found = contents(store, made)
    assert len(found) == 1000
    assert found["d0/0"] == b""
    made.write("d1/1", "edited")
    assert contents(store, made) == {**found, "d1/1": b"edited"}


def specs(made: Repository) -> dict[str, str]:
    first = made.commit("first", a_txt="1")
    second = made.commit("second", a_txt="2")
    made.git("tag", "-a", "v2", "-m", "annotated")
    made.git("branch", "feature/x", first)
    third = made.commit("third", a_txt="3")
    return {
        "HEAD": third,
        "HEAD~2": first,
        "v2": second,
        "feature/x": first,
        second[:8]: second,
        third: third,
    }


def test_revisions(store: Store, repository: Make) -> None:
    made = repository()
    for spec, commit in specs(made).items():
        change = all_sources.resolve(store, made.folder, spec)
        assert (change.commit, change.dirty) == (commit, False)
        assert change.tree == made.git("rev-parse", f"{commit}^{{tree}}")


def test_a_revision_ignores_the_working_state(store: Store, repository: Make) -> None:
    made = repository()
    made.commit(a_txt="1")
    made.write("a.txt", "2")
    assert contents(store, made, "HEAD") == {"a.txt": b"1"}


def test_branches_of_revisions(store: Store, repository: Make) -> None:
    made = repository()
    specs(made)
    expected = {"HEAD": "main", "main": "main", "feature/x": "feature/x", "HEAD~2": "feature/x", "v2": ""}
    found = {spec: all_sources.resolve(store, made.folder, spec).branch for spec in expected}
    assert found == expected


@pytest.mark.parametrize(
    ("refs", "revision", "expected"),
    [
        (["HEAD -> refs/heads/main"], "HEAD", "main"),
        (["HEAD", "refs/heads/main"], "HEAD", ""),
        (["HEAD", "refs/heads/main"], "abc", "main"),
        (["HEAD -> refs/heads/main", "refs/heads/other"], "abc", ""),
        (["HEAD -> refs/heads/main", "refs/heads/other"], "other", "other"),
        (["tag: refs/tags/v1"], "v1", ""),
        ([""], "abc", ""),
    ],
)
def test_branch_of(refs: list[str], revision: str, expected: str) -> None:
    assert branch_of(refs, revision) == expected


@pytest.mark.parametrize(
    "spec",
    ["absent", "--help", "-1", "", "^HEAD", "HEAD..HEAD", "main\nmain", "HEAD:a.txt", "\0", "HEAD^{tree}"],
)
def test_what_names_no_commit(store: Store, repository: Make, spec: str) -> None:
    made = repository()
    made.commit(a_txt="1")
    made.commit(a_txt="2")
    with pytest.raises(BadInput) as caught:
        all_sources.resolve(store, made.folder, spec)
    assert repr(spec) in caught.value.message
    assert caught.value.hint


def test_a_mistyped_branch(store: Store, repository: Make) -> None:
    made = repository()
    made.commit(a_txt="1")
    with pytest.raises(BadInput, match="no commit 'mian'") as caught:
        all_sources.resolve(store, made.folder, "mian")
    assert caught.value.hint == "did you mean main?"


def test_before_the_first_commit(store: Store, repository: Make) -> None:
    made = repository()
    change = all_sources.resolve(store, made.folder)
    assert (change.commit, change.branch, change.dirty) == ("", "main", True)
    assert tree_of(store, change) == ()
    made.write("a.txt", "1")
    assert contents(store, made) == {"a.txt": b"1"}
    with pytest.raises(BadInput, match="no commit 'HEAD'"):
        all_sources.resolve(store, made.folder, "HEAD")


def test_a_detached_head(store: Store, repository: Make) -> None:
    made = repository()
    commit = made.commit(a_txt="1")
    made.git("checkout", "--quiet", "--detach")
    change = all_sources.resolve(store, made.folder)
    assert (change.commit, change.branch) == (commit, "")


def test_a_bare_repository(store: Store, repository: Make) -> None:
    made = repository()
    commit = made.commit(a_txt="1")
    bare = made.folder.with_name("bare.git")
    made.git("clone", "--quiet", "--bare", ".", bare)
    for spec in (None, "main"):
        change = all_sources.resolve(store, bare, spec)
        assert (change.commit, change.branch, change.dirty) == (commit, "main", False)
    store.journal.database.rows("DELETE FROM export")
    assert [entry.path for entry in tree_of(store, change)] == ["a.txt"]


def test_a_linked_worktree(store: Store, repository: Make) -> None:
    made = repository()
    made.commit(a_txt="1")
    linked = Repository(made.folder.with_name("linked"))
    made.git("worktree", "add", "--quiet", "-b", "side", linked.folder)
    assert contents(store, linked) == {"a.txt": b"1"}
    linked.write("b.txt", "2")
    change = all_sources.resolve(store, linked.folder)
    assert (change.branch, change.root, change.dirty) == ("side", str(linked.folder.resolve()), True)
    assert contents(store, linked) == {"a.txt": b"1", "b.txt": b"2"}


def test_a_shallow_clone(store: Store, repository: Make) -> None:
    made = repository()
    made.commit(a_txt="1")
    made.commit(a_txt="2")
    shallow = Repository(made.folder.with_name("shallow"))
    made.git("clone", "--quiet", "--depth=1", made.folder.as_uri(), shallow.folder)
    assert contents(store, shallow) == {"a.txt": b"2"}
    with pytest.raises(BadInput) as caught:
        all_sources.resolve(store, shallow.folder, "HEAD~1")
    assert "--unshallow" in caught.value.hint


def test_a_partial_clone_fetches_nothing(store: Store, repository: Make) -> None:
    made = repository()
    made.git("config", "uploadpack.allowFilter", "true")
    made.commit(a_txt="1")
    made.commit(a_txt="2")
    partial = Repository(made.folder.with_name("partial"))
    made.git("clone", "--quiet", "--filter=blob:none", made.folder.as_uri(), partial.folder)
    assert contents(store, partial) == {"a.txt": b"2"}
    before = snapshot(partial.folder)
    with pytest.raises(BadInput, match="Git says"):
        contents(store, partial, "HEAD~1")
    assert snapshot(partial.folder) == before


@pytest.mark.parametrize("options", [[], ["--sparse-index"]])
def test_a_sparse_checkout_keeps_what_it_leaves_out(
    store: Store, repository: Make, options: list[str]
) -> None:
    made = repository()
    for name in ("in/a", "out/deep/b", "c"):
        made.write(name, name)
    made.commit()
    made.git("sparse-checkout", "set", "--cone", *options, "in")
    assert not (made.folder / "out").exists()
    whole = {"c": b"c", "in/a": b"in/a", "out/deep/b": b"out/deep/b"}
    assert contents(store, made) == whole
    made.write("in/a", "edited")
    assert contents(store, made) == {**whole, "in/a": b"edited"}


def test_a_file_in_the_place_of_a_folder(store: Store, repository: Make) -> None:
    made = repository()
    made.write("x/a", "1")
    made.write("y", "2")
    made.commit()
    (made.folder / "x" / "a").unlink()
    (made.folder / "x").rmdir()
    (made.folder / "y").unlink()
    made.write("x", "now a file")
    made.write("y/b", "now in a folder")
    assert contents(store, made) == {"x": b"now a file", "y/b": b"now in a folder"}


def test_conflicts_of_a_merge(store: Store, repository: Make) -> None:
    made = repository()
    made.commit(a_txt="1")
    made.git("checkout", "--quiet", "-b", "other")
    made.commit(a_txt="2")
    made.git("checkout", "--quiet", "main")
    made.commit(a_txt="3")
    with pytest.raises(AssertionError):
        made.git("merge", "--quiet", "other")
    with pytest.raises(BadInput, match=r"'a\.txt' has conflicts"):
        all_sources.resolve(store, made.folder)
    assert contents(store, made, "HEAD") == {"a.txt": b"3"}


@pytest.mark.parametrize("target", ["/etc", "/not/there", "../../x"])
def test_a_link_out_of_the_checkout_is_kept_as_it_is(store: Store, repository: Make, target: str) -> None:
    made = repository()
    (made.folder / "data").symlink_to(target)
    working = tree_of(store, all_sources.resolve(store, made.folder))
    made.commit()
    committed = tree_of(store, all_sources.resolve(store, made.folder))
    for tree in (working, committed):
        assert [entry.digest for entry in tree if entry.path == "data"] == [target]
        assert trees.leaving(tree) == ("data",)


@pytest.mark.parametrize("place", ["nowhere", "inside .git", "broken .git", "absent"])
def test_no_repository(store: Store, repository: Make, tmp_path: Path, place: str) -> None:
    folder = tmp_path / "plain"
    if place != "absent":
        folder.mkdir()
    if place == "inside .git":
        folder = repository().folder / ".git" / "refs"
    elif place == "broken .git":
        (folder / ".git").mkdir()
    with pytest.raises(BadInput) as caught:
        all_sources.resolve(store, folder)
    assert str(folder) in caught.value.message


def test_another_users_repository(store: Store, repository: Make) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving files to another user needs root")
    made = repository()
    made.commit(a_txt="1")
    os.chown(made.folder, 12345, 12345)
    for spec in (None, "HEAD"):
        with pytest.raises(git.Untrusted, match="belongs to another user") as caught:
            all_sources.resolve(store, made.folder, spec)
        assert "safe.directory" in caught.value.hint


def test_few_processes(store: Store, repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository()
    made.commit(a_txt="1")
    started: list[str] = []
    original = subprocess.Popen

    def noted(argv: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(argv[0])
        return original(argv, **options)

    monkeypatch.setattr(subprocess, "Popen", noted)
    all_sources.resolve(store, made.folder)
    assert started == ["git"] * 3
    made.write("a.txt", "2")
    all_sources.resolve(store, made.folder)
    assert started == ["git"] * 7


def test_not_one_byte_of_the_checkout_is_written(store: Store, repository: Make) -> None:
    made = repository()
    made.write(".gitattributes", "* text=auto\n")
    made.write("sub/b.txt", "b")
    made.commit(a_txt="1", c_txt="old")
    made.commit(c_txt="new")
    made.git("gc", "--quiet")
    made.commit(d_txt="loose")
    made.write("a.txt", "edited")
    made.write("c.txt", "old")  # a blob that the repository has already: `git add` would renew its times
    made.write("new.txt", "new")
    (made.folder / "sub" / "b.txt").touch()  # only looks changed: `git status` likes to write that down
    before = snapshot(made.folder)
    for spec in (None, "HEAD", "HEAD~1"):
        change = all_sources.resolve(store, made.folder, spec)
        tree_of(store, change, fresh=spec is not None)
    assert snapshot(made.folder) == before


def test_our_own_home_in_the_checkout_is_no_change(repository: Make) -> None:
    made = repository()
    made.commit(a_txt="1")
    home = made.folder / "build" / "home"
    home.mkdir(parents=True)
    store = open_store(home, open_journal(home))
    blobs.add_bytes(store, b"something")
    assert not all_sources.resolve(store, made.folder).dirty
    made.write("build/new.txt", "2")
    assert contents(store, made) == {"a.txt": b"1", "build/new.txt": b"2"}
    store.journal.close()
