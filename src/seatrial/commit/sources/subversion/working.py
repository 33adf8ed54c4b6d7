"""The working state of a working copy, taken straight from its files; the stat cache makes it cheap."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.store import scan, stat_cache
from seatrial.store.scan import Found
from seatrial.store.store import Store
from seatrial.store.trees import Tree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_AS_COMMITTED = ("normal", "external", "ignored", "unversioned")
# What `svn add` of a folder leaves out when nobody has set `global-ignores`, and what is of other tools.
_IGNORED = (
    *(".svn", ".git", "*.o", "*.lo", "*.la", "*.al", ".libs", "*.so", "*.so.[0-9]*", "*.a", "*.pyc", "*.pyo"),
    *("__pycache__", "*.rej", "*~", "#*#", ".#*", ".*.swp", ".DS_Store", "[Tt]humbs.db"),
)


class State(NamedTuple):
    """`paths` are those that Subversion knows, `unknown` those that it would add; `revisions` what those
    that are as committed are at, and `elsewhere` what those of each external are at, by its place."""

    paths: tuple[str, ...]
    unknown: tuple[str, ...]
    revisions: frozenset[int]
    differs: bool
    elsewhere: Mapping[str, frozenset[int]]


def read(home: Path, root: Path, status: Element) -> State:
    """The state that `svn status --verbose --xml` tells. Raises BadInput amid a conflict.

    A part that is switched to another branch differs from the commit, and so does one that is left out
    (a sparse working copy): what lies there is run.
    """
    entries = [one for one in _entries(status) if not Path(one[0]).is_relative_to(home)]
    paths: list[str] = []
    unknown: list[str] = []
    for path, kept in entries:
        _refuse_conflict(path, kept)
        (unknown if kept.get("item") == "unversioned" else paths).append(os.path.relpath(path, root))
    differs = any(_is_changed(kept) for _, kept in entries)
    has_new = any(True for path in unknown for _ in _found(root, path, home))
    here, elsewhere = _revisions(entries)
    return State(tuple(paths), tuple(unknown), here, differs or has_new or _is_sparse(root), elsewhere)


def _entries(status: Element) -> Iterator[tuple[str, Mapping[str, str]]]:
    for entry in status.iter("entry"):
        found = entry.find("wc-status")
        yield entry.get("path", ""), {} if found is None else dict(found.items())


def _revisions(
    entries: Sequence[tuple[str, Mapping[str, str]]],
) -> tuple[frozenset[int], Mapping[str, frozenset[int]]]:
    """What is as committed is at: that of the copy itself, and that of each external by its place."""
    here: set[int] = set()
    elsewhere: dict[str, set[int]] = {path: set() for path, kept in entries if _is_external(kept)}
    for path, kept in entries:
        if kept.get("item") == "normal" and kept.get("revision", "").isdigit():
            around = next((one for one in elsewhere if path == one or path.startswith(f"{one}/")), None)
            (here if around is None else elsewhere[around]).add(int(kept["revision"]))
    return frozenset(here), {path: frozenset(found) for path, found in elsewhere.items()}


def _is_external(kept: Mapping[str, str]) -> bool:
    return kept.get("item") == "external" or kept.get("file-external") == "true"


def has_moved(state: State, pinned: Mapping[str, int]) -> bool:
    """Whether an external is at another revision than the commit says."""
    return any(state.elsewhere.get(place, frozenset()) - {revision} for place, revision in pinned.items())


def _refuse_conflict(path: str, kept: Mapping[str, str]) -> None:
    states = (kept.get("item"), kept.get("props"))
    if "conflicted" in states or kept.get("tree-conflicted") == "true":
        raise BadInput(f"{path!r} has conflicts", hint="svn resolve, or name a revision to run")


def _is_changed(kept: Mapping[str, str]) -> bool:
    is_edited = kept.get("item") not in _AS_COMMITTED or kept.get("props") == "modified"
    return is_edited or kept.get("switched") == "true"


def _is_sparse(root: Path) -> bool:
    from seatrial.clients import svn

    command = ("info", "--xml", "--depth", "infinity", svn.at(root))
    depths = svn.xml(svn.run(*command, folder=root)).iter("depth")
    return any((one.text or "infinity") not in ("infinity", "unknown") for one in depths)


def refuse_mixed(state: State) -> None:
    """Raises BadInput for a working copy whose parts are of several revisions: no commit has its files."""
    if len(state.revisions) > 1:
        span = f"{min(state.revisions)} to {max(state.revisions)}"
        text = f"the working copy is of several revisions, {span}, so it is of no one commit"
        raise BadInput(text, hint="svn update, or name the revision: seatrial run HEAD")


def keep(store: Store, root: Path, state: State) -> Tree:
    """The tree of all files that Subversion knows, or neither knows nor ignores, contents in the store."""
    home = store.root.parent.resolve()
    known = (scan.look(str(root), path) for path in state.paths)
    found = {one.path: one for one in known if one is not None}
    found |= {one.path: one for path in state.unknown for one in _found(root, path, home)}
    return stat_cache.keep_found(store, root, sorted(found.values()))


def _found(root: Path, path: str, home: Path) -> Iterator[Found]:
    """A file or link; of a folder, all that `svn add` would take of it."""
    one = scan.look(str(root), path)
    if one is not None:
        yield one
    elif (root / path).is_dir():
        for name in sorted(inside.name for inside in (root / path).iterdir()):
            inner = f"{path}/{name}"
            is_ignored = any(fnmatchcase(name, pattern) for pattern in _IGNORED)
            if not is_ignored and not (root / inner).is_relative_to(home):
                yield from _found(root, inner, home)
