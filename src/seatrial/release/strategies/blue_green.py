"""Start the new revision beside the old one, give it all requests at once, then let the old one finish.

With the option `preview` the new one answers at an address of its own before that, until a person lets it go
on. With the option `bake` the old one stays ready for that long, and gets the requests back if the new one
dies or a gate fails.
"""

from __future__ import annotations

from seatrial.release.strategy import HOLD, PROMOTE, ROUTE, START, SWITCH, WAIT, Options, Step, duration, only

NAME = "blue-green"
NEEDS = frozenset({SWITCH})


def plan(options: Options) -> tuple[Step, ...]:
    only(options, ("bake", "preview"), NAME)
    bake = duration(options, "bake")
    baking = (Step(WAIT, seconds=bake),) if bake else ()
    looking = (Step(HOLD, asks=True),) if options.get("preview") else ()
    return (Step(START), *looking, Step(ROUTE, weight=100), *baking, Step(PROMOTE))
