"""A run on its way: all that its loop knows."""

import os
import threading
from collections import deque
from collections.abc import Mapping
from queue import SimpleQueue

from seatrial.journal import runs
from seatrial.journal.runs import StageRun, Start
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline import graph
from seatrial.pipeline.graph import Graph
from seatrial.pipeline.pipeline import Stage
from seatrial.run import groups, turns
from seatrial.run.action import Context, Key
from seatrial.run.cancellation import Cancellation
from seatrial.run.events import Listener, RunStarted
from seatrial.run.groups import Groups
from seatrial.run.outcome import Outcome
from seatrial.run.request import Request, context_of
from seatrial.run.sink import Sink, hidden
from seatrial.run.stage_work import Done
from seatrial.run.turns import Turns
from seatrial.system import process


class Run(NamedTuple):
    """A run on its way. Only the loop changes it; threads give what they did to `done`."""

    request: Request
    context: Context
    graph: Graph
    positions: Mapping[str, int]
    outcomes: dict[str, Outcome]
    keys: dict[str, Key | None]
    ready: deque[str]  # all that they need has ended
    waiting: deque[str]  # they have work to do, and wait for a free thread
    working: dict[str, float]  # since when
    ended: deque[str]  # what follows from their end has not been looked at
    repaired: set[str]  # something was made again for them
    stale: set[str]  # at work when what they read was found lost by another
    groups: Groups
    turns: Turns
    rows: list[StageRun]  # not recorded yet, nor are these kept
    results: list[Done]
    recorded: list[float]  # when that was done last
    tasks: SimpleQueue[Stage | None]
    threads: list[threading.Thread]  # at most as many as stages ever worked at the same time
    done: SimpleQueue[Done | None]
    sink: Sink
    cancellation: Cancellation


def begin(
    request: Request, listener: Listener, done: SimpleQueue[Done | None], cancelled: Cancellation
) -> Run:
    names = tuple(stage.name for stage in request.stages)
    row = runs.start(request.journal, _what(request, names))
    secret = hidden(request.pipeline, request.home, request.host_env)
    sink = Sink(request.home, row.id, secret, listener)
    sink.tell(RunStarted(row.id, row.number, names))
    outcomes: dict[str, Outcome] = {}
    context = context_of(request, row.id, row.number, outcomes, sink.log, cancelled.is_set, sink.tell_now)
    return Run(
        request,
        context._replace(hide=sink.hide),
        graph.build(request.stages),
        {name: i for i, name in enumerate(names)},
        outcomes,
        keys={},
        ready=deque(),
        waiting=deque(),
        working={},
        ended=deque(),
        repaired=set(),
        stale=set(),
        groups=groups.begin(),
        turns=turns.begin(request.home),
        rows=[],
        results=[],
        recorded=[0.0],
        tasks=SimpleQueue(),
        threads=[],
        done=done,
        sink=sink,
        cancellation=cancelled,
    )


def _what(request: Request, names: tuple[str, ...]) -> Start:
    change = request.change
    owner = process.identify(os.getpid())
    assert owner is not None
    return Start(
        request.project,
        request.pipeline.path,
        change.commit,
        change.branch,
        change.tree,
        change.dirty,
        owner,
        {
            "stages": names,
            "fresh": request.fresh,
            "title": change.message,
            "author": change.author,
            "committed": change.committed,
            **({"request": request.facts.request} if request.facts.request else {}),
        },
    )
