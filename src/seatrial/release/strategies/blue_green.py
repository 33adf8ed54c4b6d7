"""Start the new revision beside the old one, give it all requests at once, then let the old one finish.

With the option `preview` the new one answers at an address of its own before that, until a person lets it go
on. After the switch the old one stays ready, and gets the requests back if the new one dies or a gate fails:
for as long as the option `bake` says, and until all gates have their evidence.

Nothing serves beside the new one then, so gates that compare the two are judged before: by recorded requests
that both answer, and by nothing else.
"""

from __future__ import annotations

from seatrial.release.strategy import (
    ANALYSE,
    HOLD,
    PROMOTE,
    ROUTE,
    START,
    SWITCH,
    WAIT,
    Options,
    Step,
    duration,
    only,
)

NAME = "blue-green"
NEEDS = frozenset({SWITCH})


def plan(options: Options) -> tuple[Step, ...]:
    only(options, ("bake", "preview"), NAME)
    bake = duration(options, "bake")
    baking = (Step(WAIT, seconds=bake),) if bake else ()
    looking = (Step(HOLD, asks=True),) if options.get("preview") else ()
    return (
        Step(START),
        Step(ANALYSE, evidence=1.0, beside=True),
        *looking,
        Step(ROUTE, weight=100),
        *baking,
        Step(ANALYSE, evidence=1.0),
        Step(PROMOTE),
    )
