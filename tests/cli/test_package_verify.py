"""`seatrial package verify` as a person sees it."""

from __future__ import annotations

import os
import pickle

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow


class Bad:
    def __reduce__(self) -> object:
        return os.system, ("true",)


def test_the_last_line_tells_intact_from_safe(tiny: Repository) -> None:
    tiny.write("plain.pkl", pickle.dumps([1.0, 2.0]))
    tiny.write("bad.pkl", pickle.dumps(Bad()))
    for file in ("plain", "bad"):
        assert seatrial("package", f"{file}.pkl", "--name", file, folder=tiny.folder).code == 0
    safe = seatrial("package", "verify", "plain", folder=tiny.folder)
    assert (safe.code, safe.out.startswith("intact: sha256:")) == (0, True)
    bad = seatrial("package", "verify", "bad", folder=tiny.folder)
    first, last = bad.out.splitlines()
    assert (bad.code, "loading it runs posix.system" in first) == (0, True)
    assert last.startswith("intact, but loading it can run code of its maker's: sha256:")


def test_without_a_word_it_is_the_newest_of_the_project_here(tiny: Repository) -> None:
    none = seatrial("package", "verify", folder=tiny.folder)
    assert (none.code, "the project tiny has no package yet" in none.err) == (2, True)
    for file in ("first", "second"):
        tiny.write(f"{file}.txt", file)
        assert seatrial("package", f"{file}.txt", "--name", file, folder=tiny.folder).code == 0
    assert "  model    second.txt\n" in seatrial("package", "show", folder=tiny.folder).out
    assert seatrial("package", "verify", folder=tiny.folder).out.startswith("intact: sha256:")
