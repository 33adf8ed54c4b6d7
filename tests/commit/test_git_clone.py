"""Clones for stages that need Git: whole to use, free to wreck."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.commit import all_sources, export
from seatrial.errors import BadInput
from seatrial.store.store import Store
from tests.conftest import Repository
from tests.store.contents import snapshot

Make = Callable[..., Repository]


@pytest.fixture
def made(repository: Make) -> Repository:
    made = repository()
    made.commit("first", a_txt="1")
    made.git("tag", "v1")
    made.commit("second", a_txt="2")
    return made


def clone(store: Store, made: Repository, spec: str | None = None) -> Repository:
    folder = store.root.parent / "workspace"
    export.clone(store, all_sources.resolve(store, made.folder, spec), folder)
    return Repository(folder)


def test_a_clone_is_at_the_commit_on_its_branch(store: Store, made: Repository) -> None:
    cloned = clone(store, made)
    assert cloned.git("status", "--porcelain", "--branch").startswith("## main")
    assert cloned.git("rev-parse", "HEAD") == made.git("rev-parse", "HEAD")
    assert cloned.git("describe", "--tags").startswith("v1-1-")
    assert (cloned.folder / "a.txt").read_text() == "2"
    assert cloned.git("status", "--porcelain") == ""


def test_links_that_lead_out_are_those_of_the_commit_where_they_may(store: Store, made: Repository) -> None:
    (made.folder / "out").symlink_to("/etc/passwd")
    made.commit("third")
    with pytest.raises(BadInput, match="leads out of its folder: 'out'"):
        clone(store, made)
    folder = store.root.parent / "second"
    export.clone(store, all_sources.resolve(store, made.folder), folder, may_leave=True)
    assert (folder / "out").readlink() == Path("/etc/passwd")
    assert Repository(folder).git("status", "--porcelain") == ""


def test_a_commit_without_a_branch_is_detached(store: Store, made: Repository) -> None:
    cloned = clone(store, made, "HEAD~1")
    assert cloned.git("rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert cloned.git("log", "--format=%s") == "first"
    assert cloned.git("status", "--porcelain") == ""


def test_edits_are_edits_in_the_clone(store: Store, made: Repository) -> None:
    made.write("a.txt", "edited")
    made.write("new.txt", "new")
    cloned = clone(store, made)
    assert cloned.git("status", "--porcelain").split("\n") == [" M a.txt", "?? new.txt"]


def test_wrecking_it_harms_nothing(store: Store, made: Repository) -> None:
    made.git("gc", "--quiet")
    before = snapshot(made.folder)
    cloned = clone(store, made)
    cloned.git("checkout", "--quiet", "-b", "evil")
    cloned.commit("evil", a_txt="evil")
    cloned.git("update-ref", "-d", "refs/heads/main")
    cloned.git("gc", "--quiet", "--prune=now", "--aggressive")
    with pytest.raises(AssertionError):
        cloned.git("push", "--quiet", "origin", "evil")
    subprocess.run("rm -rf ./* .git", shell=True, cwd=cloned.folder, check=True)
    assert snapshot(made.folder) == before
    assert made.git("fsck", "--strict") == ""


def test_its_remote_is_the_users(store: Store, made: Repository) -> None:
    assert "url" not in clone(store, made).git("config", "--list")
    made.git("remote", "add", "origin", "https://example.com/x.git")
    folder = store.root.parent / "second"
    export.clone(store, all_sources.resolve(store, made.folder), folder)
    assert Repository(folder).git("config", "remote.origin.url") == "https://example.com/x.git"


def test_a_shallow_repository_can_be_cloned(store: Store, made: Repository) -> None:
    shallow = Repository(made.folder.with_name("shallow"))
    made.git("clone", "--quiet", "--depth=1", made.folder.as_uri(), shallow.folder)
    before = snapshot(shallow.folder)
    cloned = clone(store, shallow)
    assert cloned.git("log", "--format=%s") == "second"
    assert cloned.git("status", "--porcelain") == ""
    assert snapshot(shallow.folder) == before


def test_a_linked_worktree_can_be_cloned(store: Store, made: Repository) -> None:
    linked = Repository(made.folder.with_name("linked"))
    made.git("worktree", "add", "--quiet", "-b", "side", linked.folder)
    assert clone(store, linked).git("status", "--porcelain", "--branch").startswith("## side")


def test_hooks_and_templates_of_the_user_stay_out(store: Store, made: Repository, tmp_path: Path) -> None:
    hook = made.write("../template/hooks/post-checkout", f"#!/bin/sh\ntouch {tmp_path}/ran\n", 0o755)
    made.git("config", "--global", "init.templateDir", hook.parent.parent)
    cloned = clone(store, made)
    assert not (cloned.folder / ".git" / "hooks").exists()
    assert not (tmp_path / "ran").exists()


def test_before_the_first_commit(store: Store, repository: Make) -> None:
    with pytest.raises(BadInput, match="no commit yet"):
        clone(store, repository("empty"))


def test_what_a_clone_reads_from_is_known_with_what_that_borrows_itself(
    store: Store, made: Repository
) -> None:
    borrowing = Repository(made.folder.parent / "borrowing")
    made.git("clone", "--quiet", "--shared", made.folder, borrowing.folder)
    change = all_sources.resolve(store, borrowing.folder, None)
    assert export.lent(change) == tuple(one.folder / ".git" / "objects" for one in (borrowing, made))
