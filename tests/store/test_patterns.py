"""Patterns: the same meaning as those of the pipeline, and linear work on names made to hurt."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.pipeline import glob
from seatrial.store import patterns

LETTERS = st.text("ab/*?[]!-.", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a.py", True),
        ("*.py", "src/a.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "src/deep/a.py", True),
        ("src/*", "src/deep/a.py", True),  # a folder stands for what it holds
        ("*", ".hidden/file", True),
        ("data/**", "data/a/b", True),
        ("data/**", "data2/a", False),
        ("a[0-2].txt", "a1.txt", True),
        ("a[!0-2].txt", "a1.txt", False),
        ("a[!x]b", "a/b", False),
        ("[z-a]", "m", False),
        ("?", "/", False),
        ("x*", "xa\nb", True),
        ("(a|b)+", "a", False),
    ],
)
def test_documented_cases(pattern: str, path: str, expected: bool) -> None:
    assert bool(patterns.compiled(pattern).match(path)) is expected


@settings(max_examples=300, deadline=None)
@given(pattern=LETTERS, path=st.text("ab/.-", min_size=1, max_size=8))
def test_it_agrees_with_the_globs_of_the_pipeline(pattern: str, path: str) -> None:
    parts = path.split("/")
    itself_or_folders = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    expected = any(glob.matches(pattern, one) for one in itself_or_folders)
    assert bool(patterns.compiled(pattern).match(path)) is expected


def test_many_stars_on_a_long_name_end_soon() -> None:
    started = time.perf_counter()
    assert not patterns.compiled("*a" * 30 + "b").match("a" * 250)
    assert time.perf_counter() - started < 1  # without care: longer than anyone lives


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("data/", "data"), ("./data", "data"), ("a//b/./c", "a/b/c"), (".", ""), ("./", ""), ("", "")],
)
def test_normal_forms(pattern: str, expected: str) -> None:
    assert patterns.normal(pattern) == expected


@pytest.mark.parametrize("pattern", ["/etc", "../x", "a/../../x", "a\0b"])
def test_nothing_leads_out(pattern: str) -> None:
    with pytest.raises(BadInput, match="leaves"):
        patterns.normal(pattern)
