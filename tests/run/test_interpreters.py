"""Which Python of this machine stands for a version that a file names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seatrial.run import interpreters

# To be told apart by what it is called, and to work wherever it lies.
WORKS = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
ASKED = '#!/bin/sh\ntouch "$0.asked"\nexit 1\n'


def program(path: Path, text: str = WORKS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def pyenv(tmp_path: Path) -> Path:
    """A pyenv with two of one version, and a program on PATH that stands for them."""
    root = tmp_path / "pyenv"
    for version in ("3.9.2", "3.9.18", "3.10.1"):
        program(root / "versions" / version / "bin/python")
    program(root / "shims/python3.9", ASKED)
    return root


def test_the_newest_that_pyenv_keeps_is_taken_and_its_shim_is_not_asked(pyenv: Path) -> None:
    env = {"PATH": str(pyenv / "shims")}
    assert interpreters.path_of("3.9", env) == f"{pyenv}/versions/3.9.18/bin/python"
    assert interpreters.path_of("3.9.2", env) == f"{pyenv}/versions/3.9.2/bin/python"
    assert interpreters.path_of("3.12", env) == ""
    assert not (pyenv / "shims/python3.9.asked").exists()


def test_what_stands_earlier_on_the_path_is_taken_first(pyenv: Path, tmp_path: Path) -> None:
    own = program(tmp_path / "own/python3.9")
    before, after = f"{own.parent}:{pyenv}/shims", f"{pyenv}/shims:{own.parent}"
    assert interpreters.path_of("3.9", {"PATH": before}) == str(own)
    assert interpreters.path_of("3.9", {"PATH": after}) == f"{pyenv}/versions/3.9.18/bin/python"


def test_a_pyenv_that_is_not_on_the_path_is_looked_at_last(pyenv: Path, tmp_path: Path) -> None:
    broken = program(tmp_path / "own/python3.10", ASKED)
    env = {"PATH": str(broken.parent), "PYENV_ROOT": str(pyenv)}
    assert interpreters.path_of("3.10", env) == f"{pyenv}/versions/3.10.1/bin/python"
    assert broken.with_name("python3.10.asked").exists()
