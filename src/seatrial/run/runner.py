"""The loop that drives a run: it starts what may start, takes in what has ended, and records both.

The loop itself never waits for a stage's work: that is done in threads, at most `jobs` at a time. What has a
result is taken in the loop, so a run with nothing to do starts none.
"""

import os
import threading
from functools import partial
from queue import Empty, SimpleQueue

from seatrial.errors import Infrastructure, Problem
from seatrial.journal import runs
from seatrial.pipeline import condition
from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.run import (
    cancellation,
    contents,
    facts,
    groups,
    interpreters,
    recording,
    recovery,
    repair,
    running,
    schedule,
    stage_work,
    surroundings,
    turns,
    workspace,
)
from seatrial.run.action import (
    CANCELLED,
    ERRORED,
    FAILED,
    RUNNING,
    SKIPPED,
    STOPPED,
    SUCCEEDED,
    UNSTABLE,
    Context,
    Outcome,
)
from seatrial.run.all_executors import ask_for
from seatrial.run.cache import Hit
from seatrial.run.events import (
    Listener,
    NotReproducible,
    RunFinished,
    StageBlocked,
    StageFinished,
    StageReopened,
    StageRestored,
    StageStarted,
)
from seatrial.run.request import Request, RunResult
from seatrial.run.running import Run
from seatrial.run.stage_work import Done
from seatrial.store import blobs
from seatrial.store.store import using
from seatrial.system import clock, process
from seatrial.system.disk import FullDisk

FINALLY = "finally"
# Python sees a signal that comes just before a wait only when the wait ends.
_LONGEST_SECONDS = 0.5
_PATIENCE_SECONDS = 2.0


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
        current = running.begin(request, listener, done, cancelled)
        try:
            return _through(current, start, cancelled)
        except FullDisk:
            if any(one.message.startswith(FullDisk.SAID) for one in current.outcomes.values()):
                raise Infrastructure("there is no space to record the end of the run either") from None
            raise
        finally:
            turns.end(current.turns)
            for _ in current.threads:
                current.tasks.put(None)


def _through(run: Run, start: float, cancelled: cancellation.Cancellation) -> RunResult:
    """To its end, which is recorded whatever happens."""
    try:
        for left in reversed(range(run.request.pipeline.attempts)):
            _drive(run)
            _finally(run)
            if not left or schedule.status_of(run.outcomes.values()) != FAILED:
                break
            _forget(run)
        return _end(run, clock.monotonic() - start)
    except BaseException as error:
        cancelled.times += 1
        is_asked = isinstance(error, KeyboardInterrupt)
        if is_asked:
            _end_at_once(run)
        _clean(run)
        runs.finish(run.request.journal, run.context.run, CANCELLED if is_asked else ERRORED)
        raise


def _drive(run: Run) -> None:
    """Until nothing is ready, nothing works, and nothing waits for its turn."""
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
        _look_at_blocked(run)
        if run.ready:
            continue
        if not (run.working or run.turns.blocked):
            break
        if done := _next_done(run):
            _take(run, done)
            _follow(run)
    recording.record(run)


def _next_done(run: Run) -> Done | None:
    """What a thread has done; None where nothing came for a while, or a signal did."""
    is_soon = run.rows or run.turns.blocked
    try:
        return run.done.get(timeout=recording.MOMENT_SECONDS if is_soon else _LONGEST_SECONDS)
    except Empty:
        return None


def _forget(run: Run) -> None:
    """Let all stages run again."""
    run.sink.tell(StageReopened(next(iter(run.graph.stages)), "Retrying: the pipeline failed"))
    run.outcomes.clear()
    run.ended.clear()
    run.groups.stopped.clear()
    run.groups.tries.clear()


def _is_ended(run: Run, stage: Stage) -> bool:
    """Settle a stage that is not to begin any more."""
    stopped = groups.is_stopped(run.groups, stage)
    if run.context.is_cancelled():
        _settle(run, stage.name, Outcome(CANCELLED, message="the run was stopped"))
    elif stopped:
        _settle(run, stage.name, Outcome(CANCELLED, message="another branch failed", body={STOPPED: True}))
    return stopped or run.context.is_cancelled()


