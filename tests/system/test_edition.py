"""Which seatrial runs."""

from __future__ import annotations

import os

import pytest

from seatrial.system import edition


@pytest.fixture
def code(tmp_path, monkeypatch):
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "decide.py").write_text("ONE = 1\n")
    monkeypatch.setattr(edition, "_ROOT", tmp_path)
    forget()
    yield tmp_path / "release" / "decide.py"
    forget()


def forget():
    edition.glance.cache_clear()
    edition.content.cache_clear()


def test_the_same_code_is_ours_also_where_it_was_copied(code):
    told = edition.told()
    assert edition.is_ours(told)
    os.utime(code, (1, 1))
    forget()
    assert edition.glance() != told[1]
    assert edition.is_ours(told)


@pytest.mark.parametrize("change", ["edited", "added", "moved"])
def test_other_code_is_not_though_it_is_of_the_same_version(code, change):
    told = edition.told()
    if change == "edited":
        code.write_text("ONE = 2\n")
    elif change == "added":
        code.with_name("other.py").write_text("")
    else:
        code.rename(code.with_name("other.py"))
    forget()
    assert not edition.is_ours(told)


@pytest.mark.parametrize("told", [["0.0.9", "", ""], [], ["0.0.9"]])
def test_what_another_version_says_of_itself_is_not_ours(told):
    assert not edition.is_ours(told)


def test_what_python_keeps_beside_it_is_no_code(code):
    told = edition.told()
    (code.parent / "__pycache__").mkdir()
    (code.parent / "__pycache__" / "decide.cpython-311.pyc").write_bytes(b"1")
    forget()
    assert edition.glance() == told[1]
