"""The modules of `make demo`, and its repository without the digits, which come from a registry."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
MODULES = ("play", "live", "story", "load")


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Gives a module of the demo by its name."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield importlib.import_module
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def told(demo: Any, tmp_path: Path) -> Any:
    """The story where its first half ends, without data."""
    story = demo("story").Story(tmp_path)
    shutil.copytree(EXAMPLES / "vision", story.repository, ignore=shutil.ignore_patterns("__pycache__"))
    story.git("init", "-b", "main")
    story.edit("train.py", "HIDDEN = ()", "HIDDEN = (128,)")
    story.commit("A network with a hidden layer")
    return story


def python(folder: Path, text: str) -> str:
    """What a program prints that runs in a folder."""
    done = subprocess.run([sys.executable, "-B", "-c", text], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
