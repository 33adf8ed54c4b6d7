"""Pairs of answers to mirrored requests, from the lines of a look and from what waited in the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from seatrial.gateway.config import CANDIDATE, STABLE
from seatrial.gateway.log_line import Line
from seatrial.journal import traffic, unpaired
from seatrial.journal.journal import Journal
from seatrial.journal.releases import ReleaseRow
from seatrial.journal.unpaired import Half
from seatrial.named_tuple import NamedTuple
from seatrial.release import pairing, users
from seatrial.release.pairing import Halves, Pair
from seatrial.release.strategy import MIRROR
from seatrial.system import clock

# For so long the slower of two answers is waited for after the faster one has ended.
PATIENCE_SECONDS = 300.0
_REPEATED = "repeated"


class Mirrored(NamedTuple):
    """What a look found: so many new pairs, those of them that count, and so many requests whose copy's
    answer is lost, or still waited for."""

    pairs: Sequence[Pair] = ()
    paired: int = 0
    lost: int = 0
    waiting: int = 0


NOTHING = Mirrored()


def is_mirrored(release: ReleaseRow) -> bool:
    """Whether the release is judged by pairs."""
    return share(release) > 0


def share(release: ReleaseRow) -> float:
    """The part of the requests that is copied to the candidate; 0 of a release that mirrors nothing."""
    weights = (step["weight"] for step in release.plan["steps"] if step["kind"] == MIRROR)
    return float(next(weights, 0)) / 100


def look(
    journal: Journal,
    release: ReleaseRow,
    main: Iterable[Line],
    shadow: Iterable[Line],
) -> Mirrored:
    """The pairs that new lines of both logs complete, after the warm-up.

    Call it inside the `change` that keeps how far the logs were read.
    """
    now = clock.now()
    warm = float(release.body["served"]) + float(release.plan["warm_up"])
    candidate = known(shadow, (release.revision, ""), warm)
    stable = known(main, (release.previous,), warm)
    names = {one.request for one in (*candidate, *stable)}
    found = pairing.join(halves(unpaired.take(journal, release.id, names)), candidate, stable)
    unpaired.put(journal, release.id, kept(found.left), now)
    gone = unpaired.give_up(journal, release.id, now - PATIENCE_SECONDS)
    waiting = unpaired.waiting(journal, release.id).get(STABLE, 0)
    return Mirrored(found.pairs, len(found.pairs), gone.get(STABLE, 0), waiting)


def known(lines: Iterable[Line], revisions: tuple[str, ...], since: float) -> list[Line]:
    return [one for one in lines if one.request and one.revision in revisions and one.at > since]


def of_new_users(
    journal: Journal, release: ReleaseRow, found: Mirrored, stratum: Callable[[float], int | None]
) -> Mirrored:
    """Of the pairs that count (`analysis.moments`) the first of every user who has none in this release."""
    first: dict[str, Pair] = {}
    for pair in found.pairs:
        if pair.stable.unit and stratum(pair.stable.at) is not None:
            first.setdefault(users.unit(pair.stable.unit), pair)
    new = traffic.new_units(journal, release.id, first)
    return found._replace(pairs=[pair for name, pair in first.items() if name in new])


def halves(found: Iterable[Half]) -> Halves:
    """From the journal."""
    arms: dict[str, dict[str, Line]] = {CANDIDATE: {}, STABLE: {}}
    repeated = set()
    for one in found:
        if one.arm == _REPEATED:
            repeated.add(one.request)
        else:
            arms[one.arm][one.request] = Line(*one.answer)
    return Halves(arms[CANDIDATE], arms[STABLE], frozenset(repeated))


def kept(left: Halves) -> Iterator[Half]:
    """For the journal."""
    for arm, lines in ((CANDIDATE, left.candidate), (STABLE, left.stable)):
        for request, line in lines.items():
            yield Half(request, arm, list(line))
    for request in left.repeated:
        yield Half(request, _REPEATED, None)
