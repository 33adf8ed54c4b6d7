"""The threads of a run: each works on one stage after the other, and gives what it did to the loop."""

import threading
from functools import partial

from seatrial.pipeline.pipeline import Stage
from seatrial.run import groups, stage_work, turns
from seatrial.run.action import Context
from seatrial.run.running import Run
from seatrial.run.stage_work import Done


def hand_over(run: Run, stage: Stage) -> None:
    """Let a thread work on a stage: one that is free, or one more."""
    run.tasks.put(stage)
    if len(run.threads) < len(run.working):
        run.threads.append(threading.Thread(target=_serve, args=(run,), daemon=True))
        run.threads[-1].start()


def _serve(run: Run) -> None:
    """What a thread does: one stage after the other, under its name, until there is none any more."""
    me = threading.current_thread()
    while (stage := run.tasks.get()) is not None:
        me.name = stage.name
        _report(run, stage)


def _report(run: Run, stage: Stage) -> None:
    """Always say something, or the loop would wait for ever."""
    try:
        done = work(run, stage, run.context)
    except BaseException as error:  # noqa: BLE001 - a defect of ours
        done = Done(stage.name, stage_work.of_defect(stage, run.context, error))
    run.done.put(done)


def work(run: Run, stage: Stage, context: Context) -> Done:
    """All of a stage's work, in this thread. Where its key is not known yet, its turn is asked for here."""
    if stage.stopped_with and not stage.regardless:
        context = context._replace(
            is_cancelled=lambda: run.context.is_cancelled() or groups.is_stopped(run.groups, stage)
        )
    action, fresh = run.request.actions[stage.action], run.request.fresh
    if stage.name in run.keys:
        return stage_work.work(stage, context, action, run.keys[stage.name], fresh=fresh)
    return stage_work.look_and_work(stage, context, action, partial(turns.take, run.turns), fresh=fresh)
