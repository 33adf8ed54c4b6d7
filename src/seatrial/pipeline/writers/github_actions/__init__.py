"""A workflow of GitHub Actions: one job a stage."""

from __future__ import annotations

import shlex
from typing import Any

from seatrial.pipeline.parameter import BOOLEAN, Parameter
from seatrial.pipeline.pipeline import APPROVE, Pipeline, Stage
from seatrial.pipeline.writers.commands import AT_HOME, left_to_seatrial, reads_run
from seatrial.pipeline.writers.github_actions.conditions import expression, literal, string
from seatrial.pipeline.writers.github_actions.steps import OUTCOMES, seatrial_steps, steps_of
from seatrial.pipeline.writers.github_actions.surroundings import (
    BRANCH,
    OF_THE_COMMIT,
    OF_THE_START,
    surroundings,
)
from seatrial.pipeline.writers.last import Last, kept_for_the_end, last_stages
from seatrial.pipeline.writers.losses import common, unended
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.source import divided, passes_over, told
from seatrial.pipeline.writers.triggers import in_utc, schedules, unstarted
from seatrial.pipeline.writers.writer import Loss, Written

__all__ = ["expression", "write"]

_MACHINE, _HOME = "ubuntu-latest", "self-hosted"
_NO_FAILURE = "!failure() && !cancelled()"
_CAN = frozenset(
    (
        "after failure",
        "beside",
        "caches",
        "empty",
        "excludes",
        "options",
        "pulls",
        "required files",
        "service entrypoints",
        "service users",
    )
)
# What scripts of other dialects read of a run.
_OF_THE_RUN = {
    "SEATRIAL_COMMIT": "${{ github.sha }}",
    "SEATRIAL_BRANCH": BRANCH,
    **OF_THE_START,
    "SEATRIAL_TAG": OF_THE_COMMIT["$SEATRIAL_TAG"],
    "SEATRIAL_RUN_NUMBER": "${{ github.run_number }}",
    "SEATRIAL_PROJECT": "${{ github.repository }}",
}


def write(pipeline: Pipeline) -> Written:
    """The workflow, one job a stage."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    pipeline, why = divided(pipeline, expression)
    pipeline = kept_for_the_end(pipeline)
    lasts = last_stages(pipeline)
    losses = [*common(pipeline, _CAN, [one.stage for one in lasts]), *why]
    losses += [*unstarted(pipeline), *in_utc(pipeline)]
    ids = identifiers(stage.name for stage in pipeline.stages)
    jobs = {ids[stage.name]: _job(pipeline, stage, ids, losses) for stage in pipeline.stages}
    for one in lasts:
        jobs |= _last(pipeline, one, ids, tuple(jobs), losses)
    document = {
        "name": pipeline.project or "seatrial",
        "on": _starts(pipeline),
        "permissions": {"contents": "read"},
        **_shared(pipeline, [one.stage for one in lasts]),
        "jobs": jobs,
    }
    return Written(yaml_text(document, f"Written by `seatrial convert` from {pipeline.path}."), tuple(losses))


def _shared(pipeline: Pipeline, lasts: list[Stage]) -> dict[str, Any]:
    """The variables of all jobs."""
    of_the_run = _OF_THE_RUN if any(map(reads_run, (*pipeline.stages, *lasts))) else {}
    env = {} if pipeline.dialect == "seatrial" else of_the_run | _given(pipeline)
    return {"env": env} if env else {}


def _starts(pipeline: Pipeline) -> dict[str, Any]:
    crons = [{"cron": cron} for one in schedules(pipeline) for cron in one.crons]
    scheduled = {"schedule": crons} if crons else {}
    return {"push": {}, "pull_request": {}, **scheduled, "workflow_dispatch": _dispatch(pipeline)}


def _dispatch(pipeline: Pipeline) -> dict[str, Any]:
    """The form of a run by hand."""
    inputs = {one.name: _input(one) for one in pipeline.parameters}
    return {"inputs": inputs} if inputs else {}


def _input(one: Parameter) -> dict[str, Any]:
    made: dict[str, Any] = {"type": one.kind, "default": one.value}
    if one.kind == BOOLEAN:
        made["default"] = one.value == "true"
    return made | ({"options": list(one.choices)} if one.choices else {})


def _given(pipeline: Pipeline) -> dict[str, str]:
    """The parameters as variables: no form was filled in where nobody started the run by hand."""
    not_by_hand = "github.event_name != 'workflow_dispatch'"
    return {
        one.name: f"${{{{ {not_by_hand} && {string(one.value)} || format('{{0}}', inputs.{one.name}) }}}}"
        for one in pipeline.parameters
    }


def _job(pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]) -> dict[str, Any]:
    said, is_left = told(stage, pipeline, expression, losses)
    job: dict[str, Any] = {"name": stage.name} if ids[stage.name] != stage.name else {}
    job["runs-on"] = _HOME if stage.action in AT_HOME else _MACHINE
    if stage.needs:
        job["needs"] = [ids[need] for need in stage.needs]
    if stage.needs and passes_over(stage):
        said = f"{_NO_FAILURE} && ({said})" if said else _NO_FAILURE
    if said:
        job["if"] = said
    if stage.action == APPROVE:
        return job | _approval(stage, ids[stage.name], losses)
    job |= surroundings(stage, is_left, losses)
    if is_left:
        job["steps"] = list(seatrial_steps(pipeline, stage))
    else:
        job["steps"] = list(steps_of(pipeline, stage, ids, losses))
    return job


def _approval(stage: Stage, identifier: str, losses: list[Loss]) -> dict[str, Any]:
    name = f"approve-{identifier}"
    text = f"`{stage.name}` asks nobody until the environment `{name}` has reviewers"
    losses.append(Loss(stage.place, text))
    message = getattr(stage.options, "message", "") or stage.name
    return {"environment": name, "steps": [{"run": literal(f"printf '%s\\n' {shlex.quote(message)}")}]}


def _last(
    pipeline: Pipeline, one: Last, ids: dict[str, str], before: tuple[str, ...], losses: list[Loss]
) -> dict[str, Any]:
    """A job that runs after all the others, the last ones before it among them, by its condition."""
    if one.condition not in OUTCOMES or left_to_seatrial(one.stage):
        losses += unended(pipeline, one.condition)
        return {}
    # `success()` does not hold where one of them was left out.
    said = _NO_FAILURE if one.condition == "success" else OUTCOMES[one.condition]
    job = {"runs-on": _MACHINE, "needs": list(before), "if": said}
    named = {**ids, one.stage.name: one.stage.name}
    job |= surroundings(one.stage, False, losses)
    return {one.stage.name: job | {"steps": list(steps_of(pipeline, one.stage, named, losses))}}
