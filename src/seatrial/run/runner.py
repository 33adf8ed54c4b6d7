"""The loop that drives a run: it starts what may start, takes in what has ended, and records both.

The loop itself never waits for a stage's work: that is done in threads, at most `jobs` at a time. What has a
result is taken in the loop, so a run with nothing to do starts none.
"""

import os
import threading
from collections import deque
from collections.abc import Mapping
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from seatrial.commit import export
from seatrial.errors import Problem
from seatrial.journal import runs
from seatrial.journal.runs import StageRun, Start
from seatrial.pipeline import condition, graph
from seatrial.pipeline.graph import Graph
from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.run import (
    cache,
    cancellation,
    contents,
    facts,
    interpreters,
    recovery,
    schedule,
    stage_work,
    surroundings,
    workspace,
)
from seatrial.run.action import CANCELLED, ERRORED, RUNNING, SKIPPED, Context, Key, Outcome
from seatrial.run.all_executors import ask_for
from seatrial.run.cache import Hit
from seatrial.run.cancellation import Cancellation
from seatrial.run.events import (
    Listener,
    NotReproducible,
    RunFinished,
    RunStarted,
    StageFinished,
    StageReopened,
    StageRestored,
    StageStarted,
)
from seatrial.run.request import Request, RunResult, context_of
from seatrial.run.sink import Sink, hidden
from seatrial.run.stage_work import Done
from seatrial.store.store import using
from seatrial.system import clock, process

FINALLY = "finally"
_MOMENT_SECONDS = 0.1
_PATIENCE_SECONDS = 2.0


class _Run(NamedTuple):
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
    repaired: set[str]
    rows: list[StageRun]  # not recorded yet, nor are these kept
    results: list[Done]
    recorded: list[float]  # when that was done last
    tasks: SimpleQueue[Stage | None]
    threads: list[threading.Thread]  # at most as many as stages ever worked at the same time
    done: SimpleQueue[Done | None]
    sink: Sink
    cancellation: Cancellation


def run(request: Request, listener: Listener = lambda _: None) -> RunResult:
    """Run the chosen stages and return what became of them; a stage that fails is no exception.

    Raises Problem only for what keeps the run as such from going on, e.g. a full disk below the journal.
    """
    start = clock.monotonic()
    recovery.recover(request.journal, request.home)
    ask_for(request.stages)
    interpreters.ask_for(request.stages, request.host_env)
    done: SimpleQueue[Done | None] = SimpleQueue()
    # What stages make is in no record until they end.
    with using(request.store), cancellation.listening(partial(done.put, None)) as cancelled:
        current = _begin(request, listener, done, cancelled)
        try:
            _drive(current)
            _finally(current)
            return _end(current, clock.monotonic() - start)
        except BaseException as error:
            cancelled.times += 1
            is_asked = isinstance(error, KeyboardInterrupt)
            if is_asked:
                _end_at_once(current)
            _clean(current)
            runs.finish(request.journal, current.context.run, CANCELLED if is_asked else ERRORED)
            raise
        finally:
            for _ in current.threads:
                current.tasks.put(None)


def _begin(
    request: Request, listener: Listener, done: SimpleQueue[Done | None], cancelled: Cancellation
) -> _Run:
    names = tuple(stage.name for stage in request.stages)
    row = runs.start(request.journal, _what(request, names))
    secret = hidden(request.pipeline, request.home, request.host_env)
    sink = Sink(request.home, row.id, secret, listener)
    sink.tell(RunStarted(row.id, row.number, names))
    outcomes: dict[str, Outcome] = {}
    return _Run(
        request,
        context_of(request, row.id, row.number, outcomes, sink.log, cancelled.is_set, sink.tell_now),
        graph.build(request.stages),
        {name: i for i, name in enumerate(names)},
        outcomes,
        keys={},
        ready=deque(),
        waiting=deque(),
        working={},
        ended=deque(),
        repaired=set(),
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
        },
    )


def _drive(run: _Run) -> None:
    """Until nothing is ready and nothing works."""
    jobs = run.request.jobs or len(os.sched_getaffinity(0))
    run.ready.extend(schedule.first(run.graph).ready)
    while True:
        while run.ready:
            _look(run, run.graph.stages[run.ready.popleft()])
            _follow(run)
        while run.waiting and len(run.working) < jobs:
            _start(run, run.graph.stages[run.waiting.popleft()])
        _follow(run)
        if run.ready or (run.waiting and len(run.working) < jobs):
            continue
        _meanwhile(run)
        if not run.working:
            break
        try:
            done = run.done.get(timeout=_MOMENT_SECONDS if run.rows else None)
        except Empty:
            continue
        if done is not None:
            _take(run, done)
            _follow(run)
    _record(run)


