"""What a home takes, what of it may go, and whether all is there that should be."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seatrial.journal import results
from seatrial.named_tuple import NamedTuple
from seatrial.project.project import Home, open_home
from seatrial.store import collect as store_collect
from seatrial.store import layout
from seatrial.store.collect import YOUNG_SECONDS, Usage
from seatrial.system import clock, disk, settings

_PARTS = ("store", "logs", "environments", "unpacked", "servers", "pipelines", "workspaces", "caches")
_DAY = 86_400.0


class Lost(NamedTuple):
    """Something recorded that lacks contents. `kind`: "result" (forgotten now) or "package"."""

    kind: str
    name: str
    digests: tuple[str, ...]


class Verified(NamedTuple):
    """`damaged` contents were removed; `lost` is what lacks contents, these or others."""

    damaged: tuple[str, ...]
    lost: tuple[Lost, ...]


@contextmanager
def with_room() -> Iterator[Home]:
    """The home, also on a full disk: the reserve goes meanwhile, and what there is then is taken again."""
    folder = settings.read().home
    if disk.is_full(folder):
        disk.give_up_reserve(folder)
    try:
        yield open_home()
    finally:
        disk.keep_reserve(folder)


def usage(home: Home) -> dict[str, int]:
    """Bytes of each part of the home, and of the whole."""
    sizes = {name: _size(home.folder / name) for name in _PARTS if (home.folder / name).is_dir()}
    reserve = disk.reserve(home.folder)
    journal = _size_of_files(home.folder) - reserve
    return {**sizes, "journal": journal, "reserve": reserve, "all": _size(home.folder)}


def collect(home: Home, *, older_than_days: float | None = None) -> Usage:
    """Remove the contents that no result, package, revision, verdict or unfinished run uses.

    Those of the last hour stay, since a command may be about to name them. `older_than_days` forgets the
    results that are older, and where it is less than an hour, it is said for contents too. That is done once
    the first contents are gone: on a full disk there is no space to forget before. Raises BadInput while a
    run goes on.
    """
    removed = store_collect.collect(home.store, roots(home))
    if older_than_days is None:
        return removed
    with home.journal.change():
        for result in results.all_of(home.journal):
            if clock.now() - result.at > older_than_days * _DAY:
                results.drop(home.journal, result.key, f"older than {older_than_days:g} days")
    young = min(older_than_days * _DAY, YOUNG_SECONDS)
    more = store_collect.collect(home.store, roots(home), older_than_seconds=young)
    return Usage(removed.blobs + more.blobs, removed.bytes + more.bytes)


def verify(home: Home) -> Verified:
    """Read every content, and ask for all that packages and kept results name.

    What is damaged is removed, and results that lack something are forgotten, so that the next run makes it
    again; so is what is said about a package, if it lacks something, with the result that said it.
    """
    damaged = tuple(store_collect.verify(home.store))
    listed = layout.manifests(home.store)
    known = dict.fromkeys(entry.digest for entry in listed)
    packages = {digest: lost for digest in _packages(home, known) if (lost := _lost_of(home, digest, known))}
    said = [one for one in listed if one.subject and one.digest in packages]
    for one in said:
        packages[one.subject] = (*packages.get(one.subject, ()), *packages.pop(one.digest))
    layout.take_out(home.store, {one.digest for one in said})
    forgotten = []
    for result in results.all_of(home.journal):
        if lost := _lost_by(home, result.body, packages):
            results.drop(home.journal, result.key, "contents of it are damaged or no longer in the store")
            forgotten.append(Lost("result", f"{result.project}: {result.stage}", lost))
    named = {entry.digest: entry.tag for entry in layout.manifests(home.store) if "@" not in entry.tag}
    broken = [Lost("package", named.get(digest) or digest, lost) for digest, lost in packages.items()]
    return Verified(damaged, (*broken, *forgotten))


def _packages(home: Home, known: Iterable[str]) -> dict[str, None]:
    """The digests of all manifests that there should be: of packages, and of what refers to them."""
    made = [row[0] for row in home.journal.database.rows("SELECT digest FROM package")]
    return dict.fromkeys([*known, *made])


def _lost_of(home: Home, digest: str, known: Container[str]) -> tuple[str, ...]:
    """What a manifest lacks: itself, where the index of the store does not know it any more."""
    return _lacking(home, digest) or (() if digest in known else (digest,))


def _lacking(home: Home, digest: str) -> tuple[str, ...]:
    return tuple(store_collect.lacking(home.store, digest))


def _lost_by(home: Home, body: Mapping[str, Any], packages: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What the outcome of a stage lacks: of its outputs, of its package, its verdict."""
    outputs, inner = str(body.get("outputs", "")), body.get("body", {})
    lost = _lacking(home, outputs) if outputs else ()
    verdict = inner.get("verdict")
    if isinstance(verdict, str) and verdict.startswith("sha256:"):
        lost += _lacking(home, verdict)
    return tuple(dict.fromkeys((*lost, *packages.get(str(inner.get("package", "")), ()))))


def roots(home: Home) -> Iterator[str]:
    """Every digest that something in the journal stands for."""
    for result in results.all_of(home.journal):
        yield from _digests(result.body)
    for table, column in (("package", "digest"), ("revision", "package")):
        yield from (row[0] for row in home.journal.database.rows(f"SELECT {column} FROM {table}"))  # noqa: S608
    yield from (row[0] for row in home.journal.database.rows("SELECT tree FROM run WHERE finished IS NULL"))
    yield from (row[0] for row in home.journal.database.rows("SELECT tree FROM export"))
    for table, column in (("verdict", "body"), ("revision", "body"), ("release", "plan")):
        for row in home.journal.database.rows(f"SELECT {column} FROM {table}"):  # noqa: S608
            yield from _digests(json.loads(row[0]))
    yield from _of_runs(home)


def _of_runs(home: Home) -> Iterator[str]:
    """What the report of any run shows, and all that an unfinished run has made."""
    sql = "SELECT stage_run.body, run.finished FROM stage_run JOIN run ON run.id = stage_run.run"
    for text, finished in home.journal.database.rows(sql):
        body = json.loads(text)
        yield from _digests(body if finished is None else body.get("body"))


def _digests(value: object) -> Iterator[str]:
    """All digests anywhere in plain JSON."""
    if isinstance(value, str):
        if value.startswith("sha256:") and len(value) == 71:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _digests(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _digests(item)


def _size(folder: Path) -> int:
    return sum(_size_of_files(Path(name)) for name, _, _ in os.walk(folder))


def _size_of_files(folder: Path) -> int:
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                total += entry.stat(follow_symlinks=False).st_size
    return total
