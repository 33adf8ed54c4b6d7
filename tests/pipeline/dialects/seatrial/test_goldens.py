"""Whole files, with everything that is said about them as a person reads it.

`tests/goldens/pipeline/NAME.txt` holds what is expected of NAME.yaml. To write it anew after a change that is
meant: `python -m tests.pipeline.dialects.seatrial.test_goldens`, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.check import Known
from seatrial.pipeline.finding import has_errors, render
from seatrial.pipeline.load import load

FOLDER = Path(__file__).parents[3] / "goldens" / "pipeline"
FILES = sorted(FOLDER.glob("*.yaml"))
KNOWN = Known(executors=("local",), targets=("process",), strategies=("recreate", "blue-green"))


def said(path: Path) -> str:
    text = path.read_text()
    findings = load(text, path.name, "seatrial", KNOWN).findings
    return "".join(f"{render(finding, text)}\n" for finding in findings)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_said_of_a_file(path: Path) -> None:
    assert said(path) == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "good"], ids=lambda path: path.stem)
def test_a_bad_file_is_refused(path: Path) -> None:
    assert has_errors(load(path.read_text(), path.name, "seatrial").findings)


def test_a_good_file_is_taken_by_a_version_that_knows_everything() -> None:
    path = FOLDER / "good.yaml"
    assert load(path.read_text(), path.name, "seatrial").findings == ()


if __name__ == "__main__":
    for golden in FILES:
        golden.with_suffix(".txt").write_text(said(golden))
