"""The end of a run: what its pipeline wants to be run last, its records, and nothing left behind."""

import threading

from seatrial.errors import Problem
from seatrial.journal import runs
from seatrial.pipeline import condition
from seatrial.pipeline.pipeline import Stage
from seatrial.run import recording, recovery, schedule, stage_work, workspace
from seatrial.run.events import RunFinished, StageStarted
from seatrial.run.outcome import SUCCEEDED, UNSTABLE
from seatrial.run.request import Request, RunResult
from seatrial.run.running import Run
from seatrial.run.settling import settle
from seatrial.system import clock, process

FINALLY = "finally"
_PATIENCE_SECONDS = 2.0


def finally_(run: Run) -> None:
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
    settle(run, FINALLY, outcome, clock.monotonic() - start)
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


def end(run: Run, seconds: float) -> RunResult:
    status = schedule.status_of(run.outcomes.values())
    code = schedule.exit_code_of(run.outcomes.values())
    clean(run)
    context = run.context
    runs.finish(context.journal, context.run, status, {"exit_code": code, "seconds": round(seconds, 3)})
    run.sink.tell(RunFinished(context.run, status, code, seconds))
    run.sink.catch_up()
    return RunResult(context.run, context.number, status, code, run.outcomes, seconds)


def end_at_once(run: Run) -> None:
    """Kill whatever the stages have started, until their threads have seen it and start nothing more."""
    deadline = clock.monotonic() + _PATIENCE_SECONDS
    while True:
        process.end_token(run.context.run, 0)
        busy = [thread for thread in threading.enumerate() if thread.name in run.working]
        if not busy or clock.monotonic() > deadline:
            return
        busy[0].join(recording.MOMENT_SECONDS / 5)


def clean(run: Run) -> None:
    """Leave nothing of the run behind but its records; nothing was made where no stage did any work."""
    run.sink.close_all()
    if run.sink.has_worked:
        workspace.clear_left(run.context)
        recovery.clean(run.context.home, run.context.run)
