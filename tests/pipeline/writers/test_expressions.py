"""Regular expressions as other systems read them."""

from __future__ import annotations

import re

import pytest

from seatrial.pipeline.writers.expressions import Affix, affixes, searched, slashed, whole

VALUES = ("v1", "v1.2", "xv1", "v1x", "release/a", "a/release/b", "", "ab", "b")


@pytest.mark.parametrize("pattern", ["^v[0-9]+$", "^(?:release/.*)$", "a|b", "^a|b$", r"\d", "^v", "x$", "/"])
def test_the_whole_value_fits_what_is_found_in_it(pattern: str) -> None:
    made = whole(pattern)
    assert made is not None
    for value in VALUES:
        assert bool(re.fullmatch(made, value)) == bool(re.search(pattern, value)), (made, value)


@pytest.mark.parametrize("pattern", ["(?=x)a", r"a\z", r"(a)\1", "[[:alpha:]]", "(?i)x", "a{,3}"])
def test_what_others_may_read_otherwise_is_not_written(pattern: str) -> None:
    assert searched(pattern) is slashed(pattern) is whole(pattern) is None


def test_slashes_are_escaped_once() -> None:
    assert slashed("^release/.*") == slashed(r"^release\/.*") == r"/^release\/.*/"


def has(one: Affix, value: str) -> bool:
    if one.is_open_before:
        return one.text in value if one.is_open_after else value.endswith(one.text)
    return value.startswith(one.text) if one.is_open_after else value == one.text


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "^v",
            "x$",
            "/",
            "^v.*",
            "^(?:^v.*)$",
            "^(?:release/.*)$",
            r"^(?:release\/.*)$",
            "^(?:(a|v)/?x*)$",
            "v1",
        ),
        *("^(?:.*b)$", "^(?:(a|x).*)$", r"^v1\.2$", "^(?:)$", ".*", "^(a|b)$"),
    ],
)
def test_an_expression_that_says_no_more_is_a_choice_of_texts(pattern: str) -> None:
    found = affixes(pattern)
    if "?x" in pattern:
        assert found is None
        return
    assert found is not None
    for value in VALUES:
        assert any(has(one, value) for one in found) == bool(re.search(pattern, value)), (found, value)


@pytest.mark.parametrize("pattern", [r"^\d+$", "^v[0-9].*", "a|b", "v.x", "^(?:a|b)$", "^(a|b)|c$", r"a\\.*"])
def test_an_expression_that_says_more_is_none(pattern: str) -> None:
    assert affixes(pattern) is None
