"""How many more examples would decide."""

from __future__ import annotations

from math import floor, log10

from seatrial.evaluation.significance.estimate import z_quantile

_POWER = 0.84  # the normal quantile of a power of 80%
_HIDDEN_BEYOND = 50  # times the examples at hand: so far off that the number says nothing


def more_examples(n: int, standard_error: float, gap: float, alpha: float) -> int | None:
    """About how many more examples would decide: n ((z + .84) SE / gap)^2 - n, to one digit.

    The quartiles of what is needed spread about tenfold, hence one digit and "about". None where it would
    be more than 50 n, or nothing can be said.
    """
    if n <= 0 or gap <= 0 or standard_error <= 0:
        return None
    more = n * ((z_quantile(alpha) + _POWER) * standard_error / gap) ** 2 - n
    if more > _HIDDEN_BEYOND * n:
        return None
    return one_digit(max(more, 1.0))


def one_digit(value: float) -> int:
    """Rounded to one significant digit, at least 1."""
    if value < 1:
        return 1
    scale = 10 ** floor(log10(value))
    return int(floor(value / scale + 0.5) * scale)
