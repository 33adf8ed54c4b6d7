"""A `.travis.yml` of Travis CI."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.condition import MATCHES, Compare, Condition, Every, Not, Some
from seatrial.pipeline.matrix import expand
from seatrial.pipeline.pipeline import APPROVE, Pipeline, Stage, place_of
from seatrial.pipeline.writers.caches import folders_of, kept, taken
from seatrial.pipeline.writers.commands import (
    AT_HOME,
    EVENT,
    INSTALL,
    REQUEST,
    TARGET,
    Origin,
    left_to_seatrial,
    reads_run,
    seatrial_command,
    venv,
)
from seatrial.pipeline.writers.expressions import slashed
from seatrial.pipeline.writers.last import ended_in_jobs
from seatrial.pipeline.writers.losses import common, python_there, top, unkept, waiting
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.one_script import lost_in_script, one_script
from seatrial.pipeline.writers.plain import handed_on
from seatrial.pipeline.writers.ranks import ranks
from seatrial.pipeline.writers.source import all_said, divided, makers, told
from seatrial.pipeline.writers.triggers import schedules_are_settings
from seatrial.pipeline.writers.writer import Loss, Written

# There the branch of a request is the one that it wants to go to: it must not count as that.
_OWN_BRANCH = "$(if [ $TRAVIS_PULL_REQUEST = false ]; then echo $TRAVIS_BRANCH; fi)"
_REQUEST = '"${TRAVIS_PULL_REQUEST#false}"'
_EVENT = (
    "$(case $TRAVIS_EVENT_TYPE in (cron) echo schedule ;; (api) echo manual ;; "
    "(*) echo $TRAVIS_EVENT_TYPE ;; esac)"
)
_OF_THE_COMMIT = {
    "$GIT_COMMIT": '"$TRAVIS_COMMIT"',
    "$GIT_BRANCH": _OWN_BRANCH,
    "$SEATRIAL_TAG": '"$TRAVIS_TAG"',
}
# What scripts of other dialects read of a run.
_OF_THE_RUN = (
    f'SEATRIAL_COMMIT="$TRAVIS_COMMIT" SEATRIAL_BRANCH={_OWN_BRANCH} SEATRIAL_TAG="$TRAVIS_TAG" '
    f'{EVENT}={_EVENT} {REQUEST}={_REQUEST} {TARGET}="$TRAVIS_BRANCH" '
    'SEATRIAL_RUN_NUMBER="$TRAVIS_BUILD_NUMBER" SEATRIAL_PROJECT="$TRAVIS_REPO_SLUG"'
)
_EVENTS = {"push": "push", "pull_request": "pull_request", "schedule": "cron", "manual": "api"}
_BRANCH = "tag IS blank AND type != pull_request"  # there `branch` is also a tag, or where a request goes


def write(pipeline: Pipeline) -> Written:
    """The file: Travis knows ranks of jobs and no needs; each combination of a matrix is a job."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    pipeline, why = divided(pipeline, condition_text)
    pipeline, unsaid = ended_in_jobs(pipeline)
    losses = [
        *common(pipeline, ("caches", "empty")),
        *python_there(pipeline.stages),
        *why,
        *schedules_are_settings(pipeline),
        *_fixed(pipeline),
        *unsaid,
    ]
    stages, _ = expand(pipeline.stages)
    pipeline = pipeline._replace(stages=stages)
    groups, waits = ranks(stages)
    losses += (waiting(stage) for stage in waits)
    losses += [loss for stage in stages for loss in _lost(stage)]
    ids = identifiers(stage.name for stage in stages)
    include = [
        {"stage": f"rank {number}"} | _job(pipeline, stage, ids, losses)
        for number, group in enumerate(groups, start=1)
        for stage in group
    ]
    jobs: dict[str, Any] = {"include": include}
    forgiven = [{"name": stage.name} for stage in stages if stage.may_fail]
    if forgiven:
        jobs["allow_failures"] = forgiven
    document: dict[str, Any] = {"os": "linux", "dist": "jammy", "language": "minimal"}
    if pipeline.dialect != "seatrial":
        given = [f"{one.name}={shlex.quote(one.value)}" for one in pipeline.parameters]
        of_the_run = [_OF_THE_RUN] if any(map(reads_run, stages)) else []
        if of_the_run or given:
            document["env"] = {"global": [*of_the_run, *given]}
    document["jobs"] = jobs
    return Written(yaml_text(document, f"Written by `seatrial convert` from {pipeline.path}."), tuple(losses))


def _fixed(pipeline: Pipeline) -> Iterator[Loss]:
    for one in pipeline.parameters:
        yield Loss(
            top(pipeline), f"the parameter `{one.name}` is given by the `env` of a build's own configuration"
        )


