from __future__ import annotations

from pathlib import Path

import pytest
from tests.run.stages import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    home, files = tmp_path / "state", tmp_path / "files"
    home.mkdir()
    files.mkdir()
    found = Project(home, files, [])
    found.write("seatrial.yaml", "")
    return found
