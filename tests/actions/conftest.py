from __future__ import annotations

from pathlib import Path

import pytest

from tests.actions import shop as shops
from tests.actions.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return shops.new(tmp_path)
