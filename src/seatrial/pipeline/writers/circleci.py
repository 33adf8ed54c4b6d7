"""The configuration of CircleCI, version 2.1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.condition import MATCHES, Compare, Condition
from seatrial.pipeline.matrix import expand
from seatrial.pipeline.parameter import STRING, Parameter
from seatrial.pipeline.pipeline import APPROVE, Finally, Pipeline, Service, Stage, place_of
from seatrial.pipeline.step import Caching, KeepCache, TakeCache
from seatrial.pipeline.writers.caches import Words, folders_of, is_named, said
from seatrial.pipeline.writers.commands import (
    AT_HOME,
    EVENT,
    INSTALL,
    REQUEST,
    TARGET,
    WHOLE,
    Command,
    Origin,
    as_line,
    commands,
    reads_run,
    seatrial_command,
    venv,
)
from seatrial.pipeline.writers.expressions import whole
from seatrial.pipeline.writers.last import ended_in_jobs
from seatrial.pipeline.writers.losses import common
from seatrial.pipeline.writers.names import identifiers
from seatrial.pipeline.writers.one_script import forgiveness, lost_in_script, one_script
from seatrial.pipeline.writers.plain import archived, handed_on, with_python
from seatrial.pipeline.writers.source import awaited, condition_of, divided, passes_over, told
from seatrial.pipeline.writers.triggers import schedules_are_settings
from seatrial.pipeline.writers.writer import Loss, Written

_CAN = frozenset(
    (
        "beside",
        "caches",
        "empty",
        "pulls",
        "services",
        "service commands",
        "service entrypoints",
        "service users",
        "silence",
    )
)
_MACHINE = {"machine": {"image": "ubuntu-2404:current"}}
_WHEN = {
    "always": "always",
    "cleanup": "always",
    "failure": "on_fail",
    "unsuccessful": "on_fail",
    "success": "on_success",
}
_WORDS: Words = {
    "text": lambda text: text,
    "checksum": lambda path: f'{{{{ checksum "{path}" }}}}',
    "variable": lambda name: f"{{{{ .Environment.{name} }}}}",
    "branch": lambda _: "{{ .Branch }}",
    "commit": lambda _: "{{ .Revision }}",
    "number": lambda _: "{{ .BuildNum }}",
    "time": lambda _: "{{ epoch }}",
    "arch": lambda _: "{{ arch }}",
}
_OF_THE_COMMIT = {"$GIT_COMMIT": "CIRCLE_SHA1", "$GIT_BRANCH": "CIRCLE_BRANCH", "$SEATRIAL_TAG": "CIRCLE_TAG"}
_KEEP_PATH = """echo "export PATH='$PATH'" >> "$BASH_ENV"\n"""
# Values, not variables: its jobs have numbers of their own.
_NUMBER, _SOURCE = "<< pipeline.number >>", "<< pipeline.trigger_source >>"
# The last part of an address says which request it is; where that wants to go is not said at all.
_OF_THE_RUN = f"""\
cat >> "$BASH_ENV" \\<<'END'
export {REQUEST}="${{CIRCLE_PR_NUMBER:-${{CIRCLE_PULL_REQUEST##*/}}}}" {TARGET}="$CIRCLE_BRANCH"
case "{_SOURCE}" in scheduled_pipeline) {EVENT}=schedule ;; api) {EVENT}=manual ;; *) {EVENT}=push ;; esac
[ -z "${REQUEST}" ] || {EVENT}=pull_request
export {EVENT} SEATRIAL_COMMIT="$CIRCLE_SHA1" SEATRIAL_BRANCH="$CIRCLE_BRANCH" SEATRIAL_TAG="$CIRCLE_TAG"
export SEATRIAL_RUN_NUMBER="{_NUMBER}" SEATRIAL_PROJECT="$CIRCLE_PROJECT_REPONAME"
END
"""


def write(pipeline: Pipeline) -> Written:
    """The file, one job a stage; each combination of a matrix is a stage."""
    from seatrial.pipeline.writers.yaml_text import yaml_text

    pipeline, why = divided(pipeline, filters_of)
    pipeline, unsaid = ended_in_jobs(pipeline)
    losses = [*common(pipeline, _CAN), *why, *unsaid, *_of_requests(pipeline)]
    losses += schedules_are_settings(pipeline)
    stages, _ = expand(pipeline.stages)
    pipeline = pipeline._replace(stages=tuple(map(with_python, stages)))
    ids = identifiers(stage.name for stage in stages)
    is_for_tags = any(map(_asks_for_tag, pipeline.stages))
    jobs: dict[str, Any] = {}
    flow: list[Any] = []
    for stage in pipeline.stages:
        entry, job = _stage(pipeline, stage, ids, losses)
        if is_for_tags:
            entry.setdefault("filters", {"tags": {"only": "/.*/"}})  # without it nothing runs for a tag
        flow.append({ids[stage.name]: entry} if entry else ids[stage.name])
        if job:
            jobs[ids[stage.name]] = job
    given = {_given(one): _parameter(one) for one in pipeline.parameters}
    document = {
        "version": 2.1,
        **({"parameters": given} if given else {}),
        "jobs": jobs,
        "workflows": {"seatrial": {"jobs": flow}},
    }
    return Written(yaml_text(document, f"Written by `seatrial convert` from {pipeline.path}."), tuple(losses))


def _asks_for_tag(stage: Stage) -> bool:
    return stage.action == WHOLE or "tag" in stage.when or reads_run(stage, "SEATRIAL_TAG")


def _of_requests(pipeline: Pipeline) -> Iterator[Loss]:
    for stage in pipeline.stages:
        if reads_run(stage, REQUEST):
            text = f"`{stage.name}` takes a branch with an open pull request for that request, to the branch"
            yield Loss(stage.place, f"{text} itself: CircleCI does not say where it wants to go")


def _given(one: Parameter) -> str:
    """Its name there, which has no capital letter."""
    return one.name.lower()


def _parameter(one: Parameter) -> dict[str, Any]:
    if one.kind == STRING:
        return {"type": "string", "default": one.value}
    choices = list(one.choices) or ["true", "false"]
    return {"type": "enum", "enum": choices, "default": one.value}


def _stage(
    pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entry of the workflow and the job; an approval is no job."""
    filters, is_left = told(stage, pipeline, filters_of, losses)
    needs = _required(pipeline, stage, losses)
    entry: dict[str, Any] = {"requires": [ids[need] for need in needs]} if needs else {}
    if filters:
        entry["filters"] = filters
    if stage.action == APPROVE:
        losses += _unasked(stage)
        return {"type": "approval"} | entry, {}
    losses += () if is_left else _lost(stage)
    job: dict[str, Any] = _machine(stage, is_left)
    environment = {**dict(stage.env), **dict(stage.variables)}
    literal = {one.name: f"<< pipeline.parameters.{_given(one)} >>" for one in pipeline.parameters}
    literal |= {name: _literal(value) for name, value in environment.items() if value not in _OF_THE_COMMIT}
    if literal:
        job["environment"] = literal
    steps = _seatrial_steps(pipeline, stage) if is_left else _steps(pipeline, stage)
    checkout = [] if stage.checkout is None and not is_left else ["checkout"]
    return entry, job | {"steps": [*checkout, *steps]}


