"""The parts of a stage that some systems can say and others cannot, and what is lost where one cannot. Pure.

A writer names those that it writes; all others are told.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import partial

from seatrial.pipeline.graph import closure
from seatrial.pipeline.pipeline import Approve, Pipeline, Stage
from seatrial.pipeline.step import Caching, KeepCache, Shell, Tests
from seatrial.pipeline.writers.caches import kept, taken
from seatrial.pipeline.writers.commands import left_to_seatrial
from seatrial.pipeline.writers.plain import archived, every_step


def lost_parts(stage: Stage, pipeline: Pipeline, can: Container[str]) -> Iterator[str]:
    """What is lost of a stage where a system can say no more than these parts of it."""
    for part, lost in PARTS.items():
        if part not in can and (part in _ELSEWHERE or not left_to_seatrial(stage)):
            yield from lost(stage, pipeline)


def _limits(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    for one in stage.limits:
        yield f"the time limit of `{one.name}`, which `{stage.name}` is a part of"


def _again(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    for one in stage.again:
        yield f"`{stage.name}` is not tried again with all of `{one.name}`"


def _stopped_with(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if stage.stopped_with:
        yield f"`{stage.name}` is not stopped where a stage beside it fails"


def _empty(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if stage.checkout is None:
        yield f"`{stage.name}` begins with the files of the commit, and not without them"


def _after_failure(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if stage.keeps_after_failure:
        yield f"what `{stage.name}` hands on where it fails"


def _options(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if stage.container.options:
        yield f"the options `{' '.join(stage.container.options)}` of the container of `{stage.name}`"


def _pulls(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if stage.container.always_pull:
        yield f"the image of `{stage.name}` is brought only where it is not there"


def _beside(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    for one in stage.beside:
        yield f"the service `{one.name}` beside `{stage.name}`"


def _silence(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    found = (step.silence_seconds for step in every_step(stage) if isinstance(step, Shell))
    for seconds in dict.fromkeys(one for one in found if one is not None):
        yield f"a command of `{stage.name}` is not ended that says nothing for {seconds:g} s"


def _excludes(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    for one in archived(stage):
        if one.files.excludes:
            yield f"`{stage.name}` keeps {', '.join(one.files.excludes)} too"


def _required_files(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if any(one.files.required for one in archived(stage)):
        yield f"`{stage.name}` does not fail where it keeps no file"


def _required_tests(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if any(isinstance(step, Tests) and step.required for step in every_step(stage)):
        yield f"`{stage.name}` does not fail where it has no test report"


def _caches(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if any(isinstance(step, Caching) for step in every_step(stage)):
        yield f"what `{stage.name}` caches is not kept from run to run"


def _odd_caches(stage: Stage, pipeline: Pipeline) -> Iterator[str]:
    """What the systems that have caches do not keep all the same."""
    keeps = sum(isinstance(step, KeepCache) for step in every_step(stage))
    takes = sum(isinstance(step, Caching) for step in every_step(stage)) - keeps
    if (left_to_seatrial(stage) and keeps) or len(kept(stage)) < keeps:
        yield f"what `{stage.name}` caches is not kept from run to run"
    elif len(taken(stage, pipeline)) < takes:
        yield f"`{stage.name}` takes a cache that nothing here keeps"


def _answers(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    if isinstance(stage.options, Approve):
        for one in stage.options.parameters:
            yield f"`{stage.name}` does not ask for `{one.name}`"


def _services(stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    for one in stage.services:
        if one.is_local:
            yield f"the service `{one.name}` answers by its name, and not at localhost"


def _of_services(field: str, stage: Stage, _pipeline: Pipeline) -> Iterator[str]:
    for one in stage.services:
        if getattr(one, field):
            yield f"the {field} of the service `{one.name}`"


def _run_so_far(stage: Stage, pipeline: Pipeline) -> Iterator[str]:
    """The end of a stage that looks at the run: it differs only where another stage may be running."""
    asking = [one for one in stage.finally_ if one.of_run and one.condition not in ("always", "cleanup")]
    if asking and _are_beside(stage, pipeline):
        for block in asking:
            text = f"what `{stage.name}` does after `{block.condition}`"
            yield f"{text} looks at it alone, and not at what runs beside it"


def _are_beside(stage: Stage, pipeline: Pipeline) -> bool:
    before = closure(pipeline.stages, [stage.name])
    return any(
        one.name not in before and stage.name not in closure(pipeline.stages, [one.name])
        for one in pipeline.stages
    )


PARTS: dict[str, Callable[[Stage, Pipeline], Iterator[str]]] = {
    "limits": _limits,
    "again": _again,
    "stopped with": _stopped_with,
    "empty": _empty,
    "after failure": _after_failure,
    "beside": _beside,
    "options": _options,
    "pulls": _pulls,
    "silence": _silence,
    "excludes": _excludes,
    "required files": _required_files,
    "required tests": _required_tests,
    "caches": _caches,
    "odd caches": _odd_caches,
    "answers": _answers,
    "services": _services,
    "service commands": partial(_of_services, "command"),
    "service entrypoints": partial(_of_services, "entrypoint"),
    "service users": partial(_of_services, "user"),
    "run so far": _run_so_far,
}
# What is lost of a stage that is left to seatrial too, whose home does not outlive a job there.
_ELSEWHERE = ("caches", "odd caches", "answers")
