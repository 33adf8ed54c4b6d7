"""Give the new revision a small part of the requests, and more of them as the evidence grows.

The option `steps` holds shares ("5%"), each held until the evidence is its part of what a promotion takes,
and between them "wait 10m", "hold", "ask" and "probe"; "auto" stands for shares that follow the evidence.
"""

from __future__ import annotations

from seatrial.errors import BadInput
from seatrial.pipeline.quantity import parse_duration, parse_percent
from seatrial.release.strategy import (
    ANALYSE,
    HOLD,
    PROBE,
    PROMOTE,
    ROUTE,
    START,
    WAIT,
    WEIGHT,
    Options,
    Step,
    only,
)

NAME = "canary"
NEEDS = frozenset({WEIGHT})
AUTO = "auto"
# The share that "auto" begins with: of so few requests a bad candidate can harm few.
FIRST_WEIGHT = 2


def plan(options: Options) -> tuple[Step, ...]:
    only(options, ("steps",), NAME)
    words = options.get("steps", AUTO).split(",")
    shares = sum(word == AUTO or word.endswith("%") for word in words)
    if not shares:
        raise BadInput("a canary without a share of the traffic", hint="for example [5%, 25%, 50%], or auto")
    steps: list[Step] = []
    done = 0
    for word in words:
        is_share = word == AUTO or word.endswith("%")
        done += is_share
        steps += share(word, done / shares) if is_share else [pause(word)]
    at_last = () if steps[-1].kind == ANALYSE else (Step(ANALYSE, evidence=1.0),)
    return (Step(START), *steps, *at_last, Step(ROUTE, weight=100), Step(PROMOTE))


def share(word: str, evidence: float) -> list[Step]:
    """Route a share, and hold it until there is this part of the evidence that a promotion takes."""
    if word == AUTO:
        return [Step(ROUTE, weight=FIRST_WEIGHT), Step(ANALYSE, evidence=1.0, auto=True)]
    part = parse_percent(word)
    if not part:
        raise BadInput(f"`{word}` is not a share of the traffic", hint="for example 5%")
    return [Step(ROUTE, weight=round(part * 100)), Step(ANALYSE, evidence=evidence)]


def pause(word: str) -> Step:
    if word in (HOLD, PROBE):
        return Step(word)
    if word == "ask":
        return Step(HOLD, asks=True)
    seconds = parse_duration(word.removeprefix("wait "))
    if not word.startswith("wait ") or not seconds:
        raise BadInput(f"`{word}` is no step of a canary", hint="5%, auto, wait 10m, hold, ask or probe")
    return Step(WAIT, seconds=seconds)
