"""The pipeline of GitLab CI: `.gitlab-ci.yml`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import partial
from typing import Any

from seatrial.patterns import compiled
from seatrial.pipeline.condition import MATCHES, Changes, Compare, Condition, Every, Not
from seatrial.pipeline.matrix import combinations
from seatrial.pipeline.parameter import BOOLEAN, Parameter
from seatrial.pipeline.pipeline import APPROVE, Finally, Pipeline, Release, Service, Stage
from seatrial.pipeline.writers.commands import (
    AT_HOME,
    INSTALL,
    as_line,
    commands,
    for_bash,
    reads_run,
    seatrial_command,
)
from seatrial.pipeline.writers.expressions import slashed
from seatrial.pipeline.writers.losses import common
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.one_script import one_script
from seatrial.pipeline.writers.plain import archived, with_python
from seatrial.pipeline.writers.source import all_said, awaited, condition_of, divided, has_matrix, told
from seatrial.pipeline.writers.writer import Loss, Written

_RESERVED = (
    *("after_script", "before_script", "cache", "default", "image", "include", "pages", "services"),
    *("spec", "stages", "types", "variables", "workflow", "true", "false", "nil"),
)
_EVENTS = {"push": "push", "pull_request": "merge_request_event", "schedule": "schedule", "manual": "web"}
_SUBJECTS = {"branch": "$CI_COMMIT_BRANCH", "tag": "$CI_COMMIT_TAG"}
_OPPOSITE = {"==": "!=", "!=": "==", "=~": "!~", "!~": "=~"}
_STATUS = {"always": "", "cleanup": "", "success": "success", "failure": "failed", "aborted": "canceled"}
_WHEN = {"always": "always", "cleanup": "always", "success": "on_success", "failure": "on_failure"}
_OF_THE_COMMIT = {
    "$GIT_COMMIT": "$CI_COMMIT_SHA",
    "$GIT_BRANCH": "$CI_COMMIT_BRANCH",
    "$SEATRIAL_TAG": "$CI_COMMIT_TAG",
}
# What scripts of other dialects read of a run.
_OF_THE_RUN = {
    "SEATRIAL_COMMIT": "$CI_COMMIT_SHA",
    "SEATRIAL_BRANCH": "$CI_COMMIT_BRANCH",
    "SEATRIAL_TAG": "$CI_COMMIT_TAG",
    "SEATRIAL_RUN_NUMBER": "$CI_PIPELINE_IID",
    "SEATRIAL_PROJECT": "$CI_PROJECT_PATH",
}
_RETRIES = 2  # GitLab's limit


def write(pipeline: Pipeline) -> Written:
    """The file, one job a stage."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    pipeline, why = divided(pipeline, expression)
    pipeline = pipeline._replace(stages=tuple(map(with_python, pipeline.stages)))
    losses = [*common(pipeline), *why]
    bare = next((stage for stage in pipeline.stages if not stage.image and stage.action not in AT_HOME), None)
    if bare is not None:
        text = "a stage without an image runs in the runner's: it must have what the commands need"
        losses.append(Loss(bare.place, text))
    ids = identifiers((stage.name for stage in pipeline.stages), _RESERVED)
    document: dict[str, Any] = {"stages": ["run"]}
    if pipeline.dialect != "seatrial":
        of_the_run = _OF_THE_RUN if any(map(reads_run, pipeline.stages)) else {}
        document["variables"] = of_the_run | {one.name: _form(one) for one in pipeline.parameters}
    if not document.get("variables"):
        document.pop("variables", None)
    for stage in pipeline.stages:
        document[ids[stage.name]] = _job(pipeline, stage, ids, losses)
    for number, block in enumerate(pipeline.finally_, start=1):
        document |= _last(pipeline, block, f"finally-{number}", losses)
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
        job["script"] = [*install, seatrial_command(pipeline, stage, "CI_COMMIT_BRANCH")]
        return job
    lines = [*_requirements(stage), *_lines(stage)]
    job["script"] = lines or ["true"]
    return job | _results(stage) | _endings(stage, losses)


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
    if stage.services:
        job["services"] = [_service(service) for service in stage.services]
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
    made: dict[str, Any] = {"name": service.image, "alias": service.name}
    return made | ({"variables": dict(service.env)} if service.env else {})


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


def _last(pipeline: Pipeline, block: Finally, name: str, losses: list[Loss]) -> dict[str, Any]:
    """A job that runs after all the others, by its condition."""
    steps = commands(block.steps)
    if block.condition not in _WHEN or steps is None:
        place = pipeline.stages[0].place._replace(line=1, column=1)
        losses.append(Loss(place, f"what the whole pipeline does after `{block.condition}`"))
        return {}
    return {
        name: {"stage": ".post", "when": _WHEN[block.condition], "script": [for_bash(one) for one in steps]}
    }


def expression(condition: Condition) -> str | None:
    """The condition as GitLab reads it; None where it cannot be said there. GitLab has no `not`."""
    return _said(condition, is_not=False)


def _said(condition: Condition, *, is_not: bool) -> str | None:
    if isinstance(condition, Changes):
        return None
    if isinstance(condition, Compare):
        return _comparison(condition, is_not=is_not)
    if isinstance(condition, Not):
        return _said(condition.inner, is_not=not is_not)
    said = all_said(condition.parts, partial(_said, is_not=is_not))
    word = " && " if isinstance(condition, Every) != is_not else " || "
    return None if said is None else word.join(f"({part})" for part in said)


def _comparison(test: Compare, *, is_not: bool) -> str | None:
    if test.subject == "event" and test.sign in ("==", "!="):
        sign = _OPPOSITE[test.sign] if is_not else test.sign
        return f'$CI_PIPELINE_SOURCE {sign} "{_EVENTS[test.value]}"'
    if test.subject not in _SUBJECTS:
        return None
    variable = _SUBJECTS[test.subject]
    if not test.sign:
        return f"{variable} == null" if is_not else f"{variable} != null"
    if test.sign == MATCHES:
        expression = slashed(test.value)
        return expression and f"{variable} {'!~' if is_not else '=~'} {expression}"
    sign = _OPPOSITE[test.sign] if is_not else test.sign
    if sign in ("==", "!="):
        return f'{variable} {sign} "{test.value}"' if test.value and '"' not in test.value else None
    pattern = _regular(test.value)
    return None if pattern is None else f"{variable} {sign} /{pattern}/"


def _regular(pattern: str) -> str | None:
    """The pattern as a regular expression of RE2; None where it has what this does not know."""
    words = re.findall(r"\*\*|\*|\?|[^*?]", pattern)
    if "[" in pattern or not compiled(pattern) or re.search(r"(?:^|/)\*\*/", pattern):
        return None
    known = {"**": ".*", "*": "[^\\/]*", "?": "[^\\/]", "/": "\\/"}
    return "^" + "".join(known.get(word) or re.escape(word) for word in words) + "$"