def _job(pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]) -> dict[str, Any]:
    said, is_left = told(stage, pipeline, condition_text, losses)
    job: dict[str, Any] = {"name": stage.name}
    if said:
        job["if"] = said
    env = [f"{name}={_OF_THE_COMMIT.get(value) or shlex.quote(value)}" for name, value in stage.env]
    env += [f"{name}={shlex.quote(value)}" for name, value in stage.variables]
    if env:
        job["env"] = [" ".join(env)]
    if not is_left:
        job |= _workspaces(pipeline, stage, ids)
        job |= _cache(pipeline, stage, losses)
        job |= {"git": {"clone": False}} if stage.checkout is None else {}
    lines = _left(pipeline, stage) if is_left else _lines(stage)
    return job | {"script": " &&\n".join(lines) or "true"}


def _workspaces(pipeline: Pipeline, stage: Stage, ids: dict[str, str]) -> dict[str, Any]:
    """How files reach the jobs of later ranks."""
    used = makers(stage, pipeline.stages)
    made: dict[str, Any] = {}
    if handed_on(stage):
        made["create"] = {"name": ids[stage.name], "paths": list(handed_on(stage))}
    if used:
        made["use"] = [ids[maker.name] for maker in used]
    return {"workspaces": made} if made else {}


def _cache(pipeline: Pipeline, stage: Stage, losses: list[Loss]) -> dict[str, Any]:
    """A job there has one cache, which is brought before it and kept after it."""
    of_others = (path for step in taken(stage, pipeline) for path in folders_of(step, pipeline))
    folders = dict.fromkeys((*of_others, *(path for one in kept(stage) for path in one.cache.paths)))
    if not folders:
        return {}
    keys = [one.cache.key for one in kept(stage)] + [
        key for one in taken(stage, pipeline) for key in one.keys
    ]
    if any(kind not in ("text", "time") for key in keys for kind, _ in key) or not kept(stage):
        losses.append(Loss(stage.place, f"`{stage.name}` has one cache of its own, whatever its key says"))
    return {"cache": {"directories": [re.sub("^~/", "$HOME/", path) for path in folders]}}


def _left(pipeline: Pipeline, stage: Stage) -> Iterator[str]:
    if stage.action == APPROVE:  # nobody can be asked, so nothing that waits for a yes may go on
        yield f"printf '%s\\n' {shlex.quote(getattr(stage.options, 'message', '') or stage.name)}"
        yield "false"
        return
    yield INSTALL
    yield f"BRANCH={_OWN_BRANCH} {EVENT}={_EVENT} {REQUEST}={_REQUEST}"
    yield seatrial_command(pipeline, stage, Origin("BRANCH", REQUEST, "TRAVIS_BRANCH"))


def _lines(stage: Stage) -> Iterator[str]:
    if stage.python:
        yield venv("~/python", f"-r {shlex.quote(stage.python)}")
    yield one_script(stage)


def _lost(stage: Stage) -> Iterator[Loss]:
    if stage.action == APPROVE:
        yield Loss(stage.place, f"`{stage.name}` can ask nobody: the job fails until you take it out")
    if stage.action in AT_HOME:
        yield Loss(
            stage.place, f"`{stage.name}` runs on a machine that is thrown away, with what serves there"
        )
    if left_to_seatrial(stage):
        return
    for key in ("image", "services", "reports"):
        if getattr(stage, key):
            yield Loss(place_of(stage, key), f"`{key}` of `{stage.name}`")
    yield from unkept(stage)
    yield from lost_in_script(stage)


def condition_text(condition: Condition) -> str | None:
    """The condition as Travis reads it; None where it cannot be said there."""
    if isinstance(condition, Compare):
        return _comparison(condition)
    if isinstance(condition, Not):
        inner = condition_text(condition.inner)
        return None if inner is None else f"NOT ({inner})"
    if not isinstance(condition, Every | Some):
        return None
    said = all_said(condition.parts, condition_text)
    word = " AND " if isinstance(condition, Every) else " OR "
    return None if said is None else word.join(f"({part})" for part in said)


def _comparison(test: Compare) -> str | None:
    if test.sign == MATCHES:
        expression = slashed(test.value) if test.subject in ("branch", "tag") else None
        more = f" AND {_BRANCH}" if test.subject == "branch" else ""
        return expression and f"{test.subject} =~ {expression}{more}"
    if '"' in test.value or test.sign.endswith("~"):
        return None
    if test.subject == "event" and test.sign:
        said = f"type = {_EVENTS[test.value]}"
    elif test.subject == "tag":
        said = f'tag = "{test.value}"' if test.sign else "tag IS present"
    elif test.subject == "branch":
        said = f'branch = "{test.value}" AND {_BRANCH}' if test.sign else _BRANCH
    else:
        return None
    return f"NOT ({said})" if test.sign == "!=" else said
