"""Git, by its command line. Each part is loaded on use: most commands need only one of them."""

from __future__ import annotations

from pathlib import Path

from seatrial.commit.change import Change
from seatrial.commit.source import Absent
from seatrial.store.store import Store

NAME = "git"


def holds(folder: Path) -> bool:
    from seatrial.commit.sources.git import repository

    return repository.holds(folder)


def is_address(spec: str) -> bool:  # noqa: ARG001 - a commit of Git is named in a checkout
    return False


def resolve(store: Store, folder: Path, spec: str | None) -> Change:
    from seatrial.commit.sources.git import revision

    return revision.resolve(store, folder, spec)


def first_commits(change: Change) -> tuple[str, ...]:
    from seatrial.commit.sources.git import lineage

    return lineage.first_commits(change)


def merged(store: Store, change: Change, target: str) -> Change:
    from seatrial.commit.sources.git import merging

    return merging.merged(store, change, target)


def export(change: Change, folder: Path) -> Absent:
    from seatrial.commit.sources.git import checkout

    return checkout.export(change, folder)


def clone(store: Store, change: Change, folder: Path, *, may_leave: bool) -> None:
    from seatrial.commit.sources.git import working_copy

    working_copy.clone(store, change, folder, may_leave=may_leave)


def lent(change: Change) -> tuple[Path, ...]:
    from seatrial.commit.sources.git import working_copy

    return working_copy.lent(change)
