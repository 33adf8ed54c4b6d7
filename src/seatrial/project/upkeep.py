"""What a home takes, and what of it may go."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from seatrial.journal import results
from seatrial.project.project import Home
from seatrial.store import collect as store_collect
from seatrial.store.collect import Usage
from seatrial.system import clock

_PARTS = ("store", "logs", "environments", "unpacked", "servers", "pipelines", "workspaces")
_DAY = 86_400.0


def usage(home: Home) -> dict[str, int]:
    """Bytes of each part of the home, and of the whole."""
    sizes = {name: _size(home.folder / name) for name in _PARTS if (home.folder / name).is_dir()}
    return {**sizes, "journal": _size_of_files(home.folder), "all": _size(home.folder)}


def collect(home: Home, *, older_than_days: float | None = None) -> Usage:
    """Remove the contents that no result, package, revision, verdict or unfinished run uses.

    `older_than_days` first forgets the results that are older. Raises BadInput while a run goes on.
    """
    if older_than_days is not None:
        for result in results.all_of(home.journal):
            if clock.now() - result.at > older_than_days * _DAY:
                results.drop(home.journal, result.key, f"older than {older_than_days:g} days")
    return store_collect.collect(home.store, roots(home))


def roots(home: Home) -> Iterator[str]:
    """Every digest that something in the journal stands for."""
    for result in results.all_of(home.journal):
        yield from _digests(result.body)
    for table, column in (("package", "digest"), ("revision", "package")):
        yield from (row[0] for row in home.journal.database.rows(f"SELECT {column} FROM {table}"))  # noqa: S608
    yield from (row[0] for row in home.journal.database.rows("SELECT tree FROM run WHERE finished IS NULL"))
    yield from (row[0] for row in home.journal.database.rows("SELECT tree FROM export"))
    for table in ("verdict", "revision", "stage_run"):
        for row in home.journal.database.rows(f"SELECT body FROM {table}"):  # noqa: S608
            yield from _digests(json.loads(row[0]))


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
