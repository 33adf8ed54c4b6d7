"""What the runner asks of the kinds of a stage; `seatrial.actions` holds them all.

The contract: `key` is called once a stage run, after everything upstream has succeeded, and reads but never
changes anything, but for a Python environment that it may build. A stage whose key has a result is restored
and `perform` is not called. `perform` may run at the same time as those of other stages, in a thread of its
own; it may die at any instruction and be called again, and must then complete or undo what it had begun. It
returns an `Outcome`; a `Problem` that it raises is recorded as one (`StageFailed`, `Refused` and
`Inconclusive` as failed, others as errored).
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from seatrial.commit.change import Change
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import Pipeline, Stage
from seatrial.run.outcome import Outcome
from seatrial.run.variables import Folders
from seatrial.store.store import Store
from seatrial.store.trees import Tree


class Key(NamedTuple):
    """The digest of all that a stage's result depends on, and what it was made of, by name, for `explain`.

    An ingredient is ("input data/train.csv", "sha256:…"), ("variable LR", "0.1"), ("command", "…"), …
    """

    digest: str
    ingredients: tuple[tuple[str, str], ...]


class Aside(NamedTuple):
    """What is known of a run's stages before it is on disk, or need not be found out twice.

    `trees` are outputs, by their digest, that the store does not hold yet: see `contents.save_made`. `reads`
    is what a stage reads, by its name, and what it was asked for.
    """

    trees: dict[str, Tree]
    reads: dict[str, Any]


class Rooms(NamedTuple):
    """The folders of ended stages: those that others may work in, those to be cleared before, and those
    that nobody else may have, as something of their stage may still work in them."""

    free: deque[tuple[Path, Folders]]
    left: deque[Any]
    occupied: set[Path]


class Context(NamedTuple):
    """What one run offers its stages."""

    home: Path
    journal: Journal
    store: Store
    project: str
    run: str
    number: int
    change: Change
    tree: Tree  # the commit's content
    pipeline: Pipeline
    outcomes: Mapping[str, Outcome]  # of the stages that are over, by name
    host_env: Mapping[str, str]  # the variables that we were started with
    log: Callable[[str, bytes], None]  # (stage name, raw output) → masked, stamped, kept and shown
    is_cancelled: Callable[[], bool]
    tell: Callable[[Any], None]  # a `RunEvent`, to whoever watches
    whole: Tree = ()  # what a stage without `inputs` sees: the tree less the pipeline file and `ignore`
    whole_digest: str = ""  # of `whole`; "" = nobody has asked yet
    rooms: Rooms | None = None
    aside: Aside | None = None
    assigned: dict[str, str] | None = None  # variables that steps of the run have set for all after them
    meanwhile: Callable[[], None] = lambda: None  # what can be done while a command runs
    facts: Facts = Facts()
    hide: Callable[[Iterable[str]], None] = lambda _: None  # more that no log may show
    approve: Callable[[Stage, Any], Any] = lambda _stage, _context: None  # the action that asks a person
    begun: dict[str, float] | None = None  # when the first of the stages that share a limit began


class Action(Protocol):
    """A module of `seatrial.actions`."""

    def key(self, stage: Stage, context: Context) -> Key | None:
        """None: nothing of this stage is ever kept or restored."""
        ...

    def perform(self, stage: Stage, context: Context) -> Outcome: ...
