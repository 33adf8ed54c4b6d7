"""Whole Jenkinsfiles: what becomes of them, and every finding with its caret."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.pipeline.dialects.jenkins.printed import GOLDENS, printed


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*.Jenkinsfile")), ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    assert printed(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_golden_has_its_file() -> None:
    assert {path.stem for path in GOLDENS.glob("*.txt")} == {
        path.stem for path in GOLDENS.glob("*.Jenkinsfile")
    }


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_the_ends_of_lines_do_not_matter(ending: str) -> None:
    text = (GOLDENS / "wild.Jenkinsfile").read_text(encoding="utf-8")
    assert parse(text.replace("\n", ending), "Jenkinsfile") == parse(text, "Jenkinsfile")
