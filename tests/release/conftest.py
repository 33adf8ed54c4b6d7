from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.store.store import Store
from tests.release.site import Site, cleaned


@pytest.fixture
def site(home: Path, store: Store) -> Iterator[Site]:
    """A home with a supervisor of its own, and nothing left of it afterwards."""
    with cleaned(Site(home, store)) as made:
        yield made
