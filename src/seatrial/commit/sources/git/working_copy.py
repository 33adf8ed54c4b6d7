"""A clone for a stage that needs Git itself: its own repository, with the objects of the user's to read."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.clients import git
from seatrial.commit.change import Change
from seatrial.commit.export import tree_of
from seatrial.commit.sources.git import merging
from seatrial.commit.sources.git.repository import at, common_folder
from seatrial.errors import BadInput
from seatrial.store import trees
from seatrial.store.store import Store


def clone(store: Store, change: Change, folder: Path, *, may_leave: bool) -> None:
    """Make `folder` a clone at the change's commit, on its branch, with the files of its tree; of a merge it
    is at the merge, on no branch.

    Its objects are read from the user's repository, nothing is ever written there; its remote is the one that
    the user's checkout came from. Raises BadInput before the first commit.
    """
    if not change.commit:
        raise BadInput("there is no commit yet, so nothing can be cloned", hint="git commit")
    source = at(change.root)
    command = ("clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", source.root, folder)
    git.run(*command, folder=source.root, env={"GIT_ALLOW_PROTOCOL": "file"})
    git.run("update-ref", "--no-deref", "HEAD", change.commit, folder=folder)
    if change.branch:
        git.run("update-ref", f"refs/heads/{change.branch}", change.commit, folder=folder)
        git.run("symbolic-ref", "HEAD", f"refs/heads/{change.branch}", folder=folder)
    if change.merge:
        merging.write((), change, folder, {})
        git.run("update-ref", "--no-deref", "HEAD", change.merge, folder=folder)
    _point_to_remote(change.url, folder)
    trees.materialise(store, tree_of(store, change), folder, may_leave=may_leave)
    git.run("read-tree", "HEAD", folder=folder)
    git.run("update-index", "-q", "--refresh", folder=folder, accept=(1,))


def lent(change: Change) -> tuple[Path, ...]:
    """The objects of the user's repository, and those that it borrows itself; none where it is gone."""
    try:
        found = [common_folder(at(change.root)) / "objects"]
    except BadInput:
        return ()
    for folder in found:  # which grows
        borrowed = (Path(line) for line in _lines(folder / "info" / "alternates"))
        more = ((folder / path).resolve() for path in borrowed)
        found += [path for path in more if path.is_dir() and path not in found]
    return tuple(found)


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in os.fsdecode(path.read_bytes()).splitlines() if line[:1] not in ("", "#")]
    except FileNotFoundError:
        return []


def _point_to_remote(url: str, folder: Path) -> None:
    """A push from the stage must not reach the user's own repository."""
    if url:
        git.run("config", "remote.origin.url", url, folder=folder)
    else:
        git.run("config", "--unset", "remote.origin.url", folder=folder)
