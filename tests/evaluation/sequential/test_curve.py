"""The curve between shares of F1, checked point by point with F1's own definition."""

from __future__ import annotations

import numpy as np
import pytest

from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.curve import chord, f1_of_share, share_of_f1, tangent

GATES = [Line(1, -0.02), Line(1, 0), Line(0.95, 0), Line(0.9, -0.05), Line(1, -0.3)]


def test_f1_of_a_share() -> None:
    """60 found, 20 false, 15 missed: precision .75, recall .8."""
    assert f1_of_share(60 / 95) == pytest.approx(2 * 0.75 * 0.8 / (0.75 + 0.8))
    assert share_of_f1(2 * 0.75 * 0.8 / (0.75 + 0.8)) == pytest.approx(60 / 95)


@pytest.mark.parametrize("gate", GATES)
def test_no_good_point_is_beyond_the_chord_and_no_bad_one_before_a_tangent(gate: Line) -> None:
    missed, stable_missed = np.meshgrid(np.linspace(0, 1, 201), np.linspace(0, 0.999, 200))
    f1 = 2 * (1 - missed) / (2 - missed)
    stable_f1 = 2 * (1 - stable_missed) / (2 - stable_missed)
    good = f1 >= gate.slope * stable_f1 + gate.shift
    straight = chord(gate)
    assert (missed <= straight.slope * stable_missed + straight.shift + 1e-9)[good].all()
    for at in (0.01, 0.1, 0.3, 0.6, 0.95):
        touching = tangent(gate, at)
        assert (missed >= touching.slope * stable_missed + touching.shift - 1e-9)[~good].all()


@pytest.mark.parametrize("gate", GATES[:4])
def test_they_are_close(gate: Line) -> None:
    """The chord leaves at most a quarter of the margin, and the tangent touches."""
    for missed in (0.1, 0.3, 0.5):
        bar = gate.slope * 2 * (1 - missed) / (2 - missed) + gate.shift
        curve = 1 - bar / (2 - bar)
        assert tangent(gate, missed).at(missed) == pytest.approx(curve)
        margin = max(1 - gate.slope - gate.shift, 1e-9)
        assert curve <= chord(gate).at(missed) + 1e-9 <= curve + margin / 4 + 1e-8
