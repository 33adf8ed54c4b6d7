"""How a release goes from one revision to the next: the interface that every file of `strategies/` has.

    NAME = "canary"                                # the word of the pipeline file
    NEEDS = frozenset({WEIGHT})                    # what a target must be able to do for it
    def plan(options: Options) -> tuple[Step, ...] # pure; raises BadInput on an option it does not know

The steps are frozen in the release when it begins. A step is done when what it says is true, so it may be
done again after a crash; the next begins only then. Every plan ends with PROMOTE: until there the stable
revision can take the traffic back, and the candidate gets it only after a START has made it ready.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.quantity import parse_duration

# What a target can do, and a strategy may need.
WEIGHT = "weight"  # split requests between two revisions
SWITCH = "switch"  # give all requests to another revision at once, losing none
MIRROR = "mirror"  # send a copy of `weight` percent of the requests to a revision whose answers nobody gets
STICKY = "sticky"  # keep each user with one revision

# The kinds of a step; MIRROR is one too.
START = "start"  # the candidate's servers run and are ready
STOP = "stop"  # the stable revision carries nothing, and its servers are gone
ROUTE = "route"  # the candidate gets `weight` percent of the requests, the stable revision the others
WAIT = "wait"  # the candidate stays alive and as it is for `seconds`
ANALYSE = "analyse"  # the evidence of live traffic is `evidence` of what a promotion takes
HOLD = "hold"  # a person has said that it may go on
PROBE = "probe"  # recorded requests have been replayed to both revisions
PROMOTE = "promote"  # the candidate is the stable revision

Options = Mapping[str, str]


class Step(NamedTuple):
    """`auto`: the weight follows the evidence meanwhile. `asks`: whoever watches is asked.

    `beside`: only of gates that need the stable revision beside the candidate; what has not shown then never
    will, so nobody waits for it.
    """

    kind: str
    weight: int = 0
    seconds: float = 0.0
    evidence: float = 0.0
    auto: bool = False
    asks: bool = False
    beside: bool = False


class Strategy(Protocol):
    NAME: str
    NEEDS: frozenset[str]

    def plan(self, options: Options) -> tuple[Step, ...]: ...


def asked(steps: tuple[Step, ...], *, judged: bool, compared: bool) -> tuple[Step, ...]:
    """Without the analyses that have nothing to ask: of no gate, or of none that compares with stable."""
    return tuple(step for step in steps if step.kind != ANALYSE or (compared if step.beside else judged))


def frozen(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Steps as plain JSON, for the ledger."""
    return [step._asdict() for step in steps]


def thaw(steps: list[dict[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(**step) for step in steps)


def only(options: Options, known: tuple[str, ...], strategy: str) -> None:
    """Raises BadInput on an option that the strategy does not know."""
    unknown = sorted(set(options) - set(known))
    if unknown:
        hint = f"it knows {', '.join(known)}" if known else "it has no options"
        raise BadInput(f"the strategy {strategy} has no option `{unknown[0]}`", hint=hint)


def duration(options: Options, name: str) -> float:
    """An option as seconds; 0 where it is not given. Raises BadInput."""
    text = options.get(name, "0s")
    found = parse_duration(text)
    if found is None:
        raise BadInput(f"`{name}: {text}` is not a duration", hint="write a number and a unit, as 30s or 5m")
    return found
