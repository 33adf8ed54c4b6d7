"""Where the store is: one folder in the form of an OCI image layout, and the journal that remembers stats."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from seatrial.journal.journal import Journal


class Store(NamedTuple):
    """`root` holds `oci-layout`, `index.json` and `blobs/sha256/<hex>`."""

    root: Path
    journal: Journal


def open_store(home: Path, journal: Journal) -> Store:
    """The store of a home, made on first use."""
    root = home / "store"
    (root / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    return Store(root, journal)
