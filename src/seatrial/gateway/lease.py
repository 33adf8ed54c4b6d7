"""The lease of a candidate: it has requests only while the supervisor drives its release.

Envoy asks `GET /lease` every 2 seconds. So nobody else has to be alive for a candidate whose driver is dead,
stopped or hangs to lose its requests: to be asked and not to answer is enough.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from seatrial.gateway.service import Answer, Request, Route
from seatrial.system import clock

HELD_SECONDS = 10.0
# Two answers in a row that Envoy misses lie further apart; a late one does not.
UNTOLD_SECONDS = 5.0
_MOST_GAPS = 100


class Lease:
    """Held for so long after each turn of the supervisor's loop.

    It knows when nobody was told so for a while: then Envoy may have given a candidate's requests to stable.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._renewed = now()
        self.begun = self._told = clock.now()
        self._gaps: deque[tuple[float, float]] = deque(maxlen=_MOST_GAPS)

    def renew(self) -> None:
        self._renewed = self._now()

    @property
    def is_held(self) -> bool:
        return self._now() - self._renewed <= HELD_SECONDS

    def gaps(self) -> list[tuple[float, float]]:
        """From when to when nobody was told that it is held, of late; the last may go on."""
        return [*self._gaps, *self._gap(clock.now())]

    def _gap(self, now: float) -> list[tuple[float, float]]:
        return [(self._told, now)] if now - self._told > UNTOLD_SECONDS else []

    def route(self) -> Route:
        return Route(self._answer, quick=True)

    def _answer(self, request: Request) -> Answer:
        if request.path != "/lease":
            return Answer(404)
        if not self.is_held:
            return Answer(503, b"lapsed\n")
        now = clock.now()
        self._gaps.extend(self._gap(now))
        self._told = now
        return Answer(200, b"held\n")
