"""The files of a commit as a plain folder: what `svn export` gives, keywords and ends of lines included."""

from __future__ import annotations

from pathlib import Path

from seatrial.clients import svn
from seatrial.commit.change import Change
from seatrial.commit.export import tree_of
from seatrial.commit.source import Absent
from seatrial.commit.sources.subversion import externals, place, working
from seatrial.errors import BadInput
from seatrial.store import trees
from seatrial.store.store import Store
from seatrial.system import files


def export(change: Change, folder: Path) -> Absent:
    """Write the files of a commit: from the working copy while it is at that commit, which needs no server,
    else from the repository."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not _export_here(change, folder):
        files.remove(folder)
        command = ("export", "--quiet", svn.at(change.url, change.commit), svn.at(folder))
        svn.run(*command, folder=folder.parent)
    return {}


def _export_here(change: Change, folder: Path) -> bool:
    """Whether it could be done, and the working copy was at the commit before and after."""
    if "://" in change.root or not _is_here(change):
        return False
    command = ("export", "--quiet", "-r", "BASE", svn.at(change.root), svn.at(folder))
    svn.run(*command, folder=folder.parent)
    return _is_here(change)


def _is_here(change: Change) -> bool:
    root = Path(change.root)
    whole = svn.at(root)
    if place.top(root) is None:
        return False
    try:
        done = svn.run_at_once(
            place.asks(whole), ("status", "--xml", "--verbose", whole), externals.asks(whole), folder=root
        )
        found = place.info(done[0])
        state = working.read(Path("/nonexistent"), root, svn.xml(done[1]))
        is_it = f"{found.uuid}/{found.path}@{found.changed}" == change.tree
        return is_it and not state.differs and len(state.revisions) == 1 and not externals.pinned(done[2])
    except BadInput:
        return False


def clone(store: Store, change: Change, folder: Path, *, may_leave: bool) -> None:
    """Make `folder` a working copy at the change's commit, with the files of its tree."""
    target = svn.at(change.url, change.commit)
    svn.run("checkout", "--quiet", "--ignore-externals", target, folder, folder=folder.parent)
    for one in folder.iterdir():
        if one.name != ".svn":
            files.remove(one)
    trees.materialise(store, tree_of(store, change), folder, may_leave=may_leave)
