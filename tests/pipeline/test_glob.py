"""Patterns: Git's and GitHub's documented cases, and the standard library as a second opinion."""

from __future__ import annotations

import fnmatch
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.pipeline.glob import any_matches, fixed_folder, has_wildcards, matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("main", "main", True),
        ("main", "mainline", False),
        ("release/*", "release/1.2", True),
        ("release/*", "release/1.2/fix", False),
        ("release/**", "release/1.2/fix", True),
        ("*", "", True),
        ("*", "feature/x", False),
        ("**", "feature/x", True),
        ("**/x.py", "x.py", True),
        ("**/x.py", "a/b/x.py", True),
        ("**/x.py", "a/bx.py", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "a/xb", False),
        ("src/**", "src/a/b.py", True),
        ("src/**", "srcs/a", False),
        ("docs/*.md", "docs/a.md", True),
        ("?", "/", False),
        ("?", "é", True),
        ("v[0-9]", "v7", True),
        ("v[0-9]", "vx", False),
        ("v[!0-9]", "vx", True),
        ("v[^0-9]", "v7", False),
        ("[!a]", "/", False),
        ("[]]", "]", True),
        ("[a-]", "-", True),
        ("[", "[", True),
        ("[abc", "[abc", True),
        ("[!]", "!", False),
        ("[!]", "[!]", True),
        ("[!]]", "a", True),
        ("[!]]", "]", False),
        ("[", "", False),
        ("*.tar.*", "a.tar.gz", True),
        ("a*", "ab/", False),
        ("[ab]c", "bc", True),
        ("**/**/x", "a/x", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_documented_cases(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="ab*?.[]!-", max_size=12).filter(lambda pattern: "**" not in pattern),
    st.text(alphabet="ab.[]!-", max_size=12),
)
def test_agrees_with_the_standard_library_within_one_folder(pattern: str, name: str) -> None:
    assert matches(pattern, name) == bool(re.match(fnmatch.translate(pattern), name))


def test_time_does_not_explode_with_stars() -> None:
    started = time.process_time()
    assert not matches("*a" * 100 + "b", "a" * 400)
    assert time.process_time() - started < 5


def test_any_of_several() -> None:
    assert any_matches(("a", "b*"), "bc")
    assert not any_matches((), "bc")


def test_parts_of_a_pattern() -> None:
    assert has_wildcards("a/*.py")
    assert not has_wildcards("a/b.py")
    assert fixed_folder("a/b/*.py") == "a/b"
    assert fixed_folder("*.py") == ""
    assert fixed_folder("a/b") == "a"
