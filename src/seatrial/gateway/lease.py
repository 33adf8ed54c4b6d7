"""The lease of a candidate: it has requests only while the supervisor drives its release.

Envoy asks `GET /lease` every 2 seconds. So nobody else has to be alive for a candidate whose driver is dead,
stopped or hangs to lose its requests: to be asked and not to answer is enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from seatrial.gateway.service import Answer, Request, Route

HELD_SECONDS = 10.0


class Lease:
    """Held for so long after each turn of the supervisor's loop."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._renewed = now()

    def renew(self) -> None:
        self._renewed = self._now()

    @property
    def is_held(self) -> bool:
        return self._now() - self._renewed <= HELD_SECONDS

    def route(self) -> Route:
        return Route(self._answer, quick=True)

    def _answer(self, request: Request) -> Answer:
        if request.path != "/lease":
            return Answer(404)
        return Answer(200, b"held\n") if self.is_held else Answer(503, b"lapsed\n")
