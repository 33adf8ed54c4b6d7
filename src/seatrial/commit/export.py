"""The content of a change, as a tree of the store: exported once for each content, not once a run."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from seatrial.commit.all_sources import source
from seatrial.commit.change import Change
from seatrial.commit.source import Absent
from seatrial.errors import BadInput, some
from seatrial.store import blobs, copying, trees
from seatrial.store.store import Store
from seatrial.store.trees import Tree
from seatrial.system import digest, files, process


def tree_of(store: Store, change: Change, *, fresh: bool = False) -> Tree:
    """The tree of a change. Links in it may lead out of it: see `trees.leaving`.

    Its blobs were in the store when it was exported, but for those that the source does not have. Who finds
    one missing (`blobs.Missing`) asks for it with `bring_back`. Raises BadInput.
    """
    if digest.is_digest(change.tree):
        return trees.load(store, change.tree)
    name = f"{change.source}:{change.tree}"
    known = None if fresh else store.journal.database.row("SELECT tree FROM export WHERE source = ?", (name,))
    if known is not None:
        try:
            return trees.load(store, known[0])
        except blobs.Missing:
            pass
    tree = _exported(store, change)
    values = (name, trees.save(store, tree))
    store.journal.database.rows("INSERT OR REPLACE INTO export(source, tree) VALUES (?, ?)", values)
    return tree


def kept(store: Store, name: str) -> Tree | None:
    """The tree of a change by the name that a run has of it; None where the store no longer holds it."""
    if digest.is_digest(name):
        found = name
    else:
        row = store.journal.database.row("SELECT tree FROM export WHERE source LIKE ?", (f"%:{name}",))
        found = row[0] if row else ""
    try:
        return trees.load(store, found) if found else None
    except blobs.Missing:
        return None


def clear_left(store: Store) -> None:
    """Remove the folders of exports whose process was killed; what still writes into its own keeps it."""
    for folder in (store.root / "partial").glob("export.*"):
        pid = folder.name.split(".")[1]
        if process.identify(int(pid)) is None:
            with suppress(OSError):
                files.remove(folder)


def _exported(store: Store, change: Change) -> Tree:
    clear_left(store)
    folder = _fresh_folder(store)
    try:
        absent = source(change.source).export(change, folder)
        tree = trees.ingest(store, folder, move=True, may_leave=True)
        return with_absent(tree, absent)
    except OSError as error:
        raise copying.cannot_write(error, folder) from error
    finally:
        files.remove(folder)


def with_absent(tree: Tree, absent: Absent) -> Tree:
    """The tree with what the contents are that its source could not give."""
    if not absent:
        return tree
    return tuple(
        entry._replace(digest=absent[entry.path][0], size=absent[entry.path][1])
        if entry.path in absent
        else entry
        for entry in tree
    )


def bring_back(store: Store, change: Change, wanted: str) -> None:
    """Export a change again for a content that the store does not hold.

    Raises BadInput naming the files whose content its source does not have either.
    """
    tree = tree_of(store, change, fresh=True)
    paths = [entry.path for entry in tree if entry.kind != trees.LINK and entry.digest == wanted]
    if paths and not blobs.has(store, wanted):
        names = some(paths)
        if digest.is_digest(change.tree):
            hint = "run again: it is read again; a content of Git LFS is fetched by: git lfs fetch"
            raise BadInput(f"the store does not hold the content of {names}", hint=hint, about=paths[0])
        hint = f"a content of Git LFS: git lfs fetch origin {change.commit}"
        raise BadInput(f"the content of {names} is not in this clone", hint=hint, about=paths[0])


def _fresh_folder(store: Store) -> Path:
    return store.root / "partial" / f"export.{os.getpid()}.{os.urandom(6).hex()}"


def merged(store: Store, change: Change, target: str) -> Change:
    """A pull request to the branch `target`, as it will be once it is merged. Raises BadInput."""
    return source(change.source).merged(store, change, target)


def changed_paths(store: Store, a: Change, b: Change) -> tuple[str, ...]:
    """The paths whose content differs between two changes; sorted."""
    return trees.diff(tree_of(store, a), tree_of(store, b))


def clone(store: Store, change: Change, folder: Path, *, may_leave: bool = False) -> None:
    """Make `folder` a working copy that the source's own commands know as one (`git: true`).

    Raises BadInput for links that lead out of it, unless they may.
    """
    source(change.source).clone(store, change, folder, may_leave=may_leave)


def lent(change: Change) -> tuple[Path, ...]:
    """The folders that such a working copy reads from as long as it is there."""
    return source(change.source).lent(change)
