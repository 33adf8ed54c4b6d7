"""What is wrong with the addresses of environments: each can be listened on, by one environment alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from seatrial.errors import BadInput
from seatrial.gateway import ports
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Environment, Pipeline, Release, place_of

if TYPE_CHECKING:
    from seatrial.pipeline.pipeline import Stage
    from seatrial.project.project import Project

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


def taken(project: Project, stages: Iterable[Stage]) -> Iterator[str]:
    """What to say, before anything runs, of addresses that releases among the stages will be refused."""
    from seatrial.journal import releases
    from seatrial.release.address import owner_of

    journal = project.home.journal
    wanted = {stage.options.environment for stage in stages if isinstance(stage.options, Release)}
    for one in project.pipeline.environments:
        if one.name in wanted and one.address and one.target == OURS:
            row = releases.environment(journal, project.name, one.name)
            other = owner_of(journal, row, ports.parse_address(one.address)[1])
            if other is not None:
                yield (
                    f"{place_of(one, 'address')}: the address of `{one.name}`, {one.address}, belongs to "
                    f"{other.project}/{other.name}: its release will be refused"
                )


def _meet(one: str, other: str) -> bool:
    """Whether who listens on one host leaves nothing to who listens on the other, at the same port."""
    return one == other or one in EVERY_HOST or other in EVERY_HOST
