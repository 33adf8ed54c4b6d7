from __future__ import annotations

from pathlib import Path

import pytest

from tests.actions import shop as shops
from tests.actions.shop import Shop


@pytest.fixture(scope="session")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python environments of all shops: two that want the same have one."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def shop(tmp_path: Path, pythons: Path) -> Shop:
    made = shops.new(tmp_path)
    (made.home / "environments").symlink_to(pythons)
    return made
