"""What every foreign system loses of a pipeline, whatever its format. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.pipeline.pipeline import (
    APPROVE,
    EVALUATE,
    PACKAGE,
    RELEASE,
    Pipeline,
    Release,
    Resources,
    Stage,
    is_kept,
    place_of,
)
from seatrial.pipeline.writers.commands import left_to_seatrial
from seatrial.pipeline.writers.writer import Loss

AT_HOME = (EVALUATE, PACKAGE, RELEASE)  # they need seatrial's home, which must outlive a job


def common(pipeline: Pipeline) -> Iterator[Loss]:
    kept = [stage for stage in pipeline.stages if is_kept(stage) and stage.action not in AT_HOME]
    if kept and pipeline.dialect == "seatrial":
        yield Loss(kept[0].place, "no result is restored: every stage runs each time")
    for stage in pipeline.stages:
        yield from _of_stage(stage)
    released = {stage.options.environment for stage in pipeline.stages if isinstance(stage.options, Release)}
    for environment in pipeline.environments:
        if environment.name not in released:
            yield Loss(
                environment.place, f"`{environment.name}` stays in {pipeline.path}: no stage releases to it"
            )


def _of_stage(stage: Stage) -> Iterator[Loss]:
    if stage.action in AT_HOME:
        text = f"`{stage.name}` calls seatrial, which must be installed where it runs and find its home there"
        yield Loss(stage.place, f"{text}; what it needs is made there again where it is not kept")
    elif left_to_seatrial(stage) and stage.action != APPROVE:
        yield Loss(
            stage.place, f"`{stage.name}` is decided as it runs, so it calls seatrial with all it needs"
        )
    for name in stage.secrets:
        yield Loss(
            place_of(stage, "secrets", name), f"the secret `{name}` must be entered in the other system"
        )
    if stage.resources != Resources():
        yield Loss(place_of(stage, "resources"), f"the resources that `{stage.name}` asks for")
