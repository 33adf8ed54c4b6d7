"""What other systems lose of a pipeline, each less what its writer can say. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from seatrial.errors import Place
from seatrial.pipeline.pipeline import (
    Pipeline,
    Release,
    Resources,
    Stage,
    is_kept,
    place_of,
)
from seatrial.pipeline.step import Mark
from seatrial.pipeline.writers.commands import AT_HOME, left_to_seatrial
from seatrial.pipeline.writers.parts import lost_parts
from seatrial.pipeline.writers.plain import archived, kept_elsewhere, marks_by_tests
from seatrial.pipeline.writers.writer import Loss


def common(pipeline: Pipeline, can: Container[str] = (), lasts: Iterable[Stage] = ()) -> Iterator[Loss]:
    """`can`: the parts of a stage, as `parts` names them, that the system can say itself. `lasts`: the stages
    that stand for what the pipeline does at its end."""
    kept = [stage for stage in pipeline.stages if is_kept(stage) and stage.action not in AT_HOME]
    if kept and pipeline.dialect == "seatrial":
        yield Loss(kept[0].place, "no result is restored: every stage runs each time")
    for stage in (*pipeline.stages, *lasts):
        yield from _of_stage(stage)
        yield from (Loss(stage.place, text) for text in lost_parts(stage, pipeline, can))
    if pipeline.attempts > 1:
        yield Loss(top(pipeline), f"the {pipeline.attempts} attempts of the whole pipeline")
    if pipeline.ignore:
        yield Loss(top(pipeline), "`ignore`: what it leaves out is in the other system's checkout")
    for name in pipeline.credentials:
        yield Loss(top(pipeline), f"the credentials `{name}` must be entered in the other system")
    released = {stage.options.environment for stage in pipeline.stages if isinstance(stage.options, Release)}
    for environment in pipeline.environments:
        if environment.name not in released:
            yield Loss(
                environment.place, f"`{environment.name}` stays in {pipeline.path}: no stage releases to it"
            )


def unended(pipeline: Pipeline, condition: str) -> Iterator[Loss]:
    """For a system that cannot do something after all the others."""
    yield Loss(top(pipeline), f"what the whole pipeline does after `{condition}`")


def unkept(stage: Stage) -> Iterator[Loss]:
    """For a system that keeps no files for people to look at."""
    for one in archived(stage):
        yield Loss(stage.place, f"`{stage.name}` keeps {', '.join(one.files.patterns)}")


def python_there(stages: tuple[Stage, ...]) -> Iterator[Loss]:
    """For a system that gives a job no Python of its own."""
    for stage in stages:
        if stage.interpreter:
            text = f"`{stage.name}` wants Python {stage.interpreter}, which must be where it runs"
            yield Loss(stage.place, text)


def waiting(stage: Stage) -> Loss:
    """For a system that knows ranks and no needs."""
    text = f"`{stage.name}` also waits for stages it does not need, and does not run where one of them fails"
    return Loss(stage.place, text)


def again_there(stage: Stage) -> Iterator[Loss]:
    """For a system that tries again within one job."""
    if stage.retry and not stage.workspace:
        yield Loss(
            place_of(stage, "retry"), f"another attempt of `{stage.name}` begins where the last one ended"
        )


def top(pipeline: Pipeline) -> Place:
    return pipeline.stages[0].place._replace(line=1, column=1)


def _of_stage(stage: Stage) -> Iterator[Loss]:
    if stage.action in AT_HOME:
        text = f"`{stage.name}` calls seatrial, which must be installed where it runs and find its home there"
        yield Loss(stage.place, text)
    yield from _of_secrets(stage)
    if not left_to_seatrial(stage):
        yield from _of_steps(stage)
    if stage.resources != Resources():
        yield Loss(place_of(stage, "resources"), f"the resources that `{stage.name}` asks for")


def _of_secrets(stage: Stage) -> Iterator[Loss]:
    for name in stage.secrets:
        yield Loss(
            place_of(stage, "secrets", name), f"the secret `{name}` must be entered in the other system"
        )
    for name in stage.offered:
        text = f"the secret `{name}` must be entered in the other system, if `{stage.name}` is to have it"
        yield Loss(stage.place, text)


def _of_steps(stage: Stage) -> Iterator[Loss]:
    """What is lost of a stage that is written as commands."""
    if marks_by_tests(stage):
        yield Loss(stage.place, f"failing tests that `{stage.name}` reads do not make it unstable")
    for pattern in kept_elsewhere(stage):
        yield Loss(stage.place, f"what `{stage.name}` keeps of {pattern}, outside of its folder")
    for step in stage.steps:
        if isinstance(step, Mark):
            yield Loss(stage.place, step.message)
    if stage.container.shared:
        text = f"the container of `{stage.name}` is its own: what others install in theirs is not in it"
        yield Loss(stage.place, text)
