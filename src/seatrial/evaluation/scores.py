"""Scores of examples of two classes: what a metric of a ranking needs. Ranks cannot be added up, so the
scores themselves are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from numpy import bool_, float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]


class Scores(NamedTuple):
    """Whether each example is of the positive class, and its scores: higher means more likely positive."""

    positive: NDArray[bool_]
    candidate: Floats
    baseline: Floats | None = None

    @property
    def n(self) -> int:
        return len(self.positive)


def add(one: Scores, other: Scores) -> Scores:
    import numpy as np

    baseline = (
        np.concatenate([one.baseline, other.baseline])
        if one.baseline is not None and other.baseline is not None
        else None
    )
    return Scores(
        np.concatenate([one.positive, other.positive]),
        np.concatenate([one.candidate, other.candidate]),
        baseline,
    )
