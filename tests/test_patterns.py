"""Patterns: documented cases, the standard library and a plain definition as second opinions, and time."""

from __future__ import annotations

import fnmatch
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.patterns import (
    LEFT_OUT_BY_ANT,
    any_matches,
    compiled,
    fixed_folder,
    is_glob,
    matches,
    normal,
    of_files,
)
from tests.properties import examples


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
        ("a**/b", "ab", False),  # a `**/` within a name leaves no slash out
        ("a**/b", "ax/y/b", True),
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
        ("(a|b)+", "a", False),
        ("x*", "xa\nb", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_documented_cases(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a.py", True),
        ("*.py", "src/a.py", False),
        ("src/*", "src/deep/a.py", True),  # a folder stands for what it holds
        ("*", ".hidden/file", True),
        ("data/**", "data2/a", False),
        ("a[!x]b", "a/b", False),
        ("[z-a]", "m", False),
    ],
)
def test_documented_cases_of_files(pattern: str, path: str, expected: bool) -> None:
    assert bool(compiled(pattern).match(path)) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("d/**.jar", "d/a.jar", True),
        ("d/**.jar", "d/e/a.jar", False),  # `**` crosses folders where it stands alone
        ("a[1].txt", "a[1].txt", True),
        ("[ab].txt", "a.txt", False),  # a bracket is a bracket
        ("d/", "d/e/f", True),
        ("*.txt/", "a.txt", True),  # `**` at the end: also no folder at all
        ("**/*.txt/**/**", "d/a.txt", True),
        ("a.txt/", "a.txt", False),
        (r"d\*.txt", "d/a.txt", True),  # a backslash is a slash
        ("d\\", "d/e/f", True),
        ("/d/*.txt", "d/a.txt", False),  # names below a folder begin with none
        ("\\d/*.txt", "d/a.txt", False),
        ("/**", "d/a.txt", False),
        ("d/../a.txt", "a.txt", False),
        ("a\0b", "a", False),
    ],
)
def test_patterns_of_ant(pattern: str, path: str, expected: bool) -> None:
    assert any_matches(of_files((pattern,)), path) is expected


@pytest.mark.parametrize(
    "path", ["a~", "d/#a#", ".git/config", "d/.gitignore", "CVS", "d/.svn/x", "._a", "%a%"]
)
def test_what_ant_leaves_out(path: str) -> None:
    assert any_matches(LEFT_OUT_BY_ANT, path)
    assert not any_matches(LEFT_OUT_BY_ANT, f"{path}.txt/b" if path[0] not in ".d" else "d/.github/a")


@examples(300)
@given(
    st.text(alphabet="ab*?.[]!-", max_size=12).filter(lambda pattern: "**" not in pattern),
    st.text(alphabet="ab.[]!-", max_size=12),
)
def test_agrees_with_the_standard_library_within_one_folder(pattern: str, name: str) -> None:
    assert matches(pattern, name) == bool(re.match(fnmatch.translate(pattern), name))


def fits(pattern: str, path: str, at_start: bool = True) -> bool:
    """What the words of the documentation say, tried in every way; without sets of characters."""
    if not pattern:
        return not path
    if at_start and pattern.startswith("**/"):
        starts = [0, *(at + 1 for at, char in enumerate(path) if char == "/")]
        return any(fits(pattern[3:], path[start:]) for start in starts)
    if pattern.startswith("**"):
        return any(fits(pattern[2:], path[start:], False) for start in range(len(path) + 1))
    if pattern[0] == "*":
        name = path.partition("/")[0]
        return any(fits(pattern[1:], path[start:], False) for start in range(len(name) + 1))
    same = path[:1] == pattern[0] or (pattern[0] == "?" and path[:1] not in ("", "/"))
    return same and fits(pattern[1:], path[1:], pattern[0] == "/")


PATTERNS = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "/**/", "?"]), max_size=7).map("".join)


@examples(400)
@given(PATTERNS, st.text("ab/", max_size=9))
def test_every_way_to_fit_is_found(pattern: str, path: str) -> None:
    assert matches(pattern, path) is fits(pattern, path)


@examples(200)
@given(pattern=PATTERNS, path=st.text("ab/", min_size=1, max_size=8))
def test_among_files_it_is_what_is_named_and_all_below(pattern: str, path: str) -> None:
    parts = path.split("/")
    itself_and_folders = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    assert bool(compiled(pattern).match(path)) is any(fits(pattern, one) for one in itself_and_folders)


@pytest.mark.parametrize("part", ["*a", "**a", "**/a/", "a*?**", "a/**/*"])
def test_time_does_not_explode_with_stars(part: str) -> None:
    started = time.process_time()
    assert not matches(part * 30 + "b", "a" * 200 + "/a" * 200)
    assert not compiled(part * 30 + "b").match("a" * 200 + "/a" * 200)
    assert time.process_time() - started < 5  # without care: longer than anyone lives


def test_any_of_several() -> None:
    assert any_matches(("a", "b*"), "bc")
    assert not any_matches((), "bc")


def test_parts_of_a_pattern() -> None:
    assert is_glob("a/*.py")
    assert not is_glob("a/b.py")
    assert fixed_folder("a/b/*.py") == "a/b"
    assert fixed_folder("*.py") == ""
    assert fixed_folder("a/b") == "a"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("data/", "data"), ("./data", "data"), ("a//b/./c", "a/b/c"), (".", ""), ("./", ""), ("", "")],
)
def test_normal_forms(pattern: str, expected: str) -> None:
    assert normal(pattern) == expected


@pytest.mark.parametrize("pattern", ["/etc", "../x", "a/../../x", "a\0b"])
def test_nothing_leads_out(pattern: str) -> None:
    with pytest.raises(BadInput, match="leaves"):
        normal(pattern)
