"""Stop the old revision, then start the new one: for a first release, or where there is room for one only.

Between the two nobody answers. If the new one does not start, or a gate fails, the old one is started again.
Gates are judged when everybody is served by the new one: those that compare it with the old one cannot be.
"""

from __future__ import annotations

from seatrial.release.strategy import (
    ANALYSE,
    PROMOTE,
    ROUTE,
    START,
    STOP,
    SWITCH,
    Options,
    Step,
    only,
)

NAME = "recreate"
NEEDS = frozenset({SWITCH})


def plan(options: Options) -> tuple[Step, ...]:
    only(options, (), NAME)
    return (
        Step(STOP),
        Step(START),
        Step(ROUTE, weight=100),
        Step(ANALYSE, evidence=1.0),
        Step(PROMOTE),
    )
