"""A workflow of GitHub Actions."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.condition import MATCHES, Changes, Compare, Condition, Every, Not
from seatrial.pipeline.parameter import BOOLEAN, Parameter
from seatrial.pipeline.pipeline import APPROVE, Finally, Pipeline, Release, Service, Stage, place_of
from seatrial.pipeline.step import JENKINS_SHELL, SEATRIAL_SHELL
from seatrial.pipeline.writers.commands import (
    AT_HOME,
    BASH,
    BASH_LINES,
    Command,
    as_line,
    commands,
    left_to_seatrial,
    reads_run,
    seatrial_command,
)
from seatrial.pipeline.writers.losses import again_there, common
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.one_script import one_script
from seatrial.pipeline.writers.plain import archived, handed_on
from seatrial.pipeline.writers.source import all_said, divided, has_matrix, passes_over, told
from seatrial.pipeline.writers.writer import Loss, Written

_CHECKOUT, _UPLOAD, _DOWNLOAD = (
    "actions/checkout@v4",
    "actions/upload-artifact@v4",
    "actions/download-artifact@v4",
)
_PYTHON = "actions/setup-python@v5"
_MACHINE, _HOME = "ubuntu-latest", "self-hosted"
_EVENTS = {
    "push": "push",
    "pull_request": "pull_request",
    "schedule": "schedule",
    "manual": "workflow_dispatch",
}
_OUTCOMES = {
    "always": "always()",
    "cleanup": "always()",
    "success": "success()",
    "failure": "failure()",
    "aborted": "cancelled()",
    "unsuccessful": "failure() || cancelled()",
}
_OF_THE_COMMIT = {
    "$GIT_COMMIT": "${{ github.sha }}",
    "$GIT_BRANCH": "${{ github.ref_name }}",
    "$SEATRIAL_TAG": "${{ github.ref_type == 'tag' && github.ref_name || '' }}",
}
# What scripts of other dialects read of a run.
_OF_THE_RUN = {
    "SEATRIAL_COMMIT": "${{ github.sha }}",
    "SEATRIAL_BRANCH": "${{ github.head_ref || (github.ref_type == 'branch' && github.ref_name) || '' }}",
    "SEATRIAL_TAG": _OF_THE_COMMIT["$SEATRIAL_TAG"],
    "SEATRIAL_RUN_NUMBER": "${{ github.run_number }}",
    "SEATRIAL_PROJECT": "${{ github.repository }}",
}
# GitHub's words for shells; what one prints of its commands is not a part of them.
_SHELLS = {SEATRIAL_SHELL: "sh", JENKINS_SHELL: "sh", BASH: "bash"}
# Only of a branch itself: a pull request from a branch named `main` must not count as `main`.
_BRANCH = "${{ startsWith(github.ref, 'refs/heads/') && github.ref_name || '' }}"
_INSTALL = """\
if command -v seatrial; then exit 0; fi
python3 -m venv "$RUNNER_TEMP/seatrial"
"$RUNNER_TEMP/seatrial/bin/pip" install 'seatrial[all]'
echo "$RUNNER_TEMP/seatrial/bin" >> "$GITHUB_PATH"
"""


def write(pipeline: Pipeline) -> Written:
    """The workflow, one job a stage."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    pipeline, why = divided(pipeline, expression)
    losses = [*common(pipeline), *why]
    ids = identifiers(stage.name for stage in pipeline.stages)
    jobs = {ids[stage.name]: _job(pipeline, stage, ids, losses) for stage in pipeline.stages}
    for number, block in enumerate(pipeline.finally_, start=1):
        jobs |= _last(pipeline, block, f"finally-{number}", list(ids.values()), losses)
    document = {
        "name": pipeline.project or "seatrial",
        "on": {"push": {}, "pull_request": {}, "workflow_dispatch": _dispatch(pipeline)},
        "permissions": {"contents": "read"},
        **_shared(pipeline),
        "jobs": jobs,
    }
    return Written(yaml_text(document, f"Written by `seatrial convert` from {pipeline.path}."), tuple(losses))