def _unasked(stage: Stage) -> Iterator[Loss]:
    message = getattr(stage.options, "message", "")
    if message and message != stage.name:
        yield Loss(stage.place, f"`{stage.name}` asks by its name, and not: {message}")


def _required(pipeline: Pipeline, stage: Stage, losses: list[Loss]) -> tuple[str, ...]:
    """CircleCI passes over what is filtered out, but leaves a job out where all that it requires is."""
    by_name = {each.name: each for each in pipeline.stages}
    needs = awaited(stage, pipeline.stages)
    if passes_over(stage) and needs and all(condition_of(by_name[need], pipeline.stages) for need in needs):
        losses.append(Loss(stage.place, f"`{stage.name}` does not wait for what may be left out"))
        return ()
    return needs


def _lost(stage: Stage) -> Iterator[Loss]:
    yield from forgiveness(stage)
    if _is_one(stage):
        yield from lost_in_script(stage)
    for block in () if _is_one(stage) else stage.finally_:
        if block.condition not in _WHEN:
            yield Loss(stage.place, f"what `{stage.name}` does after `{block.condition}`")
    if (stage.services or stage.beside) and not stage.image:
        yield Loss(place_of(stage, "services"), f"the containers beside `{stage.name}`")
    for service in stage.services if stage.image else ():
        if service.ports:
            yield Loss(place_of(stage, "services"), f"`{service.name}` answers at all of its ports")


def _is_one(stage: Stage) -> bool:
    """Whether one script does what CircleCI has no word for: attempts, a limit, leave to fail."""
    return bool(stage.retry or stage.timeout_seconds or stage.may_fail)


def _machine(stage: Stage, is_left: bool) -> dict[str, Any]:
    if stage.action in AT_HOME:
        return {"machine": True, "resource_class": "seatrial/seatrial"}
    if not stage.image or is_left:
        return dict(_MACHINE)
    beside = (_beside(service) for service in (*stage.services, *stage.beside))
    return {"docker": [{"image": stage.image}, *beside]}


def _beside(service: Service) -> dict[str, Any]:
    """A container that answers at localhost, as all of a job's do, and by its name where it has one."""
    made: dict[str, Any] = {"image": service.image}
    made |= {} if service.is_local else {"name": service.name}
    every = {"environment": dict(service.env), "entrypoint": list(service.entrypoint)}
    every |= {"command": list(service.command), "user": service.user}
    return made | {key: value for key, value in every.items() if value}


def _seatrial_steps(pipeline: Pipeline, stage: Stage) -> Iterator[Any]:
    if stage.action not in AT_HOME:
        command = f"{INSTALL}\n{_KEEP_PATH}"
        yield {"run": {"name": "install seatrial", "command": command}}
    yield _variables_of_the_run()
    command = seatrial_command(pipeline, stage, Origin("CIRCLE_BRANCH", REQUEST, TARGET))
    yield {"run": {"command": _literal(command)}}


