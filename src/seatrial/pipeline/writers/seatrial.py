"""A `seatrial.yaml`, from the file of another system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.pipeline import APPROVE, Pipeline, Service, Stage, place_of
from seatrial.pipeline.writers.commands import (
    REQUEST,
    TARGET,
    Command,
    Origin,
    as_line,
    commands,
    left_to_seatrial,
    script_for_sh,
    seatrial_command,
)
from seatrial.pipeline.writers.last import ended_in_jobs
from seatrial.pipeline.writers.losses import common, python_there, top, unkept
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.one_script import forgiveness, lost_in_script, one_script
from seatrial.pipeline.writers.source import divided, has_matrix
from seatrial.pipeline.writers.triggers import schedules_are_settings
from seatrial.pipeline.writers.writer import Loss, Written

_RETRIES = 10


def write(pipeline: Pipeline) -> Written:
    """The file, one stage a stage. Environments are not written: no other system has them."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    pipeline, why = divided(pipeline, lambda condition: condition, passes=False)
    pipeline, unsaid = ended_in_jobs(pipeline, passes=False)
    losses = [
        *common(pipeline),
        *python_there(pipeline.stages),
        *_fixed(pipeline),
        *why,
        *schedules_are_settings(pipeline),
        *unsaid,
    ]
    names = identifiers(stage.name for stage in pipeline.stages)
    stages = {names[stage.name]: _stage(pipeline, stage, names) for stage in pipeline.stages}
    losses += [loss for stage in pipeline.stages for loss in _lost(stage)]
    heading = f"Written by `seatrial convert` from {pipeline.path}."
    named = {"project": pipeline.project} if pipeline.project else {}
    return Written(yaml_text({**named, "stages": stages}, heading), tuple(losses))


def _fixed(pipeline: Pipeline) -> Iterator[Loss]:
    for one in pipeline.parameters:
        yield Loss(top(pipeline), f"the parameter `{one.name}` cannot be given: it is in `env` of the stages")


def _stage(pipeline: Pipeline, stage: Stage, names: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    given = {one.name: one.value for one in pipeline.parameters}
    if stage.action == APPROVE:
        made["approve"] = getattr(stage.options, "message", "") or stage.name
    elif left_to_seatrial(stage):
        command = seatrial_command(pipeline, stage, Origin("BRANCH", REQUEST, TARGET))
        made |= {"run": [command], "git": True, "cache": False}
        made["env"] = {**given, "BRANCH": "$GIT_BRANCH"}
    else:
        made["run"] = _scripts(stage)
    if stage.needs:
        made["needs"] = [names[need] for need in stage.needs]
    if stage.when:
        made["when"] = stage.when
    if "run" in made and not left_to_seatrial(stage):
        made |= _command_keys(stage._replace(env=tuple({**given, **dict(stage.env)}.items())))
    return made


def _scripts(stage: Stage) -> list[str]:
    if _is_one(stage):
        return [one_script(stage)]
    return [_script(command) for command in commands(stage.steps) or ()] or ["true"]


def _is_one(stage: Stage) -> bool:
    """Whether one script does what no key says, and then all of it: its end comes after the last attempt."""
    return bool(stage.finally_) or stage.may_fail


def _command_keys(stage: Stage) -> dict[str, Any]:
    """What only a stage of commands has."""
    every = {
        "outputs": list(stage.outputs),
        "reports": list(stage.reports),
        "env": dict(stage.env),
        "secrets": list(stage.secrets),
        "python": stage.python,
        "image": stage.image,
        "matrix": _matrix(stage) if has_matrix(stage) else {},
        "git": stage.git,
        "workspace": identifiers((stage.workspace,))[stage.workspace] if stage.workspace else "",
        "services": {service.name: _service(service) for service in stage.services},
    }
    if not _is_one(stage):
        every["retry"] = min(stage.retry, _RETRIES)
        every["timeout"] = f"{stage.timeout_seconds:g}s" if stage.timeout_seconds else ""
    made = {key: value for key, value in every.items() if value}
    if stage.inputs is not None:
        made["inputs"] = list(stage.inputs)
    return made if stage.cache and not stage.effects else made | {"cache": False}


def _matrix(stage: Stage) -> dict[str, Any]:
    made: dict[str, Any] = {axis: list(values) for axis, values in stage.matrix.axes}
    rows = {key: [dict(row) for row in getattr(stage.matrix, key)] for key in ("include", "exclude")}
    return made | {key: found for key, found in rows.items() if found}


def _service(service: Service) -> dict[str, Any]:
    made: dict[str, Any] = {"image": service.image, "env": _named(service), "ports": list(service.ports)}
    return {key: value for key, value in made.items() if value}


def _named(service: Service) -> dict[str, str]:
    """What a container has that is also the name of a variable of a shell; there is no other in our file."""
    return {name: value for name, value in service.env if name.isidentifier()}


def _lost(stage: Stage) -> Iterator[Loss]:
    if left_to_seatrial(stage):
        return
    if stage.retry > _RETRIES and not _is_one(stage):
        yield Loss(place_of(stage, "retry"), f"`{stage.name}` is tried again {_RETRIES} times at most")
    if stage.container.user:
        text = f"commands of `{stage.name}` run as who runs seatrial, not as the user of its image"
        yield Loss(place_of(stage, "image"), text)
    for service in stage.services:
        for name in dict(service.env).keys() - _named(service).keys():
            yield Loss(place_of(stage, "services"), f"the variable `{name}` of the service `{service.name}`")
    yield from unkept(stage)
    yield from forgiveness(stage)
    yield from lost_in_script(stage)


def _script(command: Command) -> str:
    """The command as one script; another shell than seatrial's stands in its first line."""
    return script_for_sh(command) if command.is_script else as_line(command)
