"""What every method of this chapter answers: a value and the interval that the data allow for it."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple


class Estimate(NamedTuple):
    """A value with its two-sided interval of level 1 - alpha.

    `n` counts what the method counts (examples; for the precision of a class, its predictions). `least`
    is the fewest examples on which the method may call a gate passed, where fewer were seen to mislead.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    least: int = 0
    statement: str = ""  # something else that the numbers say, as a sentence


def point(value: float, n: int, method: str = "point", statement: str = "") -> Estimate:
    """A value that is compared as it is, without tolerance."""
    return Estimate(value, value, value, n, method, 0, statement)


def z_quantile(alpha: float) -> float:
    """The normal quantile of a two-sided interval, 1.96 for alpha = .05."""
    from scipy.special import ndtri

    return float(-ndtri(alpha / 2))


def t_quantile(alpha: float, degrees: float) -> float:
    from scipy.special import stdtrit

    return float(-stdtrit(degrees, alpha / 2))