def _variables_of_the_run() -> dict[str, Any]:
    return {"run": {"name": "variables of the run", "command": _OF_THE_RUN}}


def _steps(pipeline: Pipeline, stage: Stage) -> Iterator[Any]:
    if any(handed_on(each) for each in pipeline.stages if each.name in stage.needs):
        yield {"attach_workspace": {"at": "."}}
    yield from _prepared(pipeline, stage)
    yield from _own(pipeline, stage)
    yield from _kept(stage)
    for block in stage.finally_:
        if block.condition in _WHEN:
            yield from _end(block, pipeline, is_in_script=_is_one(stage))
    if handed_on(stage):
        yield {
            "persist_to_workspace": {"root": ".", "paths": [path.rstrip("/") for path in handed_on(stage)]}
        }


def _own(pipeline: Pipeline, stage: Stage) -> Iterator[Any]:
    """The commands, and the caches in their place; one script stands after those that it finds."""
    if not _is_one(stage):
        for step in stage.steps:
            if isinstance(step, Caching):
                yield from _caching(step, pipeline)
            else:
                yield from ({"run": _run(command)} for command in commands((step,)) or ())
        return
    for step in stage.steps:
        if isinstance(step, TakeCache):
            yield from _caching(step, pipeline)
    yield {"run": {"name": _literal(stage.name), "command": _literal(one_script(stage))}}
    for step in stage.steps:
        if isinstance(step, KeepCache):
            yield from _caching(step, pipeline)


def _end(block: Finally, pipeline: Pipeline, *, is_in_script: bool) -> Iterator[Any]:
    when = _WHEN[block.condition]
    for step in block.steps:
        if isinstance(step, KeepCache):
            yield from (
                {key: value | {"when": when} for key, value in one.items()}
                for one in _caching(step, pipeline)
            )
        elif not is_in_script:
            yield from ({"run": _at_the_end(command, when)} for command in commands((step,)) or ())


def _caching(step: Caching, pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    if isinstance(step, KeepCache):
        paths = list(filter(is_named, step.paths))
        if paths:
            yield {"save_cache": {"key": said(step.key, _WORDS), "paths": paths}}
    elif folders_of(step, pipeline):
        yield {"restore_cache": {"keys": [said(key, _WORDS) for key in step.keys]}}


def _kept(stage: Stage) -> Iterator[Any]:
    for report in stage.reports:
        yield {"store_test_results": {"path": _without_pattern(report)}}
    for one in archived(stage):
        for pattern in one.files.patterns:
            yield {"store_artifacts": {"path": _without_pattern(pattern)}}


def _without_pattern(path: str) -> str:
    """The folder that holds what a pattern names: there are no patterns at CircleCI."""
    return re.split(r"[^/]*[*?\[]", path)[0] or "."


def _prepared(pipeline: Pipeline, stage: Stage) -> Iterator[Any]:
    """Variables and programs for the commands that follow, by the file that each shell reads first."""
    named = [(name, _OF_THE_COMMIT[value]) for name, value in stage.env if value in _OF_THE_COMMIT]
    if named:
        lines = [f'echo \'export {name}="${variable}"\' >> "$BASH_ENV"' for name, variable in named]
        yield {"run": {"name": "variables of the commit", "command": "\n".join(lines) + "\n"}}
    if pipeline.dialect != "seatrial" and reads_run(stage):
        yield _variables_of_the_run()
    if stage.python:
        command = f"{venv('~/python', f'-r {chr(34)}{stage.python}{chr(34)}')}\n{_KEEP_PATH}"
        yield {"run": {"name": "install requirements", "command": command}}


def _run(command: Command) -> dict[str, Any] | str:
    """Only bash reads the file that `BASH_ENV` names, so a bash starts the shell of the command."""
    script = command.script if command.suits_bash else as_line(command)
    if not (command.name or command.silence_seconds or not command.is_bare):
        return _literal(script)
    made = {"name": _literal(command.name or "commands"), "command": _literal(script)}
    silence = {"no_output_timeout": f"{command.silence_seconds:g}s"} if command.silence_seconds else {}
    return made | silence


def _at_the_end(command: Command, when: str) -> dict[str, Any]:
    run = _run(command)
    return ({"command": run} if isinstance(run, str) else run) | {"when": when}


def _literal(text: str) -> str:
    """A text in which CircleCI sees no expression of its own."""
    return text.replace("<<", "\\<<")


def filters_of(condition: Condition) -> dict[str, Any] | None:
    """The filters that say the condition; None where none can."""
    if not isinstance(condition, Compare) or condition.subject not in ("branch", "tag"):
        return None
    only = _only(condition)
    if only is None:
        return None
    if condition.subject == "branch":
        return {"branches": {"only": only}}
    return {"tags": {"only": only}, "branches": {"ignore": "/.*/"}}


def _only(test: Compare) -> str | None:
    """What a value has to be: a text, or an expression that the whole of it fits."""
    if test.sign == MATCHES:
        expression = whole(test.value)
        return expression and f"/{expression}/"
    return {"": "/.*/", "==": test.value}.get(test.sign)