def _is_early(run: Run, stage: Stage) -> bool:
    """Whether what a stage needs is being made again: the end of that lets it begin."""
    return not schedule.has_needs(run.graph, stage, run.outcomes)


def _look(run: Run, stage: Stage) -> None:
    """Decide what a stage that may start needs: nothing, its kept result, or work."""
    if _is_ended(run, stage) or _is_early(run, stage):
        return
    if decider := _decider_against(run, stage):
        _settle(run, stage.name, Outcome(SKIPPED, message=f"the condition of {decider} does not hold"))
        return
    try:
        if why := facts.left_out(stage, run.request.facts, run.context):
            _settle(run, stage.name, Outcome(SKIPPED, message=why))
            return
        if not surroundings.is_known(stage, run.context):
            run.waiting.append(stage.name)
            return
        action = run.request.actions[stage.action]
        if stage.action != COMMAND:  # its key may be made of what lies in the outputs of others
            contents.save_made(run.context)
        found = stage_work.look(stage, run.context, action, fresh=run.request.fresh)
    except blobs.Missing as missing:
        _take(run, stage_work.lacking(missing, stage, run.context))
        return
    except Problem as problem:
        _settle(run, stage.name, stage_work.of_problem(problem, stage, run.context))
        return
    run.keys[stage.name] = found.key
    if found.hit:
        _restore(run, stage.name, found.hit)
    else:
        run.waiting.append(stage.name)


def _decider_against(run: Run, stage: Stage) -> str:
    """The stage that decided by its steps that this one is left out; "" where there is none."""
    left_out = (name for name in stage.left_out_with if name in run.outcomes)
    return next((name for name in left_out if run.outcomes[name].status == SKIPPED), "")


def _restore(run: Run, name: str, hit: Hit) -> None:
    _settle(run, name, hit.outcome, hit=hit)


def _start(run: Run, stage: Stage) -> None:
    """Let a stage do its work: in a thread of its own, unless it is the only one that can.

    The loop then has nothing else to do, and a thread costs as much as a small command does.
    """
    if _is_ended(run, stage) or _is_early(run, stage) or not _has_turn(run, stage):
        return
    is_busy = run.working or run.waiting or run.turns.blocked
    alone = not is_busy and stage.action == COMMAND and stage.name in run.keys
    run.working[stage.name] = clock.now()
    run.rows.append(recording.row(run, stage.name, RUNNING))
    run.sink.tell(StageStarted(stage.name))
    if alone:
        _take(run, _work(run, stage, run.context._replace(meanwhile=partial(_meanwhile, run))))
        return
    contents.save_made(run.context)
    run.tasks.put(stage)
    if len(run.threads) < len(run.working):
        run.threads.append(threading.Thread(target=_serve, args=(run,), daemon=True))
        run.threads[-1].start()


def _has_turn(run: Run, stage: Stage) -> bool:
    """Whether a stage may work, else it is blocked. Where its key is not known yet, its thread asks."""
    if stage.name not in run.keys or turns.take(run.turns, stage, run.keys[stage.name]):
        return True
    turns.block(run.turns, stage.name)
    return False


def _look_at_blocked(run: Run) -> None:
    """Let those go on whose turn it may be, and those that are to end."""
    freed = [name for name in run.turns.blocked if _is_to_look_again(run, name)]
    for name in freed:
        del run.turns.blocked[name]
    if freed:  # by a run that was killed, perhaps: what it has left comes to an end first
        recovery.recover(run.request.journal, run.request.home)
    run.ready.extend(freed)


