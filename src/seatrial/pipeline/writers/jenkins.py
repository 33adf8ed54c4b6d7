"""A declarative Jenkinsfile."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.pipeline.condition import MATCHES, Changes, Compare, Condition, Every, Not
from seatrial.pipeline.matrix import expand
from seatrial.pipeline.parameter import BOOLEAN, CHOICE, Parameter
from seatrial.pipeline.pipeline import APPROVE, Finally, Pipeline, Stage, Trigger, Variables, place_of
from seatrial.pipeline.step import (
    Archive,
    Dir,
    Echo,
    Fail,
    Limit,
    Retry,
    Shell,
    Step,
    Tests,
    WithEnv,
    Write,
)
from seatrial.pipeline.writers.commands import (
    ASIDE,
    AT_HOME,
    EVENT,
    REQUEST,
    TARGET,
    Command,
    Origin,
    left_to_seatrial,
    reads_run,
    script_for_sh,
    seatrial_command,
)
from seatrial.pipeline.writers.expressions import whole
from seatrial.pipeline.writers.last import last_stages
from seatrial.pipeline.writers.losses import again_there, common, python_there, unended, waiting
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.plain import every_step
from seatrial.pipeline.writers.ranks import ranks
from seatrial.pipeline.writers.source import all_said, divided, told
from seatrial.pipeline.writers.triggers import schedules
from seatrial.pipeline.writers.writer import Loss, Written

# Only a multibranch project has one, which of a tag is the tag; `null` is no branch.
_BRANCH = "\"${env.TAG_NAME ? '' : env.BRANCH_NAME ?: ''}\""
_OF_THE_COMMIT = {
    "$GIT_COMMIT": '"${env.GIT_COMMIT}"',
    "$GIT_BRANCH": _BRANCH,
    "$SEATRIAL_TAG": "\"${env.TAG_NAME ?: ''}\"",
}
# The first that holds.
_EVENT = (
    "env.CHANGE_ID ? 'pull_request' : "
    "currentBuild.getBuildCauses('hudson.triggers.TimerTrigger$TimerTriggerCause') ? 'schedule' : "
    "currentBuild.getBuildCauses('hudson.model.Cause$UserIdCause') ? 'manual' : 'push'"
)
# What a run here is told of one there.
_ORIGIN = {
    "SEATRIAL_BRANCH": _BRANCH,
    REQUEST: "\"${env.CHANGE_ID ?: ''}\"",
    TARGET: "\"${env.CHANGE_TARGET ?: ''}\"",
    EVENT: f'"${{{_EVENT}}}"',
}
_OF_THE_RUN = {
    "SEATRIAL_COMMIT": '"${env.GIT_COMMIT}"',
    **_ORIGIN,
    "SEATRIAL_TAG": _OF_THE_COMMIT["$SEATRIAL_TAG"],
    "SEATRIAL_RUN_NUMBER": '"${env.BUILD_NUMBER}"',
    "SEATRIAL_PROJECT": '"${env.JOB_NAME}"',
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
_CAN = frozenset(
    ("excludes", "options", "pulls", "required files", "required tests", "run so far", "silence")
)
_EVENTS = {
    "pull_request": "changeRequest()",
    "schedule": "triggeredBy 'TimerTrigger'",
    "manual": "triggeredBy cause: 'UserIdCause'",
}


def write(pipeline: Pipeline) -> Written:
    """The file: stages that may run at once stand in one `parallel`; they share one workspace."""
    pipeline, why = divided(pipeline, condition_text)
    lasts = last_stages(pipeline)
    ends = [one for one in lasts if not left_to_seatrial(one.stage)]
    losses = [*common(pipeline, _CAN, [one.stage for one in ends]), *python_there(pipeline.stages), *why]
    losses += [loss for one in lasts if one not in ends for loss in unended(pipeline, one.condition)]
    stages, _ = expand(pipeline.stages)
    pipeline = pipeline._replace(stages=stages)
    groups, waits = ranks(stages)
    losses += map(waiting, waits)
    losses += [loss for group in groups for loss in _crowded(group)]
    losses += _unsaid(pipeline)
    body = [line for group in groups for line in _group(pipeline, group, losses)]
    given = [_parameter(one) for one in pipeline.parameters]
    parameters = _block("parameters", given) if given else []
    lines = [
        "agent any",
        *_triggers(pipeline),
        *parameters,
        *_block("stages", body),
        *_post(tuple(Finally(one.condition, one.stage.steps) for one in ends)),
    ]
    heading = f"// Written by `seatrial convert` from {pipeline.path}.\n"
    return Written(heading + "\n".join(_block("pipeline", lines)) + "\n", tuple(losses))


def _triggers(pipeline: Pipeline) -> list[str]:
    """Each kind of trigger stands there once, so one has the lines of all schedules."""
    lines = [f"cron({_quoted(_spec(found))})"] if (found := _scheduled(pipeline)) else []
    lines += [one.said for one in pipeline.triggers if one.is_known and not one.crons]
    return _block("triggers", lines) if lines else []


def _scheduled(pipeline: Pipeline) -> list[Trigger]:
    """The schedules that one trigger can have: those of the zone of the first."""
    always = [one for one in schedules(pipeline) if not one.condition]
    return [one for one in always if one.zone == always[0].zone]


def _spec(found: list[Trigger]) -> str:
    zone = found[0].zone
    crons = dict.fromkeys(cron for one in found for cron in one.crons)
    return "\n".join((*([f"TZ={zone}"] if zone else []), *crons))


def _unsaid(pipeline: Pipeline) -> Iterator[Loss]:
    scheduled = _scheduled(pipeline)
    for one in pipeline.triggers:
        if one not in scheduled if one.crons else not one.is_known:
            yield Loss(one.place, f"`{one.said}` starts no run")


def _crowded(group: tuple[Stage, ...]) -> Iterator[Loss]:
    for stage in group if len(group) > 1 else ():
        if not stage.workspace and not left_to_seatrial(stage):
            yield Loss(stage.place, f"`{stage.name}` shares its folder with the stages that run beside it")


def _parameter(one: Parameter) -> str:
    value = one.value if one.kind == BOOLEAN else _quoted(one.value)
    if one.kind == CHOICE:
        choices = dict.fromkeys((one.value, *one.choices))  # the first is the default
        return f"choice(name: {_quoted(one.name)}, choices: [{', '.join(map(_quoted, choices))}])"
    word = "booleanParam" if one.kind == BOOLEAN else "string"
    return f"{word}(name: {_quoted(one.name)}, defaultValue: {value})"


def _group(pipeline: Pipeline, group: tuple[Stage, ...], losses: list[Loss]) -> list[str]:
    made = [line for stage in group for line in _stage(pipeline, stage, losses)]
    if len(group) == 1:
        return made
    name = f"{group[0].name} and {len(group) - 1} more"
    return _block(f"stage({_quoted(name)})", _block("parallel", made))


def _stage(pipeline: Pipeline, stage: Stage, losses: list[Loss]) -> list[str]:
    said, is_left = told(stage, pipeline, condition_text, losses)
    losses += () if is_left else again_there(stage)
    if stage.services and not is_left:
        losses.append(Loss(place_of(stage, "services"), f"the containers beside `{stage.name}`"))
    body = _agent(stage, is_left)
    if said:
        body += _block("when", [said])
    body += _environment(pipeline, stage, is_left)
    body += _block("steps", _guarded(stage, _steps(pipeline, stage, is_left)))
    return _block(f"stage({_quoted(stage.name)})", body + ([] if is_left else _post(stage.finally_, stage)))


def _agent(stage: Stage, is_left: bool) -> list[str]:
    if stage.action in AT_HOME:
        return ["agent { label 'seatrial' }"]
    if stage.image and not is_left:
        options = " ".join(stage.container.options)
        words = [f"image {_quoted(stage.image)}", *([f"args {_quoted(options)}"] if options else [])]
        words += ["alwaysPull true"] if stage.container.always_pull else []
        return _block("agent", _block("docker", [*words, "reuseNode true"]))
    return []


def _environment(pipeline: Pipeline, stage: Stage, is_left: bool) -> list[str]:
    said: dict[str, str] = {}
    if is_left:
        said |= {} if stage.action == APPROVE else _ORIGIN
    elif pipeline.dialect != "seatrial" and reads_run(stage):
        said |= _OF_THE_RUN
    said |= {name: _OF_THE_COMMIT.get(value) or _quoted(value) for name, value in stage.env}
    said |= {name: _quoted(value) for name, value in stage.variables}
    said |= {name: f"credentials({_quoted(name)})" for name in stage.secrets}
    if stage.python and not is_left:
        said["PATH"] = f'"${{env.WORKSPACE}}/{_venv(stage)}/bin:${{env.PATH}}"'
    return _block("environment", [f"{name} = {value}" for name, value in said.items()]) if said else []


def _steps(pipeline: Pipeline, stage: Stage, is_left: bool) -> list[str]:
    if stage.action == APPROVE:
        return [f"input message: {_quoted(getattr(stage.options, 'message', '') or stage.name)}"]
    if is_left:
        return [
            f"sh {_quoted(seatrial_command(pipeline, stage, Origin('SEATRIAL_BRANCH', REQUEST, TARGET)))}"
        ]
    if not stage.python:
        return _lines(stage.steps) or ["sh 'true'"]
    venv = _venv(stage)
    script = f'python3 -m venv {venv} && {venv}/bin/pip install -r "{stage.python}"'
    return [f"sh {_quoted(script)}", *_lines(stage.steps)]


def _venv(stage: Stage) -> str:
    """A folder of the stage's own: those that run at once share a workspace."""
    return f".venv-{identifiers((stage.name,))[stage.name]}"


