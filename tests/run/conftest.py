from __future__ import annotations

from pathlib import Path

import pytest

from tests.run.stages import Project, new


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new(tmp_path)