def _shared(pipeline: Pipeline) -> dict[str, Any]:
    """The variables of all jobs."""
    of_the_run = _OF_THE_RUN if any(map(reads_run, pipeline.stages)) else {}
    env = {} if pipeline.dialect == "seatrial" else of_the_run | _given(pipeline)
    return {"env": env} if env else {}


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
        one.name: f"${{{{ {not_by_hand} && {_string(one.value)} || format('{{0}}', inputs.{one.name}) }}}}"
        for one in pipeline.parameters
    }


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _job(pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]) -> dict[str, Any]:
    said, is_left = told(stage, pipeline, expression, losses)
    job: dict[str, Any] = {"name": stage.name} if ids[stage.name] != stage.name else {}
    job["runs-on"] = _HOME if stage.action in AT_HOME else _MACHINE
    if stage.needs:
        job["needs"] = [ids[need] for need in stage.needs]
    if stage.needs and passes_over(stage):
        said = f"!failure() && !cancelled() && ({said})" if said else "!failure() && !cancelled()"
    if said:
        job["if"] = said
    if stage.action == APPROVE:
        return job | _approval(stage, ids[stage.name], losses)
    job |= _surroundings(stage, is_left, losses)
    if is_left:
        job["steps"] = list(_seatrial_steps(pipeline, stage))
    else:
        job["steps"] = list(_steps(pipeline, stage, ids, losses))
    return job


def _approval(stage: Stage, identifier: str, losses: list[Loss]) -> dict[str, Any]:
    name = f"approve-{identifier}"
    text = f"`{stage.name}` asks nobody until the environment `{name}` has reviewers"
    losses.append(Loss(stage.place, text))
    message = getattr(stage.options, "message", "") or stage.name
    return {"environment": name, "steps": [{"run": _literal(f"printf '%s\\n' {shlex.quote(message)}")}]}


def _surroundings(stage: Stage, is_left: bool, losses: list[Loss]) -> dict[str, Any]:
    """All of a job but its steps."""
    job: dict[str, Any] = {}
    if isinstance(stage.options, Release):
        job["environment"] = stage.options.environment
    env = {name: _OF_THE_COMMIT.get(value) or _literal(value) for name, value in stage.env}
    env |= {name: f"${{{{ secrets.{name} }}}}" for name in stage.secrets}
    if is_left:
        env["BRANCH"] = _BRANCH
    else:
        env |= {axis: f"${{{{ matrix.{axis} }}}}" for axis in _axes(stage)}
        losses += _empty(stage)
    if env:
        job["env"] = env
    if not is_left:
        job |= _containers(stage)
    return job | _limits(stage, is_left, losses)


def _containers(stage: Stage) -> dict[str, Any]:
    """A matrix, an image and the services beside."""
    job: dict[str, Any] = {}
    if has_matrix(stage):
        job["strategy"] = {"fail-fast": False, "matrix": _matrix(stage)}
    if stage.image:
        job["container"] = _placed(stage.image, stage)
    if stage.services:
        job["services"] = {service.name: _service(service) for service in stage.services}
    return job


def _limits(stage: Stage, is_left: bool, losses: list[Loss]) -> dict[str, Any]:
    job: dict[str, Any] = {}
    if is_left or not _is_one(stage):
        job |= _minutes(stage)
    else:
        losses += again_there(stage)
    if stage.may_fail:
        job["continue-on-error"] = True
    return job


def _minutes(stage: Stage) -> dict[str, Any]:
    return {"timeout-minutes": math.ceil(stage.timeout_seconds / 60)} if stage.timeout_seconds else {}


def _is_one(stage: Stage) -> bool:
    """Whether one script does what GitHub has no word for: it knows no attempts, and counts minutes."""
    return bool(stage.retry or (stage.timeout_seconds and stage.timeout_seconds % 60))


def _service(service: Service) -> dict[str, Any]:
    made: dict[str, Any] = {"image": service.image}
    if service.env:
        made["env"] = {name: _literal(value) for name, value in service.env}
    if service.ports:
        made["ports"] = [f"{port}:{port}" for port in service.ports]
    return made