def _lines(steps: tuple[Step, ...]) -> list[str]:
    return [line for step in steps for line in _step(step)]


def _step(step: Step) -> list[str]:
    """The lines of one step, in Jenkins' own words."""
    if isinstance(step, Shell):
        return _shell(step)
    if isinstance(step, Echo):
        return [f"echo {_quoted(step.text)}"]
    if isinstance(step, Fail):
        return [f"error {_quoted(step.message)}"]
    if isinstance(step, Write):
        return [f"writeFile file: {_quoted(step.path)}, text: {_quoted(step.text)}"]
    if isinstance(step, Dir):
        return _block(f"dir({_quoted(step.path)})", _lines(step.steps))
    if isinstance(step, Retry):
        return _block(f"retry({step.attempts})", _lines(step.steps))
    if isinstance(step, Limit):
        return _block(_time(step.seconds), _lines(step.steps))
    if isinstance(step, Archive | Tests):
        return [_archive(step) if isinstance(step, Archive) else _junit(step)]
    if isinstance(step, ASIDE):
        return []  # what of them is lost is told
    assert isinstance(step, WithEnv)
    return _with_env(step.env, _lines(step.steps))


def _archive(step: Archive) -> str:
    said = {"artifacts": _quoted(",".join(step.patterns))}
    said |= {"excludes": _quoted(",".join(step.excludes))} if step.excludes else {}
    said |= {} if step.required else {"allowEmptyArchive": "true"}
    said |= {"caseSensitive": "false"} if step.any_case else {}
    return f"archiveArtifacts {', '.join(f'{name}: {value}' for name, value in said.items())}"


