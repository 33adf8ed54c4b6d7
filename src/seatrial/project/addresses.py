"""What is wrong with the addresses of environments: each can be listened on, by one environment alone."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.errors import BadInput
from seatrial.gateway import ports
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Environment, Pipeline, place_of

OURS = "process"  # the target whose requests our gateway answers; an engine's own addresses are its affair
EVERY_HOST = ("0.0.0.0", "::")  # noqa: S104 - it is only compared with


def findings(pipeline: Pipeline) -> Iterator[Finding]:
    taken: list[tuple[str, int, Environment]] = []
    for environment in pipeline.environments:
        if not environment.address or environment.target != OURS:
            continue
        place = place_of(environment, "address")
        try:
            host, port = ports.parse_address(environment.address)
        except BadInput as problem:
            yield error(place, f"`address`: {problem.message}", problem.hint)
            continue
        first = next((other for at, one, other in taken if one == port and _meet(at, host)), None)
        if first is not None:
            text = f"`{environment.name}` has the address of `{first.name}`, {first.address}"
            yield error(place, text, "give each a port of its own")
        taken.append((host, port, environment))


def _meet(one: str, other: str) -> bool:
    """Whether who listens on one host leaves nothing to who listens on the other, at the same port."""
    return one == other or one in EVERY_HOST or other in EVERY_HOST
