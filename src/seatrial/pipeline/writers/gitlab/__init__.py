"""The pipeline of GitLab CI: `.gitlab-ci.yml`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.matrix import combinations
from seatrial.pipeline.parameter import BOOLEAN, Parameter
from seatrial.pipeline.pipeline import APPROVE, Pipeline, Release, Service, Stage
from seatrial.pipeline.writers.commands import (
    AT_HOME,
    EVENT,
    INSTALL,
    REQUEST,
    TARGET,
    Origin,
    as_line,
    commands,
    for_bash,
    left_to_seatrial,
    reads_run,
    seatrial_command,
)
from seatrial.pipeline.writers.gitlab.caches import caching
from seatrial.pipeline.writers.gitlab.conditions import expression
from seatrial.pipeline.writers.last import Last, kept_for_the_end, last_stages
from seatrial.pipeline.writers.losses import common, unended
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.one_script import one_script
from seatrial.pipeline.writers.plain import archived, with_python
from seatrial.pipeline.writers.source import awaited, condition_of, divided, has_matrix, told
from seatrial.pipeline.writers.triggers import schedules_are_settings
from seatrial.pipeline.writers.writer import Loss, Written

_RESERVED = (
    *("after_script", "before_script", "cache", "default", "image", "include", "pages", "services"),
    *("spec", "stages", "types", "variables", "workflow", "true", "false", "nil"),
)
_STATUS = {"always": "", "cleanup": "", "success": "success", "failure": "failed", "aborted": "canceled"}
_WHEN = {"always": "always", "cleanup": "always", "success": "on_success", "failure": "on_failure"}
_OF_THE_COMMIT = {
    "$GIT_COMMIT": "$CI_COMMIT_SHA",
    "$GIT_BRANCH": "$CI_COMMIT_BRANCH",
    "$SEATRIAL_TAG": "$CI_COMMIT_TAG",
}
_ORIGIN = Origin("CI_COMMIT_BRANCH", "CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
# What has started it is a word of GitLab.
_STARTED = (
    f"case $CI_PIPELINE_SOURCE in merge_request_event) {EVENT}=pull_request ;; schedule|push) "
    f"{EVENT}=$CI_PIPELINE_SOURCE ;; *) {EVENT}=manual ;; esac; export {EVENT}"
)
# What scripts of other dialects read of a run.
_OF_THE_RUN = {
    "SEATRIAL_COMMIT": "$CI_COMMIT_SHA",
    "SEATRIAL_BRANCH": f"${_ORIGIN.branch}",
    REQUEST: f"${_ORIGIN.request}",
    TARGET: f"${_ORIGIN.target}",
    "SEATRIAL_TAG": "$CI_COMMIT_TAG",
    "SEATRIAL_RUN_NUMBER": "$CI_PIPELINE_IID",
    "SEATRIAL_PROJECT": "$CI_PROJECT_PATH",
}
_CAN = frozenset(
    ("after failure", "beside", "caches", "empty", "excludes", "service commands", "service entrypoints")
)
_RETRIES = 2  # GitLab's limit


def write(pipeline: Pipeline) -> Written:
    """The file, one job a stage."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    pipeline, why = divided(pipeline, expression)
    pipeline = kept_for_the_end(pipeline._replace(stages=tuple(map(with_python, pipeline.stages))))
    lasts = last_stages(pipeline)
    losses = [*common(pipeline, _CAN, [one.stage for one in lasts]), *why, *schedules_are_settings(pipeline)]
    bare = next((stage for stage in pipeline.stages if not stage.image and stage.action not in AT_HOME), None)
    if bare is not None:
        text = "a stage without an image runs in the runner's: it must have what the commands need"
        losses.append(Loss(bare.place, text))
    ids = identifiers((stage.name for stage in pipeline.stages), _RESERVED)
    document: dict[str, Any] = {"stages": ["run"]}
    if pipeline.dialect != "seatrial":
        every = (*pipeline.stages, *(one.stage for one in lasts))
        of_the_run = _OF_THE_RUN if any(map(reads_run, every)) else {}
        document["variables"] = of_the_run | {one.name: _form(one) for one in pipeline.parameters}
    if not document.get("variables"):
        document.pop("variables", None)
    for stage in pipeline.stages:
        document[ids[stage.name]] = _job(pipeline, stage, ids, losses)
    for one in lasts:
        made = _last(pipeline, one, losses)
        document |= made
        document["stages"] += made  # each a stage of its own: one after the other
    return Written(yaml_text(document, f"Written by `seatrial convert` from {pipeline.path}."), tuple(losses))


