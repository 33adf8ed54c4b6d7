"""The working state of a checkout, taken straight from its files.

Not by `git add` into an index of our own: that would run the filters of Git LFS, which write into the user's
repository, renew the times of its objects, and compress a model of gigabytes on every run. The files are what
the user sees; the stat cache makes the next run cheap.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from seatrial.clients import git
from seatrial.commit.change import Change
from seatrial.commit.export import tree_of
from seatrial.commit.sources.git import lfs
from seatrial.commit.sources.git.repository import Repository, without
from seatrial.errors import BadInput
from seatrial.store import scan, stat_cache, trees
from seatrial.store.scan import Found
from seatrial.store.store import Store
from seatrial.store.trees import Tree

_SUBMODULE = "160000"


def differs(store: Store, repository: Repository, records: Sequence[str]) -> bool:
    """Whether the records of `git status` tell of a real difference.

    A file of Git LFS that was only touched looks changed, as its filter is off: its content decides.
    """
    touched = {}
    for record in records:
        if not record.startswith("1 .M N... "):
            return True
        _, _, _, _, mode, mode_now, _, blob, path = record.split(" ", 8)
        if mode != mode_now:
            return True
        touched[path] = blob
    return bool(touched) and not lfs.are_unchanged(store.journal, repository, touched)


def keep(store: Store, repository: Repository, change: Change) -> Tree:
    """The tree of all files that are tracked, or neither tracked nor ignored, with its contents in the store.

    What a sparse checkout leaves out is as in the commit.
    """
    found: dict[str, Found] = {}
    absent: list[str] = []
    but_home = without(store.root.parent.resolve(), repository)
    for path, is_sparse in _listed(repository.root, "", but_home):
        one = scan.look(str(repository.root), path)
        if one is not None:
            found[path] = one
        elif is_sparse:
            absent.append(path)
    tree = stat_cache.keep_found(store, repository.root, sorted(found.values()))
    tree = lfs.with_contents(store, repository, tree)
    return trees.merge(tree, _of_commit(store, change, absent)) if absent else tree


def _of_commit(store: Store, change: Change, paths: Sequence[str]) -> Tree:
    wanted = set(paths)
    return tuple(entry for entry in tree_of(store, change) if entry.path in wanted)


def _listed(root: Path, below: str, pathspec: Sequence[str] = ()) -> Iterator[tuple[str, bool]]:
    """The paths of a checkout, and of those inside it; and whether a sparse checkout may leave it out."""
    command = ("ls-files", "-z", "-t", "--stage", "--cached", "--others", "--exclude-standard")
    output = git.read(*command, *pathspec, folder=root / below)
    prefix = f"{below}/" if below else ""
    for record in git.text(output).split("\0"):
        head, _, path = record.partition("\t") if record[:2] != "? " else ("?", "", record[2:])
        if not path:
            continue
        inner = path.removesuffix("/")
        if path != inner or head[2:8] == _SUBMODULE:
            yield from _nested(root, prefix + inner, is_sparse=head.startswith("S"))
        else:
            yield prefix + path, head.startswith("S")


def _nested(root: Path, path: str, *, is_sparse: bool) -> Iterator[tuple[str, bool]]:
    """The paths of a submodule, or of another checkout that lies in this one."""
    if os.path.lexists(root / path / ".git"):
        yield from _listed(root, path)
    elif not is_sparse:
        hint = f"git submodule update --init {path}"
        raise BadInput(f"the submodule {path!r} is not checked out", hint=hint)
