"""Start the new revision beside the old one, give it all requests at once, then let the old one finish.

With the option `bake` the old one stays ready for that long, and gets the requests back if the new one dies.
"""

from __future__ import annotations

from seatrial.release.strategy import PROMOTE, ROUTE, START, SWITCH, WAIT, Options, Step, duration, only

NAME = "blue-green"
NEEDS = frozenset({SWITCH})


def plan(options: Options) -> tuple[Step, ...]:
    only(options, ("bake",), NAME)
    bake = duration(options, "bake")
    baking = (Step(WAIT, seconds=bake),) if bake else ()
    return (Step(START), Step(ROUTE, weight=100), *baking, Step(PROMOTE))
