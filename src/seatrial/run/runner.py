"""The loop that drives a run: it starts what may start, takes in what has ended, and records both.

The loop itself never waits for a stage's work: that is done in threads, at most `jobs` at a time. What has a
result is taken in the loop, so a run with nothing to do starts none.
"""

import os
from functools import partial
from queue import Empty, SimpleQueue

from seatrial.errors import Infrastructure, Problem
from seatrial.journal import runs
from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.run import (
    cancellation,
    contents,
    ending,
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
    workers,
)
from seatrial.run.all_executors import ask_for
from seatrial.run.cache import Hit
from seatrial.run.events import (
    Listener,
    NotReproducible,
    StageBlocked,
    StageReopened,
    StageStarted,
)
from seatrial.run.outcome import CANCELLED, ERRORED, FAILED, RUNNING, SKIPPED, STOPPED, Outcome
from seatrial.run.request import Request, RunResult
from seatrial.run.running import Run
from seatrial.run.settling import settle
from seatrial.run.stage_work import Done
from seatrial.store import blobs
from seatrial.store.store import using
from seatrial.system import clock
from seatrial.system.disk import FullDisk

# Python sees a signal that comes just before a wait only when the wait ends.
_LONGEST_SECONDS = 0.5


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
            ending.finally_(run)
            if not left or schedule.status_of(run.outcomes.values()) != FAILED:
                break
            _forget(run)
        return ending.end(run, clock.monotonic() - start)
    except BaseException as error:
        cancelled.times += 1
        is_asked = isinstance(error, KeyboardInterrupt)
        if is_asked:
            ending.end_at_once(run)
        ending.clean(run)
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
        settle(run, stage.name, Outcome(CANCELLED, message="the run was stopped"))
    elif stopped:
        settle(run, stage.name, Outcome(CANCELLED, message="another branch failed", body={STOPPED: True}))
    return stopped or run.context.is_cancelled()


def _is_early(run: Run, stage: Stage) -> bool:
    """Whether what a stage needs is being made again: the end of that lets it begin."""
    return not schedule.has_needs(run.graph, stage, run.outcomes)


def _look(run: Run, stage: Stage) -> None:
    """Decide what a stage that may start needs: nothing, its kept result, or work."""
    if _is_ended(run, stage) or _is_early(run, stage):
        return
    if decider := _decider_against(run, stage):
        settle(run, stage.name, Outcome(SKIPPED, message=f"the condition of {decider} does not hold"))
        return
    try:
        if why := facts.left_out(stage, run.request.facts, run.context):
            settle(run, stage.name, Outcome(SKIPPED, message=why))
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
        settle(run, stage.name, stage_work.of_problem(problem, stage, run.context))
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
    settle(run, name, hit.outcome, hit=hit)


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
        _take(run, workers.work(run, stage, run.context._replace(meanwhile=partial(_meanwhile, run))))
        return
    contents.save_made(run.context)
    workers.hand_over(run, stage)


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
    settle(run, name, outcome, done.seconds, done.hit)


def _leave(run: Run, name: str) -> None:
    """A stage does not work any more, and has not come to its end."""
    run.working.pop(name, None)
    turns.give_back(run.turns, name)


def _is_stopped(run: Run, name: str, outcome: Outcome) -> bool:
    return groups.is_stopped(run.groups, run.graph.stages[name]) and not schedule.goes_on(outcome)


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
                settle(run, name, Outcome(SKIPPED, message=reason, body={"obstacle": reason}))


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
