"""What an export leaves behind, and what it does not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from seatrial.commit import export
from seatrial.journal.journal import open_journal
from seatrial.store.store import open_store


def test_only_exports_of_the_dead_are_cleared(tmp_path: Path) -> None:
    store = open_store(tmp_path, open_journal(tmp_path))
    ended = subprocess.Popen(["true"])
    ended.wait()
    partial = store.root / "partial"
    of_dead, of_living = partial / f"export.{ended.pid}.aa", partial / f"export.{os.getpid()}.bb"
    for folder in (of_dead, of_living):
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "file").write_text("half")
    export.clear_left(store)
    assert not of_dead.exists()
    assert (of_living / "deep" / "file").read_text() == "half"
