"""Subversion, by its command line. Each part is loaded on use: most commands need only one of them."""

from __future__ import annotations

from pathlib import Path

from seatrial.commit.change import Change
from seatrial.commit.source import Absent
from seatrial.store.store import Store

NAME = "subversion"
_SCHEMES = ("file://", "svn://", "svn+ssh://", "http://", "https://")


def holds(folder: Path) -> bool:
    from seatrial.commit.sources.subversion import place

    return place.top(folder) is not None


def is_address(spec: str) -> bool:
    return spec.startswith(_SCHEMES)


def resolve(store: Store, folder: Path, spec: str | None) -> Change:
    from seatrial.commit.sources.subversion import revision

    return revision.resolve(store, folder, spec)


def first_commits(change: Change) -> tuple[str, ...]:
    from seatrial.commit.sources.subversion import revision

    return revision.first_commits(change)


def merged(store: Store, change: Change, target: str) -> Change:  # noqa: ARG001 - it has no pull requests
    return change


def export(change: Change, folder: Path) -> Absent:
    from seatrial.commit.sources.subversion import checkout

    return checkout.export(change, folder)


def clone(store: Store, change: Change, folder: Path, *, may_leave: bool) -> None:
    from seatrial.commit.sources.subversion import checkout

    checkout.clone(store, change, folder, may_leave=may_leave)


def lent(change: Change) -> tuple[Path, ...]:  # noqa: ARG001 - a checkout is whole
    return ()
