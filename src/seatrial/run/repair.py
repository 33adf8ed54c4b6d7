"""What the store has lost is made again, before the stage that wants it begins once more."""

from seatrial.commit import export
from seatrial.pipeline.pipeline import Stage
from seatrial.run import cache, contents, schedule
from seatrial.run.events import StageReopened
from seatrial.run.running import Run


def is_under_way(run: Run, stage: Stage, digest: str) -> bool:
    """Whether what a stage found lost is there again, or is being made: then the stage begins again.

    Nothing is made for the same stage twice. Raises Problem.
    """
    if stage.name in run.stale:
        run.stale.discard(stage.name)
        _begin_again(run, stage)
        return True
    if stage.name in run.repaired:
        return False
    run.repaired.add(stage.name)
    contents.save_made(run.context)
    lost = [need for need in stage.needs if _is_lost(run, need)]
    if not lost:
        export.bring_back(run.context.store, run.context.change, digest)
        _begin_again(run, stage)
    for need in lost:
        _reopen(run, need)
    return True


def _begin_again(run: Run, stage: Stage) -> None:
    """At once, or with the end of what it needs."""
    if schedule.has_needs(run.graph, stage, run.outcomes):
        run.ready.append(stage.name)


def _reopen(run: Run, need: str) -> None:
    """Let a stage make its outputs again; what needs them waits."""
    del run.outcomes[need]
    for dependent in run.graph.dependents[need]:
        run.turns.blocked.pop(dependent, None)
        if dependent in run.working:
            run.stale.add(dependent)
    run.sink.tell(StageReopened(need, "its outputs are damaged or no longer in the store"))
    run.ready.append(need)


def _is_lost(run: Run, need: str) -> bool:
    key, outcome = run.keys.get(need), run.outcomes.get(need)
    if key is None or outcome is None or not outcome.outputs:
        return False
    return cache.drop_damaged(run.context, key.digest, outcome)
