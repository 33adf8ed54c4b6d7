"""Where a target puts what it must read from a file."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path


@cache
def folder() -> Path:
    """One for the whole campaign, which removes it: to make one for each input takes longer than to read it."""
    return Path(tempfile.mkdtemp(prefix="seatrial-fuzz-"))
