"""A declarative Jenkinsfile."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from seatrial.pipeline.condition import Changes, Compare, Condition, Every, Not
from seatrial.pipeline.matrix import expand
from seatrial.pipeline.pipeline import APPROVE, Finally, Pipeline, Stage, place_of
from seatrial.pipeline.writers.commands import as_line, commands, left_to_seatrial, seatrial_command
from seatrial.pipeline.writers.losses import AT_HOME, common
from seatrial.pipeline.writers.ranks import ranks
from seatrial.pipeline.writers.source import condition_of
from seatrial.pipeline.writers.writer import Loss, Written

_OF_THE_COMMIT = {
    "$GIT_COMMIT": '"${env.GIT_COMMIT}"',
    "$GIT_BRANCH": '"${env.BRANCH_NAME}"',
    "$SEATRIAL_TAG": "\"${env.TAG_NAME ?: ''}\"",
}
_POST = {
    "aborted": "aborted",
    "always": "always",
    "changed": "changed",
    "cleanup": "cleanup",
    "failure": "failure",
    "fixed": "fixed",
    "regression": "regression",
    "success": "success",
    "unstable": "unstable",
    "unsuccessful": "unsuccessful",
    "not_built": "notBuilt",
}
_EVENTS = {
    "pull_request": "changeRequest()",
    "schedule": "triggeredBy 'TimerTrigger'",
    "manual": "triggeredBy cause: 'UserIdCause'",
}


def write(pipeline: Pipeline) -> Written:
    """The file: stages that may run at once stand in one `parallel`; they share one workspace."""
    losses = list(common(pipeline))
    stages, _ = expand(pipeline.stages)
    pipeline = pipeline._replace(stages=stages)
    groups, waits = ranks(stages)
    losses += [Loss(stage.place, f"`{stage.name}` also waits for stages it does not need") for stage in waits]
    for block in pipeline.finally_:
        if commands(block.steps) is None:
            place = stages[0].place._replace(line=1, column=1)
            losses.append(Loss(place, f"what the whole pipeline does after `{block.condition}`"))
    body = [line for group in groups for line in _group(pipeline, group, losses)]
    lines = ["agent any", *_block("stages", body), *_post(pipeline.finally_)]
    heading = f"// Written by `seatrial convert` from {pipeline.path}.\n"
    return Written(heading + "\n".join(_block("pipeline", lines)) + "\n", tuple(losses))


def _group(pipeline: Pipeline, group: tuple[Stage, ...], losses: list[Loss]) -> list[str]:
    made = [line for stage in group for line in _stage(pipeline, stage, losses)]
    if len(group) == 1:
        return made
    name = f"{group[0].name} and {len(group) - 1} more"
    return _block(f"stage({_quoted(name)})", _block("parallel", made))


def _stage(pipeline: Pipeline, stage: Stage, losses: list[Loss]) -> list[str]:
    condition = condition_of(stage, pipeline.stages)
    said = None if condition is None else condition_text(condition)
    is_left = left_to_seatrial(stage) or (condition is not None and said is None)
    if is_left and not left_to_seatrial(stage):
        losses.append(Loss(place_of(stage, "when"), f"when `{stage.name}` runs is left to seatrial"))
    if stage.services:
        losses.append(Loss(place_of(stage, "services"), f"the containers beside `{stage.name}`"))
    body = _agent(stage, is_left)
    if said:
        body += _block("when", [said])
    body += _options(stage) + _environment(pipeline, stage)
    body += _block("steps", _guarded(stage, list(_steps(pipeline, stage, is_left))))
    return _block(f"stage({_quoted(stage.name)})", body + ([] if is_left else _post(stage.finally_, stage)))


def _agent(stage: Stage, is_left: bool) -> list[str]:
    if stage.action in AT_HOME:
        return ["agent { label 'seatrial' }"]
    if stage.image and not is_left:
        return _block("agent", _block("docker", [f"image {_quoted(stage.image)}", "reuseNode true"]))
    return []


def _options(stage: Stage) -> list[str]:
    lines = []
    if stage.timeout_seconds:
        lines.append(f"timeout(time: {max(1, round(stage.timeout_seconds))}, unit: 'SECONDS')")
    if stage.retry:
        lines.append(f"retry({stage.retry + 1})")
    return _block("options", lines) if lines else []


def _environment(pipeline: Pipeline, stage: Stage) -> list[str]:
    of_the_run = {
        "SEATRIAL_COMMIT": '"${env.GIT_COMMIT}"',
        "SEATRIAL_BRANCH": '"${env.BRANCH_NAME}"',
        "SEATRIAL_RUN_NUMBER": '"${env.BUILD_NUMBER}"',
        "SEATRIAL_PROJECT": '"${env.JOB_NAME}"',
    }
    said = {} if pipeline.dialect == "seatrial" else of_the_run
    said |= {name: _OF_THE_COMMIT.get(value) or _quoted(value) for name, value in stage.env}
    said |= {name: _quoted(value) for name, value in stage.variables}
    said |= {name: f"credentials({_quoted(name)})" for name in stage.secrets}
    return _block("environment", [f"{name} = {value}" for name, value in said.items()]) if said else []


def _steps(pipeline: Pipeline, stage: Stage, is_left: bool) -> Iterator[str]:
    if stage.action == APPROVE:
        yield f"input message: {_quoted(getattr(stage.options, 'message', '') or stage.name)}"
    elif is_left:
        yield f"sh {_quoted(seatrial_command(pipeline, stage, 'BRANCH_NAME'))}"
    else:
        prepare = ""
        if stage.python:
            yield f"sh {_quoted(f'python3 -m venv .venv && .venv/bin/pip install -r {stage.python}')}"
            prepare = 'PATH="$PWD/.venv/bin:$PATH"\nexport PATH\n'
        found = [f"sh {_quoted(prepare + as_line(command))}" for command in commands(stage.steps) or ()]
        yield from found or ["sh 'true'"]


def _guarded(stage: Stage, steps: list[str]) -> list[str]:
    if not stage.may_fail:
        return steps
    return _block("catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE')", steps)


def _post(blocks: tuple[Finally, ...], stage: Stage | None = None) -> list[str]:
    said: dict[str, list[str]] = {}
    for block in blocks:
        lines = [f"sh {_quoted(as_line(command))}" for command in commands(block.steps) or ()]
        said.setdefault(_POST[block.condition], []).extend(lines)
    if stage is not None and stage.reports:
        said.setdefault("always", []).append(f"junit {_quoted(','.join(stage.reports))}")
    body = [line for name, lines in said.items() if lines for line in _block(name, lines)]
    return _block("post", body) if body else []


def condition_text(condition: Condition) -> str | None:
    """The condition as a line of `when`; None where it cannot be said there."""
    if isinstance(condition, Changes):
        return f"anyOf {{ {'; '.join(f'changeset {_quoted(one)}' for one in condition.patterns)} }}"
    if isinstance(condition, Not):
        inner = condition_text(condition.inner)
        return None if inner is None else f"not {{ {inner} }}"
    if isinstance(condition, Compare):
        return _comparison(condition)
    parts = [condition_text(part) for part in condition.parts]
    said = [part for part in parts if part is not None]
    if len(said) < len(parts):
        return None
    return f"{'allOf' if isinstance(condition, Every) else 'anyOf'} {{ {'; '.join(said)} }}"


def _comparison(test: Compare) -> str | None:
    said = _positive(test)
    return f"not {{ {said} }}" if said and test.sign.startswith("!") else said


def _positive(test: Compare) -> str | None:
    if test.subject == "event":
        return _EVENTS.get(test.value) if test.sign in ("==", "!=") else None
    if test.subject not in ("branch", "tag"):
        return None
    if not test.sign:
        return "buildingTag()" if test.subject == "tag" else "not { buildingTag() }"
    comparator = "GLOB" if test.sign.endswith("~") else "EQUALS"
    return f"{test.subject} pattern: {_quoted(test.value)}, comparator: '{comparator}'"


def _quoted(text: str) -> str:
    """A string of Groovy in which nothing is filled in."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if "\n" not in text else "'" + escaped.replace("\n", "\\n") + "'"


def _block(name: str, lines: list[str]) -> list[str]:
    return [f"{name} {{", *(textwrap.indent(line, "    ") for line in lines), "}"]
