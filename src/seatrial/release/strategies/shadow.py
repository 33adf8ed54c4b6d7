"""Send the new revision a copy of the requests, compare its answers, and switch if the gates say so.

Nobody is served by it before. The option `share` is the part of the requests that is copied.
"""

from __future__ import annotations

from seatrial.errors import BadInput
from seatrial.pipeline.quantity import parse_percent
from seatrial.release.strategy import ANALYSE, MIRROR, PROMOTE, ROUTE, START, SWITCH, Options, Step, only

NAME = "shadow"
NEEDS = frozenset({MIRROR, SWITCH})


def plan(options: Options) -> tuple[Step, ...]:
    only(options, ("share",), NAME)
    share = round((parse_percent(options.get("share", "100%")) or 0.0) * 100)
    if not share:
        raise BadInput("the share of the requests that is copied is at least 1%", hint="shadow: 100%")
    return (
        Step(START),
        Step(MIRROR, weight=share),
        Step(ANALYSE, evidence=1.0),
        Step(ROUTE, weight=100),
        Step(PROMOTE),
    )
