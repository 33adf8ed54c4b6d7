"""What a script of a shell is, as far as that can be seen without running it."""

from __future__ import annotations

import pytest

from seatrial.pipeline.shell_line import is_line, is_one_program


@pytest.mark.parametrize("line", ["make", "make -j2 'a b'", "a && b", "a || true", "echo $X", "  make  "])
def test_programs_with_their_words_are_a_line(line: str) -> None:
    assert is_line(line)


@pytest.mark.parametrize(
    "line",
    ["", "cd x", "cd x && make", "export A=1", "A=1 make", "a; b", "a | b", "a &", "a\nb", "(a)", "x 'a",
     "if a; then b; fi", "a > b && . env", "make # all", "a \\", "exit 3", "source x", "echo 'a && b'"],
)  # fmt: skip
def test_what_may_leave_something_behind_is_none(line: str) -> None:
    assert not is_line(line)


def test_a_list_is_more_than_one_program() -> None:
    assert is_one_program("make") and not is_one_program("a && b")
