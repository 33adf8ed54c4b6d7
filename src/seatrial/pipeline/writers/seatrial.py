"""A `seatrial.yaml`, from the file of another system."""

from __future__ import annotations

import shlex
from typing import Any

from seatrial.pipeline.pipeline import APPROVE, Pipeline, Service, Stage
from seatrial.pipeline.step import SEATRIAL_SHELL
from seatrial.pipeline.writers.commands import Command, commands, left_to_seatrial, seatrial_command
from seatrial.pipeline.writers.losses import common
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.source import has_matrix
from seatrial.pipeline.writers.writer import Loss, Written

_RETRIES = 10


def write(pipeline: Pipeline) -> Written:
    """The file, one stage a stage. Environments are not written: no other system has them."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    losses = list(common(pipeline))
    names = identifiers(stage.name for stage in pipeline.stages)
    stages = {names[stage.name]: _stage(pipeline, stage, names, losses) for stage in pipeline.stages}
    if pipeline.finally_:
        place = pipeline.stages[0].place._replace(line=1, column=1)
        losses.append(Loss(place, "what the whole pipeline does at its end"))
    heading = f"Written by `seatrial convert` from {pipeline.path}."
    named = {"project": pipeline.project} if pipeline.project else {}
    return Written(yaml_text({**named, "stages": stages}, heading), tuple(losses))


def _stage(pipeline: Pipeline, stage: Stage, names: dict[str, str], losses: list[Loss]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if stage.action == APPROVE:
        made["approve"] = getattr(stage.options, "message", "") or stage.name
    elif left_to_seatrial(stage):
        made |= {"run": [seatrial_command(pipeline, stage, "BRANCH")], "env": {"BRANCH": "$GIT_BRANCH"}}
        made["git"] = True
    else:
        made["run"] = [_script(command) for command in commands(stage.steps) or ()] or ["true"]
    if stage.needs:
        made["needs"] = [names[need] for need in stage.needs]
    if stage.when:
        made["when"] = stage.when
    if stage.timeout_seconds:
        made["timeout"] = f"{stage.timeout_seconds:g}s"
    if made.get("run") and not left_to_seatrial(stage):
        made |= _command_keys(stage)
    losses += _lost(stage)
    return made


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
        "retry": min(stage.retry, _RETRIES),
        "git": stage.git,
        "workspace": stage.workspace,
        "services": {service.name: _service(service) for service in stage.services},
    }
    made = {key: value for key, value in every.items() if value}
    if stage.inputs is not None:
        made["inputs"] = list(stage.inputs)
    return made if stage.cache and not stage.effects else made | {"cache": False}


def _matrix(stage: Stage) -> dict[str, Any]:
    made: dict[str, Any] = {axis: list(values) for axis, values in stage.matrix.axes}
    rows = {key: [dict(row) for row in getattr(stage.matrix, key)] for key in ("include", "exclude")}
    return made | {key: found for key, found in rows.items() if found}


def _service(service: Service) -> dict[str, Any]:
    made: dict[str, Any] = {"image": service.image, "env": dict(service.env), "ports": list(service.ports)}
    return {key: value for key, value in made.items() if value}


def _lost(stage: Stage) -> list[Loss]:
    said = []
    if stage.may_fail:
        said.append(f"a failure of `{stage.name}` fails the run")
    if stage.finally_ and not left_to_seatrial(stage):
        said.append(f"what `{stage.name}` does at its end")
    return [Loss(stage.place, text) for text in said]


def _script(command: Command) -> str:
    """The command as one script; another shell than seatrial's stands in its first line."""
    text = command.script
    if command.shell != SEATRIAL_SHELL and not text.startswith("#!"):
        text = f"#!{' '.join(command.shell)}\n{text}"
    if command.folder or command.env or not command.check or command.timeout_seconds is not None:
        text = _surrounded(command, text)
    return text


def _surrounded(command: Command, text: str) -> str:
    inner = " ".join((*command.shell, "-c", shlex.quote(command.script)))
    if text.startswith("#!") and command.script.startswith("#!"):
        inner = " ".join((*text.splitlines()[0][2:].split(), "-c", shlex.quote(command.script)))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in command.env]
    if command.folder:
        folder = shlex.quote(command.folder)
        lines += [f"mkdir -p {folder}", f"cd {folder}"]
    timed = f"timeout {command.timeout_seconds:g} {inner}" if command.timeout_seconds is not None else inner
    return "\n".join([*lines, timed if command.check else f"{timed} || true"])
