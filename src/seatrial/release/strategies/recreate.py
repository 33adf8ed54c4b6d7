"""Stop the old revision, then start the new one: for a first release, or where there is room for one only.

Between the two nobody answers. If the new one does not start, the old one is started again.
"""

from __future__ import annotations

from seatrial.release.strategy import PROMOTE, ROUTE, START, STOP, SWITCH, Options, Step, only

NAME = "recreate"
NEEDS = frozenset({SWITCH})


def plan(options: Options) -> tuple[Step, ...]:
    only(options, (), NAME)
    return (Step(STOP), Step(START), Step(ROUTE, weight=100), Step(PROMOTE))
