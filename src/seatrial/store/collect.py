"""What the store takes, and how it gets rid of what nothing names any more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.store import blobs, layout, trees
from seatrial.store.store import Store, collect_lock
from seatrial.system import clock, files, lock, parallel

YOUNG_SECONDS = 3600.0
_DEBRIS_SECONDS = 86_400.0


class Usage(NamedTuple):
    """How many blobs, and their sizes together in bytes."""

    blobs: int
    bytes: int


def usage(store: Store) -> Usage:
    sizes = [info.st_size for _, info in _all(store)]
    return Usage(len(sizes), sum(sizes))


def collect(store: Store, roots: Iterable[str], *, older_than_seconds: float = YOUNG_SECONDS) -> Usage:
    """Remove all blobs that are neither reached from `roots` or a tag, nor young; what was removed.

    `roots` are digests of trees, of manifests, or of single contents. Raises BadInput while a run goes on.
    """
    descriptor = lock.try_hold(collect_lock(store))
    if descriptor is None:
        raise BadInput("a run is using the store", hint="wait until it is over")
    try:
        kept = _reached(store, roots)
        layout.take_out(store, {entry.digest for entry in layout.manifests(store)} - kept)
        removed = [
            (digest, info.st_size)
            for digest, info in _all(store)
            if digest not in kept and clock.now() - info.st_ctime >= older_than_seconds
        ]
        for digest, _ in removed:
            blobs.remove(store, digest)
        _forget_exports(store)
        _remove_debris(store)
    finally:
        os.close(descriptor)
    return Usage(len(removed), sum(size for _, size in removed))


def _all(store: Store) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(store.root / "blobs" / "sha256") as entries:
        for entry in entries:
            try:
                yield f"sha256:{entry.name}", entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue


def _reached(store: Store, roots: Iterable[str]) -> set[str]:
    """All digests that the roots and the tagged manifests name, and their referrers with theirs."""
    entries = layout.manifests(store)
    waiting = [*roots, *(entry.digest for entry in entries if entry.tag)]
    reached: set[str] = set()
    while waiting:
        digest = waiting.pop()
        if digest not in reached:
            reached.add(digest)
            waiting += _named_by(store, digest)
            waiting += [entry.digest for entry in entries if entry.subject == digest]
    return reached


def _named_by(store: Store, digest: str) -> list[str]:
    """What a tree or a manifest names; nothing for any other content, or one that is not there."""
    try:
        if blobs.size(store, digest) >= blobs.LARGE:
            return []
        content = blobs.read(store, digest)
        if not content.startswith(b"{"):
            return []
        body = layout.parse(content, digest)
        if trees.is_tree(body):
            return [entry.digest for entry in trees.decode(content, digest) if entry.kind != trees.LINK]
        return layout.names(body)
    except (blobs.Missing, BadInput):
        return []


def _forget_exports(store: Store) -> None:
    with store.journal.change() as database:
        for source, tree in database.rows("SELECT source, tree FROM export"):
            if not blobs.has(store, tree):
                database.rows("DELETE FROM export WHERE source = ?", (source,))


def _remove_debris(store: Store) -> None:
    """Remove what the dead have left half written."""
    for path in (store.root / "partial").iterdir():
        if clock.now() - path.lstat().st_ctime >= _DEBRIS_SECONDS:
            files.remove(path)


def lacking(store: Store, digest: str) -> list[str]:
    """The digests that are not there of a content and of all that it, a tree or a manifest, names."""
    return [one for one in named(store, digest) if not blobs.has(store, one)]


def named(store: Store, digest: str) -> list[str]:
    """A content and all that it, a tree or a manifest, names."""
    return [digest, *_named_by(store, digest)]


def verify(store: Store) -> list[str]:
    """Read every blob; the digests of those that were damaged, which are removed."""
    every = [digest for digest, _ in _all(store)]
    intact = parallel.each(lambda digest: blobs.is_intact(store, digest), every)
    return sorted(digest for digest, good in zip(every, intact, strict=True) if not good)