def _is_to_look_again(run: Run, name: str) -> bool:
    key = run.keys[name]
    assert key is not None
    if turns.is_free(run.turns, key) or run.context.is_cancelled():
        return True
    if turns.is_to_say(run.turns, name, key):
        working = runs.at_work(run.context.journal, key.digest, beside=run.context.run)
        run.sink.tell(StageBlocked(name, working))
    return groups.is_stopped(run.groups, run.graph.stages[name])


def _serve(run: Run) -> None:
    """What a thread does: one stage after the other, under its name, until there is none any more."""
    me = threading.current_thread()
    while (stage := run.tasks.get()) is not None:
        me.name = stage.name
        _report(run, stage)


def _report(run: Run, stage: Stage) -> None:
    """Always say something, or the loop would wait for ever."""
    try:
        done = _work(run, stage, run.context)
    except BaseException as error:  # noqa: BLE001 - a defect of ours
        done = Done(stage.name, stage_work.of_defect(stage, run.context, error))
    run.done.put(done)


def _work(run: Run, stage: Stage, context: Context) -> Done:
    if stage.stopped_with and not stage.regardless:
        context = context._replace(
            is_cancelled=lambda: run.context.is_cancelled() or groups.is_stopped(run.groups, stage)
        )
    action, fresh = run.request.actions[stage.action], run.request.fresh
    if stage.name in run.keys:
        return stage_work.work(stage, context, action, run.keys[stage.name], fresh=fresh)
    return stage_work.look_and_work(stage, context, action, partial(turns.take, run.turns), fresh=fresh)


def _take(run: Run, done: Done) -> None:
    """Take in what a thread has done."""
    name = done.stage
    run.keys[name] = done.key
    if done.is_blocked:
        _leave(run, name)
        turns.block(run.turns, name)
        return
    if done.missing:
        try:
            if repair.is_under_way(run, run.graph.stages[name], done.missing):
                _leave(run, name)
                del run.keys[name]
                return
        except Problem as problem:
            outcome = stage_work.of_problem(problem, run.graph.stages[name], run.context)
            done = done._replace(outcome=outcome)
    run.sink.close(name)
    outcome = done.outcome
    if stage_work.is_to_keep(run.graph.stages[name], done):
        run.results.append(done)
    if done.differs:
        run.sink.tell(NotReproducible(name, outcome.outputs, done.differs))
        outcome = outcome._replace(body={**outcome.body, "not_reproducible": done.differs})
    if outcome.status == CANCELLED and not run.context.is_cancelled() and _is_stopped(run, name, outcome):
        outcome = outcome._replace(message="another branch failed", body={**outcome.body, STOPPED: True})
    _settle(run, name, outcome, done.seconds, done.hit)


def _leave(run: Run, name: str) -> None:
    """A stage does not work any more, and has not come to its end."""
    run.working.pop(name, None)
    turns.give_back(run.turns, name)


def _is_stopped(run: Run, name: str, outcome: Outcome) -> bool:
    return groups.is_stopped(run.groups, run.graph.stages[name]) and not schedule.goes_on(outcome)


def _settle(run: Run, name: str, outcome: Outcome, seconds: float = 0.0, hit: Hit | None = None) -> None:
    """A stage has come to its end in this run."""
    outcome = outcome._replace(message=run.sink.masked(outcome.message))
    if finding := outcome.body.get("finding"):
        outcome = outcome._replace(body={**outcome.body, "finding": run.sink.masked(finding)})
    run.outcomes[name] = outcome
    run.ended.append(name)
    if name in run.graph.stages:
        groups.note(run.groups, run.graph.stages[name], outcome)
    run.rows.append(recording.row(run, name, outcome.status, outcome, seconds, hit))
    run.working.pop(name, None)
    contents.forget(run.context, name)
    if hit:
        run.sink.tell(StageRestored(name, outcome, hit.run, hit.seconds))
    else:
        run.sink.tell(StageFinished(name, outcome, seconds))


