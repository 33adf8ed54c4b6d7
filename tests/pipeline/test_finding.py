"""How a finding is shown."""

from __future__ import annotations

import pytest

from seatrial.errors import Place
from seatrial.pipeline.finding import error, render


def lines(text: str, column: int) -> list[str]:
    return render(error(Place("f", 1, column), "wrong", "a hint"), text).splitlines()


def test_a_line_is_shown_as_it_is() -> None:
    assert lines("\tab", 3) == ["f:1:3: error: wrong", "  \tab", "  \t ^", "  hint: a hint"]


@pytest.mark.parametrize(
    ("at", "begins", "ends"), [(0, False, True), (70, False, True), (2500, True, True), (4999, True, False)]
)
def test_a_long_line_is_cut_around_the_caret(at: int, begins: bool, ends: bool) -> None:
    text = "." * at + "X" + "." * (4999 - at)
    _, shown, caret, _ = lines(text, at + 1)
    assert len(shown) < 170
    assert shown[caret.index("^")] == "X"
    assert (shown.startswith("  …"), shown.endswith("…")) == (begins, ends)
