"""A stage in the words that every system has: commands, secrets, an image, reports, kept files. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import OF_IMAGE, PLAIN
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import (
    Archive,
    Block,
    Checkout,
    Echo,
    Inside,
    Shell,
    Step,
    Tests,
    WithCredentials,
    WithEnv,
)

# Brings the files of the commit back; git knows the name in every checkout.
_CHECKOUT = "git checkout --force HEAD -- ."


def with_python(stage: Stage) -> Stage:
    """A stage that wants a version of Python, and says nothing of an image, in the image of that version."""
    version = stage.interpreter.removesuffix("-dev")
    is_known = version[:1].isdigit() and not stage.image
    return stage._replace(image=f"python:{version}") if is_known else stage


class Archived(NamedTuple):
    """Files that a stage keeps, after its own steps or in one of its ends: `condition` is that of the end."""

    files: Archive
    condition: str = ""


def plain(stage: Stage) -> Stage:
    """The stage without what only seatrial, or the system it was written for, has a word for."""
    stage = _in_image(stage)
    if stage.checkout is None and any(isinstance(step, Checkout) for step in every_step(stage)):
        stage = stage._replace(checkout="")  # it does itself what it begins without
    steps = tuple(_lowered(stage.steps, stage.place))
    if not stage.needs:
        steps = _without_first_checkout(steps)
    ends = tuple(one._replace(steps=tuple(_lowered(one.steps, stage.place))) for one in stage.finally_)
    return stage._replace(
        steps=steps,
        finally_=ends,
        secrets=tuple(dict.fromkeys((*stage.secrets, *_secrets(stage)))),
        reports=tuple(dict.fromkeys((*stage.reports, *_reports(stage)))),
    )


def handed_on(stage: Stage) -> tuple[str, ...]:
    """What a stage hands on to those after it: a workspace that is shared, whole."""
    return (".",) if stage.workspace else stage.outputs


def archived(stage: Stage) -> tuple[Archived, ...]:
    """What a stage keeps for people to look at, of its own folder."""
    found = [Archived(step) for step in _every(stage.steps) if isinstance(step, Archive)]
    for block in stage.finally_:
        found += [
            Archived(step, block.condition) for step in _every(block.steps) if isinstance(step, Archive)
        ]
    return tuple(one for one in found if not any(map(_is_elsewhere, one.files.patterns)))


def every_step(stage: Stage) -> Iterator[Step]:
    """Every step of a stage, those of its ends after its own, and those in a block after the block."""
    yield from _every(stage.steps)
    for block in stage.finally_:
        yield from _every(block.steps)


def kept_elsewhere(stage: Stage) -> tuple[str, ...]:
    """The files outside of its own folder that a stage keeps or reads its tests from."""
    steps = [step for step in every_step(stage) if isinstance(step, Archive | Tests)]
    return tuple(pattern for step in steps for pattern in step.patterns if _is_elsewhere(pattern))


def _is_elsewhere(path: str) -> bool:
    return path[:1] in ("/", "~", "$") or path.startswith("../")


def marks_by_tests(stage: Stage) -> bool:
    """Whether tests that a stage reads make it unstable."""
    return any(isinstance(step, Tests) and step.marks for step in every_step(stage))


def _in_image(stage: Stage) -> Stage:
    """A stage all of whose steps run in a container of an image is a stage with that image."""
    if len(stage.steps) != 1 or stage.finally_ or stage.image:
        return stage
    only = stage.steps[0]
    while isinstance(only, WithEnv) and not only.env and len(only.steps) == 1:
        only = only.steps[0]
    if not isinstance(only, Inside) or only.container not in (PLAIN, PLAIN._replace(entrypoint=OF_IMAGE)):
        return stage
    return stage._replace(steps=only.steps, image=only.image, executor="docker")


def _lowered(steps: tuple[Step, ...], place: Place) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Checkout):
            yield Shell(_CHECKOUT, place=place)
        elif (isinstance(step, WithCredentials) and _are_texts(step)) or step == WithEnv((), _steps_of(step)):
            yield from _lowered(_steps_of(step), place)
        elif isinstance(step, Block):
            yield step._replace(steps=tuple(_lowered(step.steps, place)))
        else:
            yield step


def _steps_of(step: Step) -> tuple[Step, ...]:
    return step.steps if isinstance(step, Block) else ()


def _without_first_checkout(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """A job begins with the commit, so that nothing is to be brought back yet."""
    for number, step in enumerate(steps):
        if isinstance(step, Shell) and step.script == _CHECKOUT:
            return (*steps[:number], *steps[number + 1 :])
        if not isinstance(step, Echo):
            return steps
    return steps


def _are_texts(block: WithCredentials) -> bool:
    """Whether each of the credentials is a text, as the secrets of every system are."""
    return all(one.part != "file" for one in block.credentials)


def _secrets(stage: Stage) -> Iterator[str]:
    for step in every_step(stage):
        if isinstance(step, WithCredentials) and _are_texts(step):
            for one in filter(lambda one: one.variable, step.credentials):
                parts = ("_USR", "_PSW") if one.part == "environment" else ()
                yield from (one.variable, *(f"{one.variable}{part}" for part in parts))


def _reports(stage: Stage) -> Iterator[str]:
    for step in every_step(stage):
        if isinstance(step, Tests):
            yield from (pattern for pattern in step.patterns if not _is_elsewhere(pattern))


def _every(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _every(step.steps)