def _look(run: _Run, stage: Stage) -> None:
    """Decide what a stage that may start needs: nothing, its kept result, or work."""
    if run.context.is_cancelled():
        _settle(run, stage.name, Outcome(CANCELLED, message="the run was stopped"))
        return
    if decider := _decider_against(run, stage):
        _settle(run, stage.name, Outcome(SKIPPED, message=f"the condition of {decider} does not hold"))
        return
    try:
        if not condition.decide(stage.when, facts.of_stage(stage, run.request.facts, run.context)):
            _settle(run, stage.name, Outcome(SKIPPED, message=f"its condition does not hold: {stage.when}"))
            return
        if not surroundings.is_known(stage, run.context):
            run.waiting.append(stage.name)
            return
        action = run.request.actions[stage.action]
        if stage.action != COMMAND:  # its key may be made of what lies in the outputs of others
            contents.save_made(run.context)
        found = stage_work.look(stage, run.context, action, fresh=run.request.fresh)
    except Problem as problem:
        _settle(run, stage.name, stage_work.of_problem(problem, stage, run.context))
        return
    run.keys[stage.name] = found.key
    if found.hit:
        _restore(run, stage.name, found.hit)
    else:
        run.waiting.append(stage.name)


def _decider_against(run: _Run, stage: Stage) -> str:
    """The stage that decided by its steps that this one is left out; "" where there is none."""
    left_out = (name for name in stage.left_out_with if name in run.outcomes)
    return next((name for name in left_out if run.outcomes[name].status == SKIPPED), "")


def _restore(run: _Run, name: str, hit: Hit) -> None:
    _settle(run, name, hit.outcome, hit=hit)


def _start(run: _Run, stage: Stage) -> None:
    """Let a stage do its work: in a thread of its own, unless it is the only one that can.

    The loop then has nothing else to do, and a thread costs as much as a small command does.
    """
    if run.context.is_cancelled():
        _settle(run, stage.name, Outcome(CANCELLED, message="the run was stopped"))
        return
    alone = not (run.working or run.waiting) and stage.action == COMMAND and stage.name in run.keys
    run.working[stage.name] = clock.now()
    run.rows.append(_row(run, stage.name, RUNNING))
    run.sink.tell(StageStarted(stage.name))
    if alone:
        _take(run, _work(run, stage, run.context._replace(meanwhile=partial(_meanwhile, run))))
        return
    contents.save_made(run.context)
    run.tasks.put(stage)
    if len(run.threads) < len(run.working):
        run.threads.append(threading.Thread(target=_serve, args=(run,), daemon=True))
        run.threads[-1].start()


def _serve(run: _Run) -> None:
    """What a thread does: one stage after the other, under its name, until there is none any more."""
    me = threading.current_thread()
    while (stage := run.tasks.get()) is not None:
        me.name = stage.name
        _report(run, stage)


def _report(run: _Run, stage: Stage) -> None:
    """Always say something, or the loop would wait for ever."""
    try:
        done = _work(run, stage, run.context)
    except BaseException as error:  # noqa: BLE001 - a defect of ours
        done = Done(stage.name, stage_work.of_defect(stage, run.context, error))
    run.done.put(done)


def _work(run: _Run, stage: Stage, context: Context) -> Done:
    action, fresh = run.request.actions[stage.action], run.request.fresh
    if stage.name in run.keys:
        return stage_work.work(stage, context, action, run.keys[stage.name], fresh=fresh)
    return stage_work.look_and_work(stage, context, action, fresh=fresh)


def _take(run: _Run, done: Done) -> None:
    """Take in what a thread has done."""
    name = done.stage
    run.keys[name] = done.key
    if done.missing and name not in run.repaired:
        run.repaired.add(name)
        try:
            _repair(run, run.graph.stages[name], done.missing)
        except Problem as problem:
            outcome = stage_work.of_problem(problem, run.graph.stages[name], run.context)
            done = done._replace(outcome=outcome)
        else:
            del run.working[name]
            return
    run.sink.close(name)
    outcome = done.outcome
    if stage_work.is_to_keep(run.graph.stages[name], done):
        run.results.append(done)
    if done.differs:
        run.sink.tell(NotReproducible(name, outcome.outputs, done.differs))
        outcome = outcome._replace(body={**outcome.body, "not_reproducible": done.differs})
    _settle(run, name, outcome, done.seconds, done.hit)


def _repair(run: _Run, stage: Stage, digest: str) -> None:
    """Let what made a lost content make it again, before the stage that wants it is tried once more.

    The outputs of stages are made by them; anything else came from the commit. Raises Problem.
    """
    contents.save_made(run.context)
    lost = [need for need in stage.needs if _is_lost(run, need)]
    if not lost:
        export.bring_back(run.context.store, run.context.change, digest)
        run.ready.append(stage.name)
    for need in lost:
        del run.outcomes[need]
        run.sink.tell(StageReopened(need, "its outputs are damaged or no longer in the store"))
        run.ready.append(need)


def _is_lost(run: _Run, need: str) -> bool:
    key, outcome = run.keys.get(need), run.outcomes.get(need)
    if key is None or outcome is None or not outcome.outputs:
        return False
    return cache.drop_damaged(run.context, key.digest, outcome)


