"""Where a target puts what it must read from a file."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def folder() -> Path:
    """One for all inputs: to make one for each takes longer than to read it."""
    made = Path(tempfile.mkdtemp(prefix="seatrial-fuzz-"))
    atexit.register(shutil.rmtree, made)
    return made
