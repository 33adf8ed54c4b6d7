"""F1 of one class as a share, and the curve of a gate between two of them made straight.

J = TP / (TP + FP + FN) is binomial given its denominator, and F1 = 2J / (1 + J). Where F1_c is to be at least
slope * F1_s + shift (slope <= 1, shift <= 0), J_c is to be above a curve h(J_s) that rises and is concave. So
what is below it is convex, and lies below each of its tangents; what is above it lies above its chord.
"""

from __future__ import annotations

from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.significance.proportion import f1_of_share


def share_of_f1(f1: float) -> float:
    return f1 / (2 - f1)


def chord(line: Line) -> Line:
    """Between shares of what is missed, 1 - J: all that `line` allows lies on its good side."""
    foot, top = share_of_f1(-line.shift / line.slope), share_of_f1(line.slope + line.shift)
    return Line(top / (1 - foot), 1 - top)


def tangent(line: Line, missed: float) -> Line:
    """The same where stable misses the share `missed`: all that `line` forbids lies on its bad side."""
    share = max(1 - missed, share_of_f1(-line.shift / line.slope))
    height = share_of_f1(line.at(f1_of_share(share)))
    slope = line.slope * ((1 + height) / (1 + share)) ** 2
    return Line(slope, 1 - height - slope * (1 - share))