def _follow(run: Run) -> None:
    """What follows from the ends of stages: others may start, or never will."""
    while run.ended or _decided(run):
        ended = run.graph.stages[run.ended.popleft()]
        groups.hold(run.groups, ended)
        following = schedule.after(run.graph, ended.name, run.outcomes)
        busy = {*run.ready, *run.waiting, *run.working, *run.turns.blocked} if following.ready else ()
        for name in following.ready:
            if name not in busy and not _is_held(run, ended, name):
                run.ready.append(name)
        for name, reason in following.skipped:
            if not _is_held(run, ended, name):
                _settle(run, name, Outcome(SKIPPED, message=reason, body={"obstacle": reason}))


def _is_held(run: Run, ended: Stage, name: str) -> bool:
    """Whether a stage waits, because what has ended may be tried again together with others."""
    return groups.is_outside(run.groups, ended, run.graph.stages[name])


def _decided(run: Run) -> bool:
    """Let stages that are tried together run again, or what comes after them go on; whether that is next."""
    if not run.groups.held:
        return False
    decided = groups.decide(run.groups, run.graph.stages, run.outcomes)
    for name in decided.reopened if decided else ():
        run.sink.tell(StageReopened(name, "Retrying: a stage that it is tried with failed"))
        run.ready.append(name)
    run.ended.extend(decided.released if decided else ())
    return bool(run.ended)


def _meanwhile(run: Run) -> None:
    """What can be done while commands run, and keeps no stage waiting."""
    contents.save_made(run.context)
    run.sink.catch_up()
    recording.record_soon(run)


def _finally(run: Run) -> None:
    """What the pipeline wants to be run at its end, in the workspace of its stages where they share one."""
    blocks = run.request.pipeline.finally_
    status = schedule.status_of(run.outcomes.values())
    if not blocks or not _has_begun(run):
        return
    from seatrial.run import attempt

    previous = attempt.previous_status(run.context)
    if not any(condition.holds(block.condition, status, previous) for block in blocks):
        return
    stage = _last_stage(run.request)
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
    recording.record(run)


def _has_begun(run: Run) -> bool:
    """Whether the pipeline itself was reached, where stages stand before it."""
    before = (name for name in run.request.pipeline.begins_after if name in run.outcomes)
    return all(run.outcomes[name].status in (SUCCEEDED, UNSTABLE) for name in before)


def _last_stage(request: Request) -> Stage:
    """What the pipeline wants to be run at its end, as a stage beside the others."""
    shared = next((stage.workspace for stage in request.stages if stage.workspace), "")
    image = request.pipeline.image
    return Stage(
        FINALLY,
        request.stages[0].place,
        workspace=shared,
        checkout=next((stage.checkout for stage in request.stages if stage.workspace == shared), ""),
        finally_=request.pipeline.finally_,
        effects=True,
        image=image,
        container=request.pipeline.container,
        executor="docker" if image else "local",
    )


def _end(run: Run, seconds: float) -> RunResult:
    status = schedule.status_of(run.outcomes.values())
    code = schedule.exit_code_of(run.outcomes.values())
    _clean(run)
    context = run.context
    runs.finish(context.journal, context.run, status, {"exit_code": code, "seconds": round(seconds, 3)})
    run.sink.tell(RunFinished(context.run, status, code, seconds))
    run.sink.catch_up()
    return RunResult(context.run, context.number, status, code, run.outcomes, seconds)


def _end_at_once(run: Run) -> None:
    """Kill whatever the stages have started, until their threads have seen it and start nothing more."""
    deadline = clock.monotonic() + _PATIENCE_SECONDS
    while True:
        process.end_token(run.context.run, 0)
        busy = [thread for thread in threading.enumerate() if thread.name in run.working]
        if not busy or clock.monotonic() > deadline:
            return
        busy[0].join(recording.MOMENT_SECONDS / 5)


def _clean(run: Run) -> None:
    """Leave nothing of the run behind but its records; nothing was made where no stage did any work."""
    run.sink.close_all()
    if run.sink.has_worked:
        workspace.clear_left(run.context)
        recovery.clean(run.context.home, run.context.run)
