"""Regular expressions as other systems read them."""

from __future__ import annotations

import re

import pytest

from seatrial.pipeline.writers.expressions import searched, slashed, whole

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
