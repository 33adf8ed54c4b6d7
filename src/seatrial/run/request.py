"""What the runner is asked for, and what it answers."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from seatrial.commit.change import Change
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import APPROVE, Pipeline, Stage
from seatrial.run import contents
from seatrial.run.action import Action, Aside, Context, Rooms
from seatrial.run.events import RunEvent
from seatrial.run.outcome import Outcome
from seatrial.store import trees
from seatrial.store.store import Store
from seatrial.store.trees import Tree


class Request(NamedTuple):
    """What is to be run.

    `pipeline` is the whole one, loaded (matrices expanded, needs written out); `stages` are those chosen,
    with all that they need (see `graph.select`). `tree` is the content of `change` (see `export.tree_of`).
    `actions` has the module of each kind. `jobs` stages work at the same time; 0 = as many as cores.
    """

    home: Path
    journal: Journal
    store: Store
    project: str
    change: Change
    tree: Tree
    pipeline: Pipeline
    stages: tuple[Stage, ...]
    actions: Mapping[str, Action]
    host_env: Mapping[str, str] = os.environ
    facts: Facts = Facts()
    jobs: int = 0
    fresh: bool = False


class RunResult(NamedTuple):
    """`exit_code` is one of `seatrial.errors`; `outcomes` has every chosen stage, by name."""

    run: str
    number: int
    status: str
    exit_code: int
    outcomes: Mapping[str, Outcome]
    seconds: float


def context_of(
    request: Request,
    run: str,
    number: int,
    outcomes: Mapping[str, Outcome],
    log: Callable[[str, bytes], None],
    is_cancelled: Callable[[], bool],
    tell: Callable[[RunEvent], None],
) -> Context:
    """What the actions of one run are offered; `outcomes` grows as the stages end."""
    whole = contents.whole(request.tree, request.pipeline) if _reads_all(request.stages) else ()
    return Context(
        request.home,
        request.journal,
        request.store,
        request.project,
        run,
        number,
        request.change,
        request.tree,
        request.pipeline,
        outcomes,
        request.host_env,
        log,
        is_cancelled,
        tell,
        whole,
        trees.digest(whole) if whole else "",
        Rooms(deque(), deque(), set()),
        Aside({}, {}),
        assigned={},
        facts=request.facts,
        begun={},
        approve=_asking(request),
    )


def _asking(request: Request) -> Callable[[Stage, Context], object]:
    """What asks a person, in the midst of a stage too; loaded where it is asked."""

    def ask(stage: Stage, context: Context) -> object:
        return request.actions[APPROVE].perform(stage, context)

    return ask


def _reads_all(stages: Iterable[Stage]) -> bool:
    return any(stage.inputs is None and not stage.workspace for stage in stages)
