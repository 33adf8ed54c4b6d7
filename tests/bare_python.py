"""A Python whose virtual environments have no pip, which is nearly all of what making one takes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PROGRAM = """#!/bin/sh
case "$1 $2" in
  "-m venv") shift 2; exec "{python}" -m venv --without-pip "$@" ;;
esac
exec "{python}" "$@"
"""


def path_with(folder: Path, name: str = "python3.11") -> str:
    """The PATH of this process, and before it a folder with such a Python under a name."""
    program = folder / "bare-python" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(_PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    return f"{program.parent}{os.pathsep}{os.environ['PATH']}"
