"""Whole files of CircleCI: what becomes of them, and every finding with its caret."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.circleci import parse
from tests.pipeline.dialects.circleci.printed import ENDING, GOLDENS, of, printed

FILES = sorted(GOLDENS.glob(f"*{ENDING}"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(ENDING))
def test_golden(path: Path) -> None:
    assert printed(path) == of(path).read_text(encoding="utf-8")


def test_every_golden_has_its_file() -> None:
    assert set(GOLDENS.glob("*.txt")) == {of(path) for path in FILES}


def test_the_ends_of_lines_do_not_matter() -> None:
    text = (GOLDENS / f"jobs{ENDING}").read_text(encoding="utf-8")
    assert parse(text.replace("\n", "\r\n"), "c") == parse(text, "c")
