"""What a pipeline does at its end: as stages after all others, or in the ends of its stages. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import APPROVE, Finally, Pipeline, Stage
from seatrial.pipeline.writers.commands import left_to_seatrial
from seatrial.pipeline.writers.losses import top, unended
from seatrial.pipeline.writers.plain import plain
from seatrial.pipeline.writers.writer import Loss

# Where a block runs: after a run without a failure, and after the stage that failed.
_AFTER_SUCCESS = ("always", "cleanup", "success")
_AFTER_FAILURE = {
    "always": "unsuccessful",
    "cleanup": "unsuccessful",
    "failure": "failure",
    "aborted": "aborted",
    "unsuccessful": "unsuccessful",
}


class Last(NamedTuple):
    """A stage after all others. `condition` is that of the block which it stands for."""

    stage: Stage
    condition: str


def last_stages(pipeline: Pipeline, *, is_shared: bool = False) -> tuple[Last, ...]:
    """The stages of the blocks, those that only seatrial can do among them. They hand nothing on.

    `is_shared`: the system has workspaces that stages share by a name.
    """
    workspaces = [stage.workspace for stage in pipeline.stages if stage.workspace]
    whole = Stage(
        "finally",
        top(pipeline),
        needs=tuple(stage.name for stage in pipeline.stages),
        image=pipeline.image,
        container=pipeline.container,
        workspace=workspaces[-1] if workspaces and is_shared else "",
        effects=True,
        cache=False,
        ordered=True,
    )
    return tuple(
        Last(plain(whole._replace(name=f"finally-{number}", steps=block.steps)), block.condition)
        for number, block in enumerate(pipeline.finally_, start=1)
    )


def kept_for_the_end(pipeline: Pipeline) -> Pipeline:
    """A pipeline whose workspaces reach what it does at its end also where a stage fails."""
    if not pipeline.finally_:
        return pipeline
    stages = (one._replace(keeps_after_failure=True) if one.workspace else one for one in pipeline.stages)
    return pipeline._replace(stages=tuple(stages))


def ended_in_jobs(pipeline: Pipeline, *, passes: bool = True) -> tuple[Pipeline, tuple[Loss, ...]]:
    """For a system that can run nothing after a failure: the blocks in the ends of stages, or as a last one.

    `passes`: the system can run a job that comes after another one or without it; seatrial.yaml cannot.
    """
    made = pipeline._replace(finally_=())
    losses: list[Loss] = []
    lasts: list[Stage] = []
    for one in last_stages(pipeline, is_shared=not passes):
        is_alone = len(pipeline.stages) == 1
        if not _can_be(one, pipeline) or not (passes or is_alone or not any(_may_be_absent(made))):
            losses += unended(pipeline, one.condition)
        elif is_alone:
            made = _in_ends(made, one.stage, one.condition)
        else:
            made = _in_ends(made, one.stage, _AFTER_FAILURE.get(one.condition, ""))
            if one.condition in _AFTER_FAILURE:
                text = (
                    f"what the whole pipeline does after `{one.condition}` is done by each stage that fails"
                )
                losses.append(Loss(top(pipeline), text))
            if one.condition in _AFTER_SUCCESS:
                before = (each.name for each in lasts)
                lasts.append(one.stage._replace(needs=(*one.stage.needs, *before)))
    return made._replace(stages=(*made.stages, *lasts)), tuple(losses)


def _can_be(one: Last, pipeline: Pipeline) -> bool:
    if left_to_seatrial(one.stage) or any(map(left_to_seatrial, pipeline.stages)):
        return False
    return one.condition in (*_AFTER_SUCCESS, *_AFTER_FAILURE)


def _may_be_absent(pipeline: Pipeline) -> Iterator[bool]:
    return (bool(stage.when) for stage in pipeline.stages)


def _in_ends(pipeline: Pipeline, last: Stage, condition: str) -> Pipeline:
    """The steps of a block in the ends of all stages that are commands."""
    if not condition:
        return pipeline
    block = Finally(condition, last.steps)
    stages = (
        one
        if one.action == APPROVE
        else plain(one._replace(finally_=(*one.finally_, block), secrets=(*one.secrets, *last.secrets)))
        for one in pipeline.stages
    )
    return pipeline._replace(stages=tuple(stages))
