from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.report.picture import WIDTH, drawn
from seatrial.report.record import Estimate
from tests.properties import examples

NUMBER = st.floats(allow_nan=False, allow_infinity=True) | st.none()


@pytest.mark.parametrize(
    ("estimate", "bar", "picture"),
    [
        (Estimate(0.5, 0.4, 0.6), 0.2, "··┃······├────●────┤··"),
        (Estimate(0.5, 0.4, 0.6), 0.8, "··├────●────┤······┃··"),
        (Estimate(0.5, 0.4, 0.6), 0.45, "···├───╋───●───────┤···"),
        (Estimate(0.5), 0.5, "···········╋··········"),
        (Estimate(None), 0.5, ""),
    ],
)
def test_the_bar_is_where_it_should_be(estimate: Estimate, bar: float, picture: str) -> None:
    shown = drawn(estimate, bar, max(len(picture), 1))
    order = [char for char in shown if char not in "·─"]
    assert order == [char for char in picture if char not in "·─"]


@examples(200)
@given(value=NUMBER, low=NUMBER, high=NUMBER, bar=NUMBER)
def test_it_never_fails_and_has_its_width(
    value: float | None, low: float | None, high: float | None, bar: float | None
) -> None:
    assert len(drawn(Estimate(value, low, high), bar)) in (0, WIDTH)
