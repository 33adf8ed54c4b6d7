"""Trees: what a folder holds, as a value, and its way into the store and out of it."""

import json
import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from seatrial import patterns
from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.store import blobs, copying, large, scan
from seatrial.store.store import Store
from seatrial.system import compact_json, files, parallel
from seatrial.system import digest as digests

FILE = scan.FILE
EXECUTABLE = scan.EXECUTABLE
LINK = scan.LINK

_KINDS = (FILE, EXECUTABLE, LINK)
_FORM = "seatrial tree 1"
_MOST_LINKS = 40  # in one path: the system follows no more, so nobody gets out of a circle


class Entry(NamedTuple):
    """A file of a tree. `path` is relative, with "/"; a link has its target in `digest`, and size 0."""

    path: str
    kind: str
    digest: str
    size: int


# Sorted by path; folders are implied by what they hold, so an empty folder is not kept.
Tree = tuple[Entry, ...]


def ingest(
    store: Store,
    folder: Path,
    paths: Sequence[str] | None = None,
    *,
    move: bool = False,
    may_leave: bool = False,
) -> Tree:
    """The tree of a folder, or of the given paths in it (see `patterns`), with its contents in the store.

    `move`: the files are ours and may leave the folder; `may_leave`: links may lead out of it. Raises
    BadInput for a path that is not there, and for what cannot be kept: sockets, devices, links that leave.
    """
    found = scan.scan(folder, paths, may_leave=may_leave)
    contents = [one for one in found if one.kind != LINK]
    names = [f"{folder}/{one.path}" for one in contents]
    added = dict(zip((one.path for one in contents), blobs.add_many(store, names, move=move), strict=True))
    return tuple(
        Entry(one.path, one.kind, one.target if one.kind == LINK else added[one.path], one.size)
        for one in found
    )


def materialise(store: Store, tree: Tree, folder: Path, *, may_leave: bool = False) -> None:
    """Write a tree into a folder, which is made. Raises blobs.Missing; the folder is then as far as it came.

    Links come last, so that no file is written through one. Unless they may leave, raises BadInput for those
    that lead out of the folder.
    """
    root = str(folder)
    try:
        if not os.path.isdir(root):  # noqa: PTH112 - hot
            os.makedirs(root, exist_ok=True)  # noqa: PTH103 - hot
        for path in sorted({entry.path.rpartition("/")[0] for entry in tree} - {""}):
            os.makedirs(f"{root}/{path}", exist_ok=True)  # noqa: PTH103 - hot
    except OSError as error:
        raise copying.cannot_write(error, folder) from error

    def write(entry: Entry) -> None:
        blobs.place(store, entry.digest, f"{root}/{entry.path}", executable=entry.kind == EXECUTABLE)

    contents = [entry for entry in tree if entry.kind != LINK]
    if len(contents) > 1 and sum(entry.size for entry in contents) >= blobs.WORTH_THREADS:
        parallel.each(write, contents)
    else:
        for entry in contents:
            write(entry)
    if links := [entry for entry in tree if entry.kind == LINK]:
        _write_links(folder, links)
        if not may_leave:
            scan.refuse_leaving(folder, [entry.path for entry in links])


def _write_links(folder: Path, links: Sequence[Entry]) -> None:
    for entry in links:
        name = folder / entry.path
        try:
            files.remove(name)
            name.symlink_to(entry.digest)
        except OSError as error:
            raise copying.cannot_write(error, name) from error


def leaving(tree: Tree) -> tuple[str, ...]:
    """The links of a tree that lead out of it, by themselves or by other links, wherever it is written."""
    targets = {entry.path: entry.digest for entry in tree if entry.kind == LINK}
    return tuple(path for path in targets if _leaves(path, targets))


def _leaves(path: str, targets: Mapping[str, str]) -> bool:
    at: list[str] = []
    rest = path.split("/")[::-1]
    followed = 0
    while rest and followed <= _MOST_LINKS:
        part = rest.pop()
        if part in ("", "."):
            continue
        if part != "..":
            at.append(part)
        elif at:
            at.pop()
        else:
            return True
        target = targets.get("/".join(at)) if part != ".." else None
        if target is not None:
            if target.startswith("/"):
                return True
            at.pop()
            rest += target.split("/")[::-1]
            followed += 1
    return False


def discard(store: Store, tree: Tree, folder: Path, remove: Callable[[Path], None] = files.remove) -> None:
    """Remove, or empty, a folder that `tree` was written into.

    The same as `remove`, but the store stays sure of its large blobs, which a plain removal of their
    hard links makes it hash again before their next use.
    """
    shared = {entry.digest for entry in tree if entry.size >= blobs.LARGE and entry.kind == FILE}
    if not shared:
        remove(folder)
        return
    with large.locked(store):
        sure = [(str(blobs.path(store, one)), one) for one in shared if blobs.has(store, one)]
        sure = [(name, one) for name, one in sure if large.is_unchanged(store, name)]
        remove(folder)
        for name, one in sure:
            large.remember(store, name, one)


