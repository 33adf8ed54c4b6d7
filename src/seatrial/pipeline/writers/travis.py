"""A `.travis.yml` of Travis CI."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.condition import Compare, Condition, Every, Not, Some
from seatrial.pipeline.matrix import expand
from seatrial.pipeline.pipeline import APPROVE, Pipeline, Stage, place_of
from seatrial.pipeline.writers.commands import as_line, commands, left_to_seatrial, seatrial_command
from seatrial.pipeline.writers.losses import AT_HOME, common
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.ranks import ranks
from seatrial.pipeline.writers.source import condition_of
from seatrial.pipeline.writers.writer import Loss, Written

_OF_THE_COMMIT = {
    "$GIT_COMMIT": '"$TRAVIS_COMMIT"',
    "$GIT_BRANCH": '"$TRAVIS_BRANCH"',
    "$SEATRIAL_TAG": '"$TRAVIS_TAG"',
}
# What scripts of other dialects read of a run.
_OF_THE_RUN = (
    'SEATRIAL_COMMIT="$TRAVIS_COMMIT" SEATRIAL_BRANCH="$TRAVIS_BRANCH" SEATRIAL_TAG="$TRAVIS_TAG" '
    'SEATRIAL_RUN_NUMBER="$TRAVIS_BUILD_NUMBER" SEATRIAL_PROJECT="$TRAVIS_REPO_SLUG"'
)
_EVENTS = {"push": "push", "pull_request": "pull_request", "schedule": "cron", "manual": "api"}
_BRANCH = "tag IS blank AND type != pull_request"  # there `branch` is also a tag, or where a request goes
_VENV = "python3 -m venv ~/{0} && ~/{0}/bin/pip install {1} && export PATH=~/{0}/bin:$PATH"


def write(pipeline: Pipeline) -> Written:
    """The file: Travis knows ranks of jobs and no needs; each combination of a matrix is a job."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    losses = list(common(pipeline))
    stages, _ = expand(pipeline.stages)
    pipeline = pipeline._replace(stages=stages)
    groups, waits = ranks(stages)
    losses += [Loss(stage.place, f"`{stage.name}` also waits for stages it does not need") for stage in waits]
    losses += [loss for stage in stages for loss in _lost(stage)]
    if pipeline.finally_:
        place = stages[0].place._replace(line=1, column=1)
        losses.append(Loss(place, "what the whole pipeline does at its end"))
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
        document["env"] = {"global": [_OF_THE_RUN]}
    document["jobs"] = jobs
    return Written(yaml_text(document, f"Written by `seatrial convert` from {pipeline.path}."), tuple(losses))


def _job(pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]) -> dict[str, Any]:
    condition = condition_of(stage, pipeline.stages)
    said = None if condition is None else condition_text(condition)
    is_left = left_to_seatrial(stage) or (condition is not None and said is None)
    if is_left and not left_to_seatrial(stage):
        losses.append(Loss(place_of(stage, "when"), f"when `{stage.name}` runs is left to seatrial"))
    job: dict[str, Any] = {"name": stage.name}
    if said:
        job["if"] = said
    env = [f"{name}={_OF_THE_COMMIT.get(value) or shlex.quote(value)}" for name, value in stage.env]
    env += [f"{name}={shlex.quote(value)}" for name, value in stage.variables]
    if env:
        job["env"] = [" ".join(env)]
    if not is_left:
        job |= _workspaces(pipeline, stage, ids)
    lines = _left(pipeline, stage) if is_left else _lines(stage)
    return job | {"script": " &&\n".join(lines) or "true"}


def _workspaces(pipeline: Pipeline, stage: Stage, ids: dict[str, str]) -> dict[str, Any]:
    """How files reach the jobs of later ranks."""
    makers = [each for each in pipeline.stages if each.name in stage.needs and _outputs(each)]
    made: dict[str, Any] = {}
    if _outputs(stage):
        made["create"] = {"name": ids[stage.name], "paths": list(_outputs(stage))}
    if makers:
        made["use"] = [ids[maker.name] for maker in makers]
    return {"workspaces": made} if made else {}


def _outputs(stage: Stage) -> tuple[str, ...]:
    """A workspace that is shared is handed on whole."""
    return (".",) if stage.workspace else stage.outputs


def _left(pipeline: Pipeline, stage: Stage) -> Iterator[str]:
    if stage.action == APPROVE:  # nobody can be asked, so nothing that waits for a yes may go on
        yield f"printf '%s\\n' {shlex.quote(getattr(stage.options, 'message', '') or stage.name)}"
        yield "false"
        return
    yield _VENV.format("seatrial", "'seatrial[all]'")
    # A request from a branch named `main` must not count as `main`.
    yield 'BRANCH=; if [ "$TRAVIS_EVENT_TYPE" != pull_request ]; then BRANCH="$TRAVIS_BRANCH"; fi'
    yield seatrial_command(pipeline, stage, "BRANCH")


def _lines(stage: Stage) -> Iterator[str]:
    if stage.python:
        yield _VENV.format("python", f"-r {shlex.quote(stage.python)}")
    for command in commands(stage.steps) or ():
        yield as_line(command) if command.check else f"{{ {as_line(command)}; }}"


def _lost(stage: Stage) -> Iterator[Loss]:
    if stage.action == APPROVE:
        yield Loss(stage.place, f"`{stage.name}` can ask nobody: the job fails until you take it out")
    if stage.action in AT_HOME:
        yield Loss(
            stage.place, f"`{stage.name}` runs on a machine that is thrown away, with what serves there"
        )
    for key in ("image", "services", "reports", "timeout", "retry"):
        if getattr(stage, {"timeout": "timeout_seconds"}.get(key, key)):
            yield Loss(place_of(stage, key), f"`{key}` of `{stage.name}`")
    if stage.finally_:
        yield Loss(stage.place, f"what `{stage.name}` does at its end")


def condition_text(condition: Condition) -> str | None:
    """The condition as Travis reads it; None where it cannot be said there."""
    if isinstance(condition, Compare):
        return _comparison(condition)
    if isinstance(condition, Not):
        inner = condition_text(condition.inner)
        return None if inner is None else f"NOT ({inner})"
    if not isinstance(condition, Every | Some):
        return None
    parts = [condition_text(part) for part in condition.parts]
    said = [part for part in parts if part is not None]
    if len(said) < len(parts):
        return None
    return (" AND " if isinstance(condition, Every) else " OR ").join(f"({part})" for part in said)


def _comparison(test: Compare) -> str | None:
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
