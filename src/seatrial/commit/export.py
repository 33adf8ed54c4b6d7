"""The content of a change, as a tree of the store: exported once for each content, not once a run."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.commit.all_sources import source
from seatrial.commit.change import Change
from seatrial.store import blobs, copying, trees
from seatrial.store.store import Store
from seatrial.store.trees import Tree
from seatrial.system import digest, files


def tree_of(store: Store, change: Change, *, fresh: bool = False) -> Tree:
    """The tree of a change.

    Its blobs were in the store when it was exported. Who finds one missing (`blobs.Missing`) asks again with
    `fresh`. Raises BadInput when the source cannot give all of it.
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


def _exported(store: Store, change: Change) -> Tree:
    folder = _fresh_folder(store)
    try:
        source(change.source).export(change, folder)
        return trees.ingest(store, folder, move=True)
    except OSError as error:
        raise copying.cannot_write(error, folder) from error
    finally:
        files.remove(folder)


def _fresh_folder(store: Store) -> Path:
    return store.root / "partial" / f"export.{os.getpid()}.{os.urandom(6).hex()}"


def changed_paths(store: Store, a: Change, b: Change) -> tuple[str, ...]:
    """The paths whose content differs between two changes; sorted."""
    return trees.diff(tree_of(store, a), tree_of(store, b))


def clone(store: Store, change: Change, folder: Path) -> None:
    """Make `folder` a working copy that the source's own commands know as one (`git: true`)."""
    source(change.source).clone(store, change, folder)
