"""Move the requests over in equal parts, each as soon as nothing speaks against the one before.

The option `share` is how much a part is. Between parts the gates may take the release back, but only before
the promotion do they have to speak for it.
"""

from __future__ import annotations

from seatrial.errors import BadInput
from seatrial.pipeline.quantity import parse_percent
from seatrial.release.strategy import (
    ANALYSE,
    PROMOTE,
    ROUTE,
    START,
    WAIT,
    WEIGHT,
    Options,
    Step,
    only,
)

NAME = "rolling"
NEEDS = frozenset({WEIGHT})
DEFAULT_SHARE = "25%"
# How long a part is looked at: long enough to see a server end, or answer with nothing but errors.
PART_SECONDS = 10.0


def plan(options: Options) -> tuple[Step, ...]:
    only(options, ("share",), NAME)
    part = round((parse_percent(options.get("share", DEFAULT_SHARE)) or 0.0) * 100)
    if not part:
        raise BadInput("a part of a rolling release is at least 1%", hint="rolling: 25%")
    parts = [
        (Step(ROUTE, weight=weight), Step(WAIT, seconds=PART_SECONDS)) for weight in range(part, 100, part)
    ]
    return (
        Step(START),
        *(step for pair in parts for step in pair),
        Step(ANALYSE, evidence=1.0),
        Step(ROUTE, weight=100),
        Step(PROMOTE),
    )
