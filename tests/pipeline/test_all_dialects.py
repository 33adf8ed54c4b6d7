"""The table of dialects is the folder of dialects, and each keeps the contract."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

import seatrial.pipeline.dialects
from seatrial.pipeline import dialect as contract
from seatrial.pipeline.all_dialects import ALL_DIALECTS, dialect
from seatrial.pipeline.finding import has_errors


def test_the_folder_is_the_table() -> None:
    folder = Path(seatrial.pipeline.dialects.__path__[0])
    modules = {
        path.stem for path in folder.iterdir() if path.stem != "__init__" and path.stem != "__pycache__"
    }
    assert modules == {entry.module.rsplit(".", 1)[1] for entry in ALL_DIALECTS.values()}


@pytest.mark.parametrize("name", ALL_DIALECTS)
def test_a_dialect_is_what_the_table_says(name: str) -> None:
    assert name == dialect(name).NAME
    assert ALL_DIALECTS[name].filenames == dialect(name).FILENAMES


@pytest.mark.parametrize("name", ALL_DIALECTS)
@pytest.mark.parametrize(("part", "word"), [("variables", "has_variables"), ("authored", "is_authored")])
def test_the_table_says_what_modules_a_dialect_has(name: str, part: str, word: str) -> None:
    entry = ALL_DIALECTS[name]
    assert getattr(entry, word) == (find_spec(f"{entry.module}.{part}") is not None)


@pytest.mark.parametrize("name", ALL_DIALECTS)
@pytest.mark.parametrize("text", ["", "\0", "\ud800", "{", "}" * 1000, "- a", "﻿", "stages", "pipeline"])
def test_a_dialect_never_raises_and_never_takes_nonsense(name: str, text: str) -> None:
    pipeline, findings = dialect(name).parse(text, "folder/file")
    assert has_errors(findings)
    assert (pipeline.dialect, pipeline.path) == (name, "folder/file")
    assert all(finding.place.path == "folder/file" for finding in findings)


def test_the_contract_says_what_each_part_of_a_dialect_is() -> None:
    parts = {name for name in vars(contract.Dialect) if not name.startswith("_")}
    assert parts == {"NAME", "FILENAMES", "parse"}
    assert all(f"\n    {part} " in (contract.__doc__ or "") for part in parts)
