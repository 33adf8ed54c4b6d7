"""Whole files of Travis: what becomes of them, and every finding with its caret."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.travis import parse
from tests.pipeline.dialects.travis.printed import ENDING, GOLDENS, of, printed

FILES = sorted(GOLDENS.glob(f"*{ENDING}"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(ENDING))
def test_golden(path: Path) -> None:
    assert printed(path) == of(path).read_text(encoding="utf-8")


def test_every_golden_has_its_file() -> None:
    assert set(GOLDENS.glob("*.txt")) == {of(path) for path in FILES}


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_the_ends_of_lines_do_not_matter(ending: str) -> None:
    text = (GOLDENS / f"wild{ENDING}").read_text(encoding="utf-8")
    assert parse(text.replace("\n", ending), ".travis.yml") == parse(text, ".travis.yml")
