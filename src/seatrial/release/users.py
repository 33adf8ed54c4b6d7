"""Where users stay with a revision, a user is the unit, and counts once: with his first request that counts.

What a user does later depends on what came before, so it says nothing new that a rate of requests could use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from seatrial.evaluation.sequential.latency import histogram
from seatrial.gateway.access_log import Second
from seatrial.gateway.log_line import Line
from seatrial.journal import traffic
from seatrial.journal.journal import Journal


def first_requests(journal: Journal, release: str, lines: Iterable[Line]) -> list[Second]:
    """Of lines that count, the requests of users who have had none in this release.

    What counts the time says, and never an answer, so that it favours neither revision. Call it inside the
    `change` of a look.
    """
    first: dict[str, Line] = {}
    for line in lines:
        if line.unit and line.revision:
            first.setdefault(unit(line.unit), line)
    new = traffic.new_units(journal, release, first)
    return list(counted(line for name, line in first.items() if name in new))


def unit(name: str) -> str:
    """A user as we keep him: nobody is known by it."""
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def counted(lines: Iterable[Line]) -> Iterator[Second]:
    for line in lines:
        seconds = () if line.microseconds is None else (line.microseconds / 1_000_000,)
        yield Second(line.at, line.revision, 1, int(line.failed), histogram(seconds))