def _form(one: Parameter) -> dict[str, Any]:
    """A variable that the form of a pipeline by hand shows."""
    choices = list(one.choices) or (["true", "false"] if one.kind == BOOLEAN else [])
    made: dict[str, Any] = {"value": one.value, "description": one.name}
    return made | ({"options": choices} if choices else {})


def _job(pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]) -> dict[str, Any]:
    said, is_left = told(stage, pipeline, expression, losses)
    job: dict[str, Any] = {"stage": "run", "needs": _needs(pipeline, stage, ids)}
    if stage.action == APPROVE:
        return job | _approval(stage, said)
    if said:
        job["rules"] = [{"if": said}]
    job |= _surroundings(stage, is_left)
    if is_left:
        install = () if stage.action in AT_HOME else (INSTALL,)
        job["script"] = [*install, _STARTED, seatrial_command(pipeline, stage, _ORIGIN)]
        return job
    return job | _commands(pipeline, stage, losses) | _endings(stage, losses)


def _commands(pipeline: Pipeline, stage: Stage, losses: list[Loss]) -> dict[str, Any]:
    """What a job does, with what it keeps."""
    caches, lines = caching(stage, pipeline, losses)
    started = [_STARTED] if reads_run(stage, EVENT) else []
    lines = [*started, *lines, *_requirements(stage), *_lines(stage)]
    return {**caches, "script": lines or ["true"], **_results(stage)}


def _tries_itself(stage: Stage) -> bool:
    """GitLab tries again twice at most, and begins anew each time: not so in a workspace that is shared."""
    return stage.retry > _RETRIES or bool(stage.retry and stage.workspace)


def _lines(stage: Stage) -> list[str]:
    if _tries_itself(stage):
        return [one_script(stage._replace(finally_=(), may_fail=False))]
    return [for_bash(command) for command in commands(stage.steps) or ()]


def _needs(pipeline: Pipeline, stage: Stage, ids: dict[str, str]) -> list[Any]:
    """Whose condition does not hold is not there at all, and then neither is who needs it."""
    by_name = {each.name: each for each in pipeline.stages}
    needs = awaited(stage, pipeline.stages)
    conditional = {need for need in needs if condition_of(by_name[need], pipeline.stages) is not None}
    return [{"job": ids[need], "optional": True} if need in conditional else ids[need] for need in needs]


def _approval(stage: Stage, said: str | None) -> dict[str, Any]:
    message = getattr(stage.options, "message", "") or stage.name
    rule: dict[str, Any] = {"when": "manual", "allow_failure": False}
    script = f"printf '%s\\n' {shlex.quote(message)}"
    return {"rules": [({"if": said} if said else {}) | rule], "script": [script]}


def _surroundings(stage: Stage, is_left: bool) -> dict[str, Any]:
    job: dict[str, Any] = {}
    if stage.action in AT_HOME:
        job["tags"] = ["seatrial"]
    if isinstance(stage.options, Release):
        job["environment"] = stage.options.environment
        job["resource_group"] = stage.options.environment
    variables = {name: _OF_THE_COMMIT.get(value) or value.replace("$", "$$") for name, value in stage.env}
    if stage.git or is_left:
        variables["GIT_DEPTH"] = "0"
    elif stage.checkout is None:
        variables["GIT_STRATEGY"] = "none"
    if variables:
        job["variables"] = variables
    if not is_left:
        job |= _containers(stage)
    return job | _limits(stage, is_left)


