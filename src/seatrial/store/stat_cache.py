"""Digests of files that are not ours, read again only when their stat has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.journal.journal import Journal
from seatrial.store import blobs, large, scan, trees
from seatrial.store.scan import Found
from seatrial.store.store import Store
from seatrial.store.trees import Entry, Tree
from seatrial.system import clock, compact_json, digest, parallel

# A file that was changed within this time may change again without a trace in its times.
_RACY_NANOSECONDS = 2_000_000_000
_AT_ONCE = 500


def digest_of(journal: Journal, path: Path) -> str:
    """The digest of a file's content, or that of a folder's tree and empty folders. Raises BadInput.

    No tree holds an empty folder, but who reads the folder where it is sees it.
    """
    tree = tree_of(journal, path)
    if not path.is_dir():
        return tree[0].digest
    content = trees.digest(tree)
    empty = [name for name in scan.empty_folders(path, [""]) if name]
    return digest.of_text(compact_json.encode([content, empty])) if empty else content


def tree_of(journal: Journal, path: Path) -> Tree:
    """The tree of a folder; of a file, the tree with that file alone. Nothing is put into the store."""
    folder, found = _seen(path)
    names = _contents(folder, found)
    known = _known(journal, names)
    unknown = [name for name in names if name not in known]
    stats = [os.stat(name) for name in unknown]  # noqa: PTH116 - hot
    known.update(zip(unknown, _digests(unknown, stats), strict=True))
    _remember(journal, unknown, stats, known)
    return _tree(folder, found, known)


def _digests(names: Sequence[str], stats: Sequence[os.stat_result]) -> list[str]:
    try:
        if sum(info.st_size for info in stats) < blobs.WORTH_THREADS:
            return [digest.of_file(name) for name in names]
        return parallel.each(digest.of_file, names)
    except OSError as error:
        raise BadInput(f"cannot read {error.filename!r}: {error.strerror}") from error


def keep(store: Store, path: Path) -> Tree:
    """`tree_of`, and the contents are in the store."""
    return keep_found(store, *_seen(path))


def keep_found(store: Store, folder: Path, found: Sequence[Found]) -> Tree:
    """`keep` for the files of a folder that a scan has found."""
    names = _contents(folder, found)
    known = {name: one for name, one in _known(store.journal, names).items() if blobs.has(store, one)}
    unknown = [name for name in names if name not in known]
    before = [os.stat(name) for name in unknown]  # noqa: PTH116 - hot
    known.update(zip(unknown, blobs.add_many(store, unknown), strict=True))
    _remember(store.journal, unknown, before, known)
    for name, info in zip(unknown, before, strict=True):
        if info.st_size >= blobs.LARGE:  # it may share its inode with the store now
            large.carry_over(store, known[name], info, os.stat(name))  # noqa: PTH116 - hot
    return _tree(folder, found, known)


def _contents(folder: Path, found: Sequence[Found]) -> list[str]:
    return [f"{folder}/{one.path}" for one in found if one.kind != scan.LINK]


def _seen(path: Path) -> tuple[Path, list[Found]]:
    whole = Path(os.path.realpath(path))
    if not whole.exists():
        hint = "an absolute path is that of a file, or a folder, of this machine"
        raise BadInput(f"there is no {str(path)!r}", hint=hint, about=str(path))
    if whole.is_dir():
        return whole, scan.scan(whole)
    found = scan.look(str(whole.parent), whole.name)
    return whole.parent, [found._replace(path=whole.name)] if found else []


def _tree(folder: Path, found: Sequence[Found], known: dict[str, str]) -> Tree:
    return tuple(
        Entry(
            one.path,
            one.kind,
            one.target if one.kind == scan.LINK else known[f"{folder}/{one.path}"],
            one.size,
        )
        for one in found
    )


def _known(journal: Journal, names: Sequence[str]) -> dict[str, str]:
    """The remembered digests of those files that look as they did then."""
    found: dict[str, str] = {}
    for part in _parts([name for name in names if _is_text(name)]):
        marks = ",".join("?" * len(part))
        sql = f"SELECT path, stat, digest FROM file WHERE path IN ({marks})"  # noqa: S608 - marks only
        rows = journal.database.rows(sql, part)
        found |= {name: known for name, stat, known in rows if large.looks(os.stat(name)) == stat}  # noqa: PTH116
    return found


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(names), _AT_ONCE):
        yield names[at : at + _AT_ONCE]


def _remember(
    journal: Journal, names: Sequence[str], stats: Sequence[os.stat_result], known: dict[str, str]
) -> None:
    latest = int(clock.now() * 1e9) - _RACY_NANOSECONDS
    rows = [
        (name, large.looks(info), known[name])
        for name, info in zip(names, stats, strict=True)
        if max(info.st_mtime_ns, info.st_ctime_ns) < latest and _is_text(name)
    ]
    if rows:
        with journal.change() as database:
            for row in rows:
                database.rows("INSERT OR REPLACE INTO file(path, stat, digest) VALUES (?, ?, ?)", row)


def _is_text(name: str) -> bool:
    """Whether the journal can hold the name: those that are no UTF-8 are not remembered."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