def _junit(step: Tests) -> str:
    said = {"testResults": _quoted(",".join(step.patterns))}
    said |= {} if step.required else {"allowEmptyResults": "true"}
    said |= {} if step.marks else {"skipMarkingBuildUnstable": "true"}
    return f"junit {', '.join(f'{name}: {value}' for name, value in said.items())}"


def _shell(step: Shell) -> list[str]:
    """`sh` ends a script at its first failure, as seatrial does; another shell stands in the first line."""
    script = script_for_sh(Command(step.script, step.shell))
    label = f"label: {_quoted(step.name)}, " if step.name else ""
    made = [f"sh({label}script: {_quoted(script)})" if label else f"sh {_quoted(script)}"]
    if not step.check:
        made = [f"sh({label}script: {_quoted(script)}, returnStatus: true)"]
    if step.timeout_seconds is not None:
        made = _block(_time(step.timeout_seconds), made)
    if step.silence_seconds is not None:
        made = _block(_time(step.silence_seconds, "activity: true"), made)
    return _with_env(step.env, made)


def _with_env(env: Variables, lines: list[str]) -> list[str]:
    if not env:
        return lines
    listed = ", ".join(_quoted(f"{name}={value}") for name, value in env)
    return _block(f"withEnv([{listed}])", lines)


def _time(seconds: float, *more: str) -> str:
    return "timeout(" + ", ".join((f"time: {max(1, round(seconds))}", "unit: 'SECONDS'", *more)) + ")"


def _guarded(stage: Stage, lines: list[str]) -> list[str]:
    """Each attempt has its own time, and only what is left of the last one is forgiven."""
    if stage.timeout_seconds:
        lines = _block(_time(stage.timeout_seconds), lines)
    if stage.retry:
        lines = _block(f"retry({stage.retry + 1})", lines)
    if stage.may_fail:
        lines = _block("catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE')", lines)
    return lines


def _post(blocks: tuple[Finally, ...], stage: Stage | None = None) -> list[str]:
    said: dict[str, list[str]] = {}
    for block in blocks:
        said.setdefault(_POST[block.condition], []).extend(_lines(block.steps))
    reports = _reports(stage) if stage is not None else []
    if reports:
        said.setdefault("always", []).append(f"junit {_quoted(','.join(reports))}")
    body = [line for name, lines in said.items() if lines for line in _block(name, lines)]
    return _block("post", body) if body else []


def _reports(stage: Stage) -> list[str]:
    """The reports of a stage that none of its steps reads."""
    read = {path for step in every_step(stage) if isinstance(step, Tests) for path in step.patterns}
    return [path for path in stage.reports if path not in read]


def condition_text(condition: Condition) -> str | None:
    """The condition as a line of `when`; None where it cannot be said there."""
    if isinstance(condition, Changes):
        return f"anyOf {{ {'; '.join(f'changeset {_quoted(one)}' for one in condition.patterns)} }}"
    if isinstance(condition, Not):
        inner = condition_text(condition.inner)
        return None if inner is None else f"not {{ {inner} }}"
    if isinstance(condition, Compare):
        return _comparison(condition)
    said = all_said(condition.parts, condition_text)
    if said is None:
        return None
    if len(said) == 1:
        return said[0]
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
    if test.sign == MATCHES:
        pattern = whole(test.value)
        return pattern and f"{test.subject} pattern: {_quoted(pattern)}, comparator: 'REGEXP'"
    comparator = "GLOB" if test.sign.endswith("~") else "EQUALS"
    return f"{test.subject} pattern: {_quoted(test.value)}, comparator: '{comparator}'"


def _quoted(text: str) -> str:
    """A string of Groovy in which nothing is filled in."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'''{escaped}'''" if "\n" in text else f"'{escaped}'"


def _block(name: str, lines: list[str]) -> list[str]:
    return [f"{name} {{", *map(_indented, lines), "}"]


def _indented(line: str) -> str:
    """The lines of a string stay where they are: they are the script."""
    return f"    {line}"
