"""The steps of a job."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.pipeline import Finally, Pipeline, Stage
from seatrial.pipeline.step import JENKINS_SHELL, SEATRIAL_SHELL, Caching, KeepCache, Step, TakeCache
from seatrial.pipeline.writers.commands import (
    AT_HOME,
    BASH,
    BASH_LINES,
    REQUEST,
    TARGET,
    Command,
    Origin,
    as_line,
    commands,
    left_to_seatrial,
    seatrial_command,
)
from seatrial.pipeline.writers.github_actions.caches import caching
from seatrial.pipeline.writers.github_actions.conditions import literal
from seatrial.pipeline.writers.github_actions.surroundings import is_one, placed
from seatrial.pipeline.writers.one_script import one_script
from seatrial.pipeline.writers.plain import archived, handed_on
from seatrial.pipeline.writers.source import makers
from seatrial.pipeline.writers.writer import Loss

_CHECKOUT, _UPLOAD, _DOWNLOAD = (
    "actions/checkout@v4",
    "actions/upload-artifact@v4",
    "actions/download-artifact@v4",
)
_PYTHON = "actions/setup-python@v5"
OUTCOMES = {
    "always": "always()",
    "cleanup": "always()",
    "success": "success()",
    "failure": "failure()",
    "aborted": "cancelled()",
    "unsuccessful": "failure() || cancelled()",
}
# GitHub's words for shells; what one prints of its commands is not a part of them.
_SHELLS = {SEATRIAL_SHELL: "sh", JENKINS_SHELL: "sh", BASH: "bash"}
_INSTALL = """\
if command -v seatrial; then exit 0; fi
python3 -m venv "$RUNNER_TEMP/seatrial"
"$RUNNER_TEMP/seatrial/bin/pip" install 'seatrial[all]'
echo "$RUNNER_TEMP/seatrial/bin" >> "$GITHUB_PATH"
"""


def seatrial_steps(pipeline: Pipeline, stage: Stage) -> Iterator[dict[str, Any]]:
    yield {"uses": _CHECKOUT, "with": {"fetch-depth": 0}}
    if stage.action not in AT_HOME:
        yield {"name": "install seatrial", "run": _INSTALL}
    yield {"run": literal(seatrial_command(pipeline, stage, Origin("BRANCH", REQUEST, TARGET)))}


def steps_of(
    pipeline: Pipeline, stage: Stage, ids: dict[str, str], losses: list[Loss]
) -> Iterator[dict[str, Any]]:
    if stage.checkout is not None:
        yield {"uses": _CHECKOUT} | ({"with": {"fetch-depth": 0}} if stage.git else {})
    if stage.interpreter[:1].isdigit():
        yield {"uses": _PYTHON, "with": {"python-version": stage.interpreter}}
    for maker in makers(stage, pipeline.stages):
        if not left_to_seatrial(maker):
            yield from _download(ids[maker.name])
    if stage.python:
        yield {"name": "install requirements", "run": _requirements(placed(stage.python, stage))}
    yield from _own(pipeline, stage)
    yield from _upload(stage, ids[stage.name])
    yield from _kept(stage, ids[stage.name])
    for block in stage.finally_:
        yield from _ending(pipeline, stage, block, losses)


def _own(pipeline: Pipeline, stage: Stage) -> Iterator[dict[str, Any]]:
    """The commands, and the caches in their place; one script stands after those that it finds."""
    if not is_one(stage):
        yield from _plain(stage.steps, pipeline)
        return
    for step in stage.steps:
        if isinstance(step, TakeCache):
            yield from caching(step, pipeline)
    yield {"run": literal(one_script(stage._replace(finally_=(), may_fail=False))), "shell": "sh"}
    for step in stage.steps:
        if isinstance(step, KeepCache):
            yield from caching(step, pipeline)


def _plain(steps: tuple[Step, ...], pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    for step in steps:
        if isinstance(step, Caching):
            yield from caching(step, pipeline)
        else:
            yield from map(_step, commands((step,)) or ())


def _download(identifier: str) -> Iterator[dict[str, Any]]:
    folder = f"${{{{ runner.temp }}}}/{identifier}"
    options = {"pattern": f"outputs-{identifier}-*", "path": folder, "merge-multiple": True}
    yield {"uses": _DOWNLOAD, "with": options}
    yield {"run": f'for file in "{folder}"/*.tar; do if [ -e "$file" ]; then tar -xf "$file"; fi; done'}


def _upload(stage: Stage, identifier: str) -> Iterator[dict[str, Any]]:
    outputs = handed_on(stage)
    if outputs:
        name = f"{identifier}-${{{{ strategy.job-index }}}}"
        file = f"${{{{ runner.temp }}}}/{name}.tar"
        paths = " ".join(shlex.quote(placed(path, stage)) for path in outputs)
        always = {"if": "always()"} if stage.keeps_after_failure else {}
        yield always | {"run": f'tar --exclude=./.git -cf "{file}" {paths}'}
        yield always | {"uses": _UPLOAD, "with": {"name": f"outputs-{name}", "path": file}}
    if stage.reports:
        name = f"reports-{identifier}-${{{{ strategy.job-index }}}}"
        path = "\n".join(placed(report, stage) for report in stage.reports)
        yield {"if": "always()", "uses": _UPLOAD, "with": {"name": name, "path": path}}


def _kept(stage: Stage, identifier: str) -> Iterator[dict[str, Any]]:
    """What is kept for people to look at."""
    for number, one in enumerate(archived(stage), start=1):
        name = f"kept-{identifier}-{number}-${{{{ strategy.job-index }}}}"
        path = "\n".join((*one.files.patterns, *(f"!{pattern}" for pattern in one.files.excludes)))
        none = "error" if one.files.required else "ignore"
        condition = {"if": OUTCOMES[one.condition]} if one.condition in OUTCOMES else {}
        yield condition | {"uses": _UPLOAD, "with": {"name": name, "path": path, "if-no-files-found": none}}


def _step(command: Command) -> dict[str, Any]:
    """A step of its own for a plain script; all else of a command is a line of sh."""
    named = {"name": literal(command.name)} if command.name else {}
    if not command._replace(env=()).is_bare:
        return named | {"run": literal(as_line(command)), "shell": "sh"}
    step: dict[str, Any] = named | {"run": literal(command.script)}
    if command.env:
        step["env"] = {name: literal(value) for name, value in command.env}
    is_usual = command.is_line or command.shell == BASH_LINES
    return step if is_usual else step | {"shell": _shell(command.shell)}


def _shell(words: tuple[str, ...]) -> str:
    return _SHELLS.get(words) or " ".join((*words, "{0}"))


def _ending(pipeline: Pipeline, stage: Stage, block: Finally, losses: list[Loss]) -> Iterator[dict[str, Any]]:
    if block.condition not in OUTCOMES:
        losses.append(Loss(stage.place, f"what `{stage.name}` does after `{block.condition}`"))
        return
    for step in _plain(block.steps, pipeline):
        yield {"if": OUTCOMES[block.condition]} | step


def _requirements(path: str) -> str:
    return (
        'python3 -m venv "$RUNNER_TEMP/python"\n'
        f'"$RUNNER_TEMP/python/bin/pip" install -r {shlex.quote(path)}\n'
        'echo "$RUNNER_TEMP/python/bin" >> "$GITHUB_PATH"\n'
    )
