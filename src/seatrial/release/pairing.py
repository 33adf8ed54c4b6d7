"""Requests that the stable revision answered and the candidate got a copy of: both answers, as a pair. Pure.

The two lines stand in two logs, and come in any order, also in different looks: whichever is first waits for
the other. The id of a request is the client's own where it sends one. One that comes again in a log before
both answers of the first are known could join answers to different requests, so it counts for nobody.

Where the gateway had nobody to send a copy to (its line names no revision), or the client left before any
answer (its status is 0), that says nothing of either: the pair is dropped. Of a copy without any line the
answer is lost. Where more than a few are, those that are known may be the easy ones, so the release is not
judged by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from seatrial.gateway.log_line import Line
from seatrial.named_tuple import NamedTuple

# So many copies may be without an answer.
MOST_LOST = 0.02
# Of fewer requests nothing is said.
LEAST = 200
# A part of the requests is copied by chance: so many standard deviations may be missing beside.
_DEVIATIONS = 4.0
LOST = "the copies do not arrive: {:g}% of {:,} requests were to be copied, of {:.3g}% both answers are known"

AWAITED = "of {:,} requests both answers are known to {:.3g}%, of {:g}% that are copied"


class Pair(NamedTuple):
    """Both answers to a request."""

    candidate: Line
    stable: Line


class Halves(NamedTuple):
    """Answers by request, and ids that came again."""

    candidate: Mapping[str, Line] = {}
    stable: Mapping[str, Line] = {}
    repeated: frozenset[str] = frozenset()


class Joined(NamedTuple):
    """Pairs that are complete now, and what waits on."""

    pairs: tuple[Pair, ...]
    left: Halves


class Copies(NamedTuple):
    """Requests to stable, after the warm-up: with both answers, with one for good, with one so far."""

    paired: int = 0
    lost: int = 0
    waiting: int = 0


def join(waiting: Halves, candidate: Iterable[Line], stable: Iterable[Line]) -> Joined:
    """What new lines make with what waited of the same requests."""
    repeated = set(waiting.repeated)
    ours = merged(waiting.candidate, candidate, repeated)
    theirs = merged(waiting.stable, stable, repeated)
    both = [request for request in theirs if request in ours and request not in repeated]
    over = repeated.union(both)
    left = Halves(without(ours, over), without(theirs, over), frozenset(repeated))
    found = (Pair(ours[request], theirs[request]) for request in both)
    return Joined(tuple(pair for pair in found if says_something(pair)), left)


def says_something(pair: Pair) -> bool:
    return bool(pair.candidate.revision and pair.candidate.code and pair.stable.code)


def merged(waiting: Mapping[str, Line], lines: Iterable[Line], repeated: set[str]) -> dict[str, Line]:
    """All answers of an arm; ids that are there twice are added to `repeated`."""
    found = dict(waiting)
    for line in lines:
        if line.request in found:
            repeated.add(line.request)
        found[line.request] = line
    return found


def without(lines: Mapping[str, Line], over: set[str]) -> dict[str, Line]:
    return {request: line for request, line in lines.items() if request not in over}


def spoilt(copies: Copies, share: float) -> str:
    """Why these pairs do not speak for all requests, "" where they do; `share` of them are copied."""
    n = copies.paired + copies.lost
    return (
        LOST.format(100 * share, n, 100 * copies.paired / n) if n >= LEAST and lacks(copies, n, share) else ""
    )


def awaited(copies: Copies, share: float) -> str:
    """Why a promotion waits, though the gates may have all they need; "" where it need not.

    The slowest answers come last: with many of them missing, pairs would speak for quick answers only.
    """
    n = sum(copies)
    return AWAITED.format(n, 100 * copies.paired / n, 100 * share) if lacks(copies, n, share) else ""


def lacks(copies: Copies, n: int, share: float) -> bool:
    """Whether of n requests fewer pairs are known than chance and a few lost ones explain."""
    return copies.paired < n * share * (1 - MOST_LOST) - _DEVIATIONS * sqrt(n * share * (1 - share))