def _containers(stage: Stage) -> dict[str, Any]:
    """A matrix, an image and the services beside."""
    job: dict[str, Any] = {}
    if has_matrix(stage):
        job["parallel"] = {"matrix": [dict(chosen) for chosen in combinations(stage.matrix)]}
    if stage.image:
        job["image"] = stage.image
    services = (*stage.services, *stage.beside)
    if services:
        job["services"] = [_service(service) for service in services]
    return job


def _limits(stage: Stage, is_left: bool) -> dict[str, Any]:
    job: dict[str, Any] = {}
    is_in_script = _tries_itself(stage) and not is_left
    if stage.timeout_seconds and not is_in_script:
        job["timeout"] = f"{max(1, round(stage.timeout_seconds))} seconds"
    if stage.may_fail:
        job["allow_failure"] = True
    if stage.retry and not is_in_script:
        job["retry"] = min(stage.retry, _RETRIES)
    return job


def _service(service: Service) -> dict[str, Any]:
    every = {
        "name": service.image,
        "alias": service.name,
        "variables": dict(service.env),
        "entrypoint": list(service.entrypoint),
        "command": list(service.command),
    }
    return {key: value for key, value in every.items() if value}


def _requirements(stage: Stage) -> Iterator[str]:
    if stage.python:
        yield 'environment="$(mktemp -d)"'
        yield 'python3 -m venv "$environment"'
        # Not quoted whole: the variables of a matrix stand in the path.
        yield f'"$environment/bin/pip" install -r "{stage.python}"'
        yield 'export PATH="$environment/bin:$PATH"'


def _results(stage: Stage) -> dict[str, Any]:
    """A workspace that is shared is handed on whole."""
    outputs = ["./"] if stage.workspace else [*stage.outputs, *_kept(stage)]
    artifacts: dict[str, Any] = {"paths": outputs} if outputs else {}
    excludes = [path for one in archived(stage) for path in one.files.excludes]
    artifacts |= {"exclude": excludes} if excludes and outputs != ["./"] else {}
    artifacts |= {"when": "always"} if stage.keeps_after_failure else {}
    if stage.reports:
        artifacts |= {"when": "always", "reports": {"junit": list(stage.reports)}}
    return {"artifacts": artifacts} if artifacts else {}


def _kept(stage: Stage) -> Iterator[str]:
    """What is kept for people to look at."""
    for one in archived(stage):
        yield from one.files.patterns


def _endings(stage: Stage, losses: list[Loss]) -> dict[str, Any]:
    lines = []
    for block in stage.finally_:
        if block.condition not in _STATUS:
            losses.append(Loss(stage.place, f"what `{stage.name}` does after `{block.condition}`"))
            continue
        script = "\n".join(map(as_line, commands(block.steps) or ()))
        status = _STATUS[block.condition]
        lines.append(f'if [ "$CI_JOB_STATUS" = {status} ]; then\n{script}\nfi' if status else script)
    if lines:
        losses.append(Loss(stage.place, f"what `{stage.name}` does at its end cannot fail it"))
    return {"after_script": lines} if lines else {}


def _last(pipeline: Pipeline, one: Last, losses: list[Loss]) -> dict[str, Any]:
    """A job that runs after all the others, by its condition; it has what they hand on."""
    if one.condition not in _WHEN or left_to_seatrial(one.stage):
        losses += unended(pipeline, one.condition)
        return {}
    made = {"stage": one.stage.name, "when": _WHEN[one.condition]} | _surroundings(one.stage, is_left=False)
    return {one.stage.name: made | _commands(pipeline, one.stage, losses)}
