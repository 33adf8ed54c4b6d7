from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.journal import releases
from seatrial.store.store import Store
from tests.release.site import Site, cleaned


@pytest.fixture
def site(home: Path, store: Store) -> Iterator[Site]:
    """A home with a supervisor of its own, and nothing left of it afterwards."""
    with cleaned(Site(home, store)) as made:
        yield made


@pytest.fixture
def past(journal):
    """Revisions 1, 2, 3 were live, 4 never was, 3 is."""
    with journal.change():
        releases.keep_environment(journal, "reviews", "production", "127.0.0.1:1")
        made = [
            releases.add_revision(
                journal, "reviews", "production", package=f"p{n}", run="", commit="", body={}
            )
            for n in range(1, 5)
        ]
    for revision in (*made[:3], made[3]):
        with journal.change():
            release = releases.add_release(
                journal, revision, previous="", kind="release", plan={"steps": []}, body={}
            )
        if revision is made[3]:
            releases.take_back(journal, release, reason="it crashed", aborted=False)
            releases.fail(journal, release)
        else:
            releases.promote(journal, release)
    return releases.environment(journal, "reviews", "production")