def _settle(run: _Run, name: str, outcome: Outcome, seconds: float = 0.0, hit: Hit | None = None) -> None:
    """A stage has come to its end in this run."""
    outcome = outcome._replace(message=run.sink.masked(outcome.message))
    if finding := outcome.body.get("finding"):
        outcome = outcome._replace(body={**outcome.body, "finding": run.sink.masked(finding)})
    run.outcomes[name] = outcome
    run.ended.append(name)
    run.rows.append(_row(run, name, outcome.status, outcome, seconds, hit))
    run.working.pop(name, None)
    contents.forget(run.context, name)
    if hit:
        run.sink.tell(StageRestored(name, outcome, hit.run, hit.seconds))
    else:
        run.sink.tell(StageFinished(name, outcome, seconds))


def _follow(run: _Run) -> None:
    """What follows from the ends of stages: others may start, or never will."""
    while run.ended:
        following = schedule.after(run.graph, run.ended.popleft(), run.outcomes)
        busy = {*run.ready, *run.waiting, *run.working} if following.ready else ()
        run.ready.extend(name for name in following.ready if name not in busy)
        for name, reason in following.skipped:
            _settle(run, name, Outcome(SKIPPED, message=reason, body={"obstacle": reason}))


def _row(
    run: _Run,
    name: str,
    status: str,
    outcome: Outcome | None = None,
    seconds: float = 0.0,
    hit: Hit | None = None,
) -> StageRun:
    key = run.keys.get(name)
    started = run.working.get(name)
    body: dict[str, Any] = {}
    if outcome is not None:
        body = {"message": outcome.message, "outputs": outcome.outputs, "exit_code": outcome.exit_code}
        body["body"] = outcome.body
    if hit:
        body["restored_from"] = hit.run
    position = run.positions.get(name, len(run.positions))
    attempt = 0 if started is None or hit else 1 if outcome is None else outcome.body.get("attempts", 1)
    digest = key.digest if key else ""
    return StageRun(run.context.run, name, position, status, digest, attempt, started, seconds, body)


def _meanwhile(run: _Run) -> None:
    """What can be done while commands run, and keeps no stage waiting."""
    contents.save_made(run.context)
    run.sink.catch_up()
    _record_soon(run)


def _record_soon(run: _Run) -> None:
    """Record unless that was done a moment ago: small stages are recorded many at a time.

    Who is killed before loses what the last moment gave, and does it again.
    """
    if clock.monotonic() - run.recorded[0] >= _MOMENT_SECONDS:
        _record(run)


def _record(run: _Run) -> None:
    """Write down what happened since the last time, in one transaction."""
    if not run.rows:
        return
    run.recorded[0] = clock.monotonic()
    contents.save_made(run.context)
    with run.context.journal.change():
        for done in run.results:
            assert done.key is not None
            cache.keep(run.context, run.graph.stages[done.stage], done.key, done.outcome, done.seconds)
        runs.record(run.context.journal, run.rows)
    run.results.clear()
    run.rows.clear()


def _finally(run: _Run) -> None:
    """What the pipeline wants to be run at its end, in the workspace of its stages where they share one."""
    blocks = run.request.pipeline.finally_
    status = schedule.status_of(run.outcomes.values())
    if not blocks:
        return
    from seatrial.run import attempt

    previous = attempt.previous_status(run.context)
    if not any(condition.holds(block.condition, status, previous) for block in blocks):
        return
    shared = next((stage.workspace for stage in run.request.stages if stage.workspace), "")
    image = run.request.pipeline.image
    stage = Stage(
        FINALLY,
        run.request.stages[0].place,
        workspace=shared,
        finally_=blocks,
        effects=True,
        image=image,
        executor="docker" if image else "local",
    )
    run.working[FINALLY] = clock.now()
    run.sink.tell(StageStarted(FINALLY))
    run.sink.catch_up()
    start = clock.monotonic()
    try:
        outcome = attempt.finally_stage(run.context, stage, status)
    except Problem as problem:
        outcome = stage_work.of_problem(problem, stage, run.context)
    run.sink.close(FINALLY)
    _settle(run, FINALLY, outcome, clock.monotonic() - start)
    _record(run)


def _end(run: _Run, seconds: float) -> RunResult:
    status = schedule.status_of(run.outcomes.values())
    code = schedule.exit_code_of(run.outcomes.values())
    _clean(run)
    context = run.context
    runs.finish(context.journal, context.run, status, {"exit_code": code, "seconds": round(seconds, 3)})
    run.sink.tell(RunFinished(context.run, status, code, seconds))
    run.sink.catch_up()
    return RunResult(context.run, context.number, status, code, run.outcomes, seconds)


def _end_at_once(run: _Run) -> None:
    """Kill whatever the stages have started, until their threads have seen it and start nothing more."""
    deadline = clock.monotonic() + _PATIENCE_SECONDS
    while True:
        process.end_token(run.context.run, 0)
        busy = [thread for thread in threading.enumerate() if thread.name in run.working]
        if not busy or clock.monotonic() > deadline:
            return
        busy[0].join(_MOMENT_SECONDS / 5)


def _clean(run: _Run) -> None:
    """Leave nothing of the run behind but its records; nothing was made where no stage did any work."""
    run.sink.close_all()
    if run.sink.has_worked:
        workspace.clear_left(run.context)
        recovery.clean(run.context.home, run.context.run)
