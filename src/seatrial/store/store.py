"""Where the store is: one folder in the form of an OCI image layout, and the journal that remembers stats."""

from contextlib import AbstractContextManager
from pathlib import Path

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.store import copying
from seatrial.system import disk, files, lock


class Store(NamedTuple):
    """`root` holds `oci-layout`, `index.json`, `blobs/sha256/<hex>`, and `partial/` for what is not whole."""

    root: Path
    journal: Journal


def open_store(home: Path, journal: Journal) -> Store:
    """The store of a home, made on first use."""
    root = home / "store"
    try:
        if not (root / "oci-layout").exists():
            (root / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
            (root / "partial").mkdir(exist_ok=True)
            files.write(root / "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
            disk.keep_reserve(home)
    except OSError as error:
        raise copying.cannot_write(error, root) from error
    return Store(root, journal)


def using(store: Store) -> AbstractContextManager[None]:
    """Hold this while blobs are added that nothing in the journal names yet: nothing is collected then."""
    return lock.shared(collect_lock(store))


def collect_lock(store: Store) -> Path:
    return store.root / "collect.lock"
