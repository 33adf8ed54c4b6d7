"""Numbers that somebody else measures."""

from __future__ import annotations

from seatrial.evaluation.sequential import process, readings


def after(kept: list[bool]) -> process.State:
    state = process.start(readings.rule())
    for one in kept:
        state = process.observe(readings.rule(), state, readings.reading(one))
    return state


def test_eight_that_keep_the_gate() -> None:
    """Even bets that always win would need 2^7 > 100."""
    assert not after([True] * 6).passed
    assert after([True] * 8).passed


def test_half_of_them() -> None:
    state = after([True, False] * 50)
    assert not state.passed
    assert process.log_bad(readings.rule(), state) < 0


def test_most_of_them_do_not() -> None:
    assert process.log_bad(readings.rule(), after([False] * 8)) > 4.6
