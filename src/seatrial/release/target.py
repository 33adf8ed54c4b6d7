"""Where revisions run: the interface that every file of `targets/` has.

    NAME = "process"                     # the word of the pipeline file
    CAN = frozenset({WEIGHT, SWITCH})    # what it offers to strategies
    def problem() -> str                 # why this machine cannot do it, "" where it can; changes nothing
    def observe(place, candidate, release) -> Observation
    def apply(place, revision, release)  # begin to start it; returns at once; safe while it starts or runs
    def route(place, weights)            # make the weights be in force; raises Infrastructure until they are
    def remove(place, revision)          # begin to drain and end it; returns at once; safe while it leaves
    def tend(place, tended)              # do what the servers of this target need, whoever they belong to

One supervisor calls them, one at a time. `observe` sees what is, also what an earlier supervisor left;
`apply` is called once a revision is wanted and absent, `route` only with weights of revisions that are ready,
`remove` only for a revision without weight. What takes long runs as a job of the yard and is observed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from seatrial.gateway.lease import Lease
from seatrial.gateway.lifecycle import Serving
from seatrial.gateway.proxy import Proxy
from seatrial.gateway.yard import Yard
from seatrial.journal.releases import EnvironmentRow, RevisionRow
from seatrial.journal.servers import ServerRow
from seatrial.named_tuple import NamedTuple
from seatrial.release.decide import State


class Ground(NamedTuple):
    """What all environments of a home stand on. `prepare` makes a server's files, in a folder; slow.

    `failures` are those of single environments, by project, name and what was tried there. `lease` is what
    lets candidates have requests.
    """

    yard: Yard
    proxy: Proxy
    prepare: Callable[[RevisionRow, Path], Serving]
    failures: dict[tuple[str, str, str], Failure]
    lease: Lease


class Failure(NamedTuple):
    """What kept an environment from being brought to where it is to be, for so many `times` in a row.

    It is tried again after a pause, or at once when something else is wished.
    """

    text: str
    times: int
    not_before: float
    wish: tuple[str, ...]


class Place(NamedTuple):
    """One environment, as its row is at this moment."""

    ground: Ground
    row: EnvironmentRow


class Observation(NamedTuple):
    """`weights` are those in force; `problem` says why requests cannot reach the environment at all.

    `stuck` says why other weights that were asked for are not in force; `is_refused`: they never will be.
    """

    states: Mapping[str, State]
    weights: Mapping[str, int]
    problem: str = ""
    stuck: str = ""
    is_refused: bool = False


class Target(Protocol):
    NAME: str
    CAN: frozenset[str]

    def problem(self) -> str: ...

    def observe(self, place: Place, candidate: str, release: str) -> Observation: ...

    def apply(self, place: Place, revision: RevisionRow, release: str) -> None: ...

    def route(self, place: Place, weights: Mapping[str, int]) -> None: ...

    def remove(self, place: Place, revision: str) -> None: ...

    def tend(self, ground: Ground, tended: Sequence[ServerRow]) -> None: ...
