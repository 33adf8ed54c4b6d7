"""What the two arms showed in one span of time."""

from __future__ import annotations

from operator import sub

from seatrial.named_tuple import NamedTuple


class Arms(NamedTuple):
    """Sums and sizes of candidate and stable over the same span.

    `candidate` and `stable` count what the gate's metric counts (failed requests, slow requests, right
    answers), or add up its values scaled to 0..1; the other two are the numbers of units seen. For pairs
    (shadow) see `paired`.
    """

    candidate: float = 0.0
    candidate_n: float = 0
    stable: float = 0.0
    stable_n: float = 0


def add(one: Arms, other: Arms) -> Arms:
    return Arms(
        one.candidate + other.candidate,
        one.candidate_n + other.candidate_n,
        one.stable + other.stable,
        one.stable_n + other.stable_n,
    )


def without(all_of: Arms, some: Arms) -> Arms:
    return Arms(*map(sub, all_of, some))


def complement(arms: Arms) -> Arms:
    """The others: wrong answers instead of right ones."""
    return arms._replace(candidate=arms.candidate_n - arms.candidate, stable=arms.stable_n - arms.stable)