def _matrix(stage: Stage) -> dict[str, Any]:
    made: dict[str, Any] = {axis: list(values) for axis, values in stage.matrix.axes}
    for key in ("exclude", "include"):
        rows = [dict(row) for row in getattr(stage.matrix, key)]
        if rows:
            made[key] = rows
    return made


def _axes(stage: Stage) -> list[str]:
    rows = (row for row in stage.matrix.include)
    named = [axis for axis, _ in stage.matrix.axes]
    return list(dict.fromkeys([*named, *(name for row in rows for name, _ in row)]))


def _empty(stage: Stage) -> Iterator[Loss]:
    always = {axis for axis, _ in stage.matrix.axes}
    for axis in _axes(stage):
        if always and axis not in always:
            text = f"`{axis}` is empty, and not unset, where the matrix of `{stage.name}` does not choose it"
            yield Loss(place_of(stage, "matrix"), text)


def _seatrial_steps(pipeline: Pipeline, stage: Stage) -> Iterator[dict[str, Any]]:
    yield {"uses": _CHECKOUT, "with": {"fetch-depth": 0}}
    if stage.action not in AT_HOME:
        yield {"name": "install seatrial", "run": _INSTALL}
    yield {"run": _literal(seatrial_command(pipeline, stage, "BRANCH"))}


def _steps(
    pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]
) -> Iterator[dict[str, Any]]:
    yield {"uses": _CHECKOUT} | ({"with": {"fetch-depth": 0}} if stage.git else {})
    if stage.interpreter[:1].isdigit():
        yield {"uses": _PYTHON, "with": {"python-version": stage.interpreter}}
    by_name = {each.name: each for each in pipeline.stages}
    makers = [by_name[need] for need in stage.needs if handed_on(by_name[need])]
    for maker in makers:
        if not left_to_seatrial(maker):
            yield from _download(ids[maker.name])
    if stage.python:
        yield {"name": "install requirements", "run": _requirements(_placed(stage.python, stage))}
    if _is_one(stage):
        tried = one_script(stage._replace(finally_=(), may_fail=False))
        yield {"run": _literal(tried), "shell": "sh"}
    for command in () if _is_one(stage) else commands(stage.steps) or ():
        yield _step(command)
    yield from _upload(stage, ids[stage.name])
    yield from _kept(stage, ids[stage.name])
    for block in stage.finally_:
        yield from _ending(stage, block, losses)


def _download(identifier: str) -> Iterator[dict[str, Any]]:
    folder = f"${{{{ runner.temp }}}}/{identifier}"
    options = {"pattern": f"outputs-{identifier}-*", "path": folder, "merge-multiple": True}
    yield {"uses": _DOWNLOAD, "with": options}
    yield {"run": f'for file in "{folder}"/*.tar; do tar -xf "$file"; done'}


def _upload(stage: Stage, identifier: str) -> Iterator[dict[str, Any]]:
    outputs = handed_on(stage)
    if outputs:
        name = f"{identifier}-${{{{ strategy.job-index }}}}"
        file = f"${{{{ runner.temp }}}}/{name}.tar"
        paths = " ".join(shlex.quote(_placed(path, stage)) for path in outputs)
        yield {"run": f'tar --exclude=./.git -cf "{file}" {paths}'}
        yield {"uses": _UPLOAD, "with": {"name": f"outputs-{name}", "path": file}}
    if stage.reports:
        name = f"reports-{identifier}-${{{{ strategy.job-index }}}}"
        path = "\n".join(_placed(report, stage) for report in stage.reports)
        yield {"if": "always()", "uses": _UPLOAD, "with": {"name": name, "path": path}}


def _kept(stage: Stage, identifier: str) -> Iterator[dict[str, Any]]:
    """What is kept for people to look at."""
    for number, one in enumerate(archived(stage), start=1):
        name = f"kept-{identifier}-{number}-${{{{ strategy.job-index }}}}"
        path = "\n".join((*one.files.patterns, *(f"!{pattern}" for pattern in one.files.excludes)))
        none = "error" if one.files.required else "ignore"
        condition = {"if": _OUTCOMES[one.condition]} if one.condition in _OUTCOMES else {}
        yield condition | {"uses": _UPLOAD, "with": {"name": name, "path": path, "if-no-files-found": none}}