def select(tree: Tree, wanted: Iterable[str]) -> Tree:
    """The entries that the patterns name (see `patterns`). Raises BadInput for one that names nothing."""
    picked: set[Entry] = set()
    for pattern in wanted:
        entries = matching(tree, pattern)
        if not entries:
            raise unmatched(tree, pattern)
        picked.update(entries)
    return tuple(sorted(picked))


def unmatched(tree: Tree, pattern: str) -> BadInput:
    """The error for a pattern that names nothing."""
    names = scan.nearest(pattern, (entry.path for entry in tree))
    hint = f"did you mean {names}?" if names else "is it committed, or ignored by Git?"
    return BadInput(f"no file matches {pattern!r}", hint=hint, about=pattern)


def matching(tree: Tree, pattern: str) -> Tree:
    """The entries that one pattern names; perhaps none. A name is taken literally before it is a glob."""
    plain = patterns.normal(pattern)
    if not plain:
        return tree
    found = _at_or_below(tree, plain)
    if found or not patterns.is_glob(plain):
        return found
    matches = patterns.compiled(plain).match
    return tuple(entry for entry in tree if matches(entry.path))


def _at_or_below(tree: Tree, path: str) -> Tree:
    at = bisect_left(tree, (path,))
    if at < len(tree) and tree[at].path == path:
        return tree[at : at + 1]
    low, high = bisect_left(tree, (path + "/",)), bisect_left(tree, (path + "0",))  # "0" follows "/"
    return tree[low:high]


def holds(tree: Tree, path: str) -> bool:
    """Whether there is a file at this very path, or below it."""
    return bool(_at_or_below(tree, path))


def under(tree: Tree, path: str) -> Tree:
    """What is at or below `path`, as a tree of its own: paths begin there; a single file keeps its name."""
    plain = patterns.normal(path)
    found = _at_or_below(tree, plain) if plain else tree
    if len(found) == 1 and found[0].path == plain:
        return (found[0]._replace(path=plain.rpartition("/")[2]),)
    cut = len(plain) + 1 if plain else 0
    return tuple(entry._replace(path=entry.path[cut:]) for entry in found)


def merge(*parts: Tree) -> Tree:
    """All entries of the trees; of two with the same path the later tree's.

    Raises BadInput where a file of one is a folder of another.
    """
    merged = tuple(sorted({entry.path: entry for tree in parts for entry in tree}.values()))
    _refuse_file_as_folder(merged)
    return merged


def _refuse_file_as_folder(tree: Tree) -> None:
    names = {entry.path for entry in tree}
    for entry in tree:
        parent = entry.path.rpartition("/")[0]
        while parent:
            if parent in names:
                raise BadInput(f"{parent!r} is both a file and a folder")
            parent = parent.rpartition("/")[0]


def diff(a: Tree, b: Tree) -> tuple[str, ...]:
    """The paths whose entries differ, or that only one of the trees has; sorted."""
    return tuple(sorted({entry.path for entry in set(a) ^ set(b)}))


def encode(tree: Tree) -> bytes:
    columns = list(zip(*tree, strict=True)) or [(), (), (), ()]
    content = {
        "form": _FORM,
        "paths": columns[0],
        "kinds": columns[1],
        "digests": columns[2],
        "sizes": columns[3],
    }
    return compact_json.encode(content).encode()


def digest(tree: Tree) -> str:
    """The digest that `save` gives, without saving."""
    return digests.of_bytes(encode(tree))


def save(store: Store, tree: Tree) -> str:
    """Keep a tree in the store, itself a blob, and return its digest."""
    return blobs.add_bytes(store, encode(tree))


def load(store: Store, digest: str) -> Tree:
    """The tree of a digest. Raises blobs.Missing, and BadInput where the blob is no tree or an unsafe one."""
    return decode(blobs.read(store, digest), digest)


def is_tree(body: Mapping[str, object]) -> bool:
    """Whether a JSON object has the form of a tree."""
    return body.get("form") == _FORM


def decode(content: bytes, name: str) -> Tree:
    """The tree that `encode` made; `name` is for the error. Raises BadInput."""
    try:
        body = json.loads(content)
        columns = [body[key] for key in ("paths", "kinds", "digests", "sizes")]
        rows = list(zip(*columns, strict=True))
        good = is_tree(body) and all(_is_safe(*row) for row in rows)
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise BadInput(f"{name} is not a tree of files")
    return tuple(map(Entry._make, rows))


def _is_safe(path: object, kind: object, digest: object, size: object) -> bool:
    if not (isinstance(path, str) and isinstance(digest, str) and isinstance(size, int)):
        return False
    whole = f"/{path}/"
    return kind in _KINDS and not ("//" in whole or "/../" in whole or "/./" in whole or "\0" in whole)