def _step(command: Command) -> dict[str, Any]:
    """A step of its own for a plain script; all else of a command is a line of sh."""
    named = {"name": _literal(command.name)} if command.name else {}
    if not command._replace(env=()).is_bare:
        return named | {"run": _literal(as_line(command)), "shell": "sh"}
    step: dict[str, Any] = named | {"run": _literal(command.script)}
    if command.env:
        step["env"] = {name: _literal(value) for name, value in command.env}
    is_usual = command.is_line or command.shell == BASH_LINES
    return step if is_usual else step | {"shell": _shell(command.shell)}


def _shell(words: tuple[str, ...]) -> str:
    return _SHELLS.get(words) or " ".join((*words, "{0}"))


def _ending(stage: Stage, block: Finally, losses: list[Loss]) -> Iterator[dict[str, Any]]:
    if block.condition not in _OUTCOMES:
        losses.append(Loss(stage.place, f"what `{stage.name}` does after `{block.condition}`"))
        return
    for command in commands(block.steps) or ():
        yield {"if": _OUTCOMES[block.condition]} | _step(command)


def _last(
    pipeline: Pipeline, block: Finally, name: str, needs: list[str], losses: list[Loss]
) -> dict[str, Any]:
    """A job that runs after all the others, by its condition."""
    steps = commands(block.steps)
    if block.condition not in _OUTCOMES or steps is None:
        place = pipeline.stages[0].place._replace(line=1, column=1)
        losses.append(Loss(place, f"what the whole pipeline does after `{block.condition}`"))
        return {}
    made: dict[str, Any] = {"runs-on": _MACHINE, "needs": needs, "if": _OUTCOMES[block.condition]}
    return {name: made | {"steps": [{"uses": _CHECKOUT}, *map(_step, steps)]}}


def _requirements(path: str) -> str:
    return (
        'python3 -m venv "$RUNNER_TEMP/python"\n'
        f'"$RUNNER_TEMP/python/bin/pip" install -r {shlex.quote(path)}\n'
        'echo "$RUNNER_TEMP/python/bin" >> "$GITHUB_PATH"\n'
    )


def _literal(text: str) -> str:
    """A text in which GitHub sees no expression of its own."""
    return text.replace("${{", "${{ '${{' }}")


def _placed(text: str, stage: Stage) -> str:
    """A text in which `$NAME` of an axis stands for what the matrix chose."""
    axes = _axes(stage)

    def chosen(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"${{{{ matrix.{name} }}}}" if name in axes else match[0]

    return re.sub(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", chosen, text)


def expression(condition: Condition) -> str | None:
    """The condition as GitHub reads it; None where it cannot be said there."""
    if isinstance(condition, Compare):
        return _comparison(condition)
    if isinstance(condition, Changes):
        return None
    if isinstance(condition, Not):
        inner = expression(condition.inner)
        return None if inner is None else f"!({inner})"
    said = all_said(condition.parts, expression)
    word = " && " if isinstance(condition, Every) else " || "
    return None if said is None else word.join(f"({part})" for part in said)


def _comparison(test: Compare) -> str | None:
    if test.subject == "event":
        return _event(test)
    if test.subject not in ("branch", "tag") or test.sign == MATCHES:
        return None
    prefix = "refs/heads/" if test.subject == "branch" else "refs/tags/"
    if not test.sign:
        return f"startsWith(github.ref, '{prefix}')"
    ref = f"'{prefix}{test.value.replace(chr(39), chr(39) * 2)}'"
    if test.sign in ("==", "!="):
        return f"github.ref {test.sign} {ref}" if test.value else None
    start = ref.removesuffix("**'") + "'"
    if not ref.endswith("**'") or re.search(r"[*?\[]", start):
        return None
    return f"{'!' if test.sign == '!~' else ''}startsWith(github.ref, {start})"


def _event(test: Compare) -> str | None:
    if test.sign not in ("==", "!="):
        return None
    return f"github.event_name {test.sign} '{_EVENTS[test.value]}'"
