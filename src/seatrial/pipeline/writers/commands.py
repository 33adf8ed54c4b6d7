"""A stage's steps as commands that any system can run, one after the other. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import NamedTuple

from seatrial.pipeline.pipeline import COMMAND, Pipeline, Stage
from seatrial.pipeline.step import (
    SEATRIAL_SHELL,
    Block,
    Dir,
    Echo,
    Fail,
    Keeping,
    Mark,
    Program,
    SetVariable,
    Shell,
    Step,
    Write,
)

RUN = "seatrial run HEAD"


class Command(NamedTuple):
    """A script for a shell, each in a process of its own. `folder` is made where it is missing."""

    script: str
    shell: tuple[str, ...] = SEATRIAL_SHELL
    folder: str = ""
    env: tuple[tuple[str, str], ...] = ()
    check: bool = True
    timeout_seconds: float | None = None


def commands(steps: tuple[Step, ...], folder: str = "") -> tuple[Command, ...] | None:
    """The commands of steps; None where one is a program, which only seatrial itself can run."""
    if _has_program(steps):
        return None
    return tuple(_flat(steps, folder))


def left_to_seatrial(stage: Stage) -> bool:
    """Whether a stage is more than commands: it is judged, packaged, released, or decides as it runs."""
    blocks = (stage.steps, *(block.steps for block in stage.finally_))
    return stage.action != COMMAND or any(_has_program(steps) for steps in blocks)


def seatrial_command(pipeline: Pipeline, stage: Stage, branch: str) -> str:
    """How the written file calls seatrial for one stage; `branch` is the variable that names the branch."""
    words = (
        f"{RUN} {shlex.quote(stage.name)} --file {shlex.quote(pipeline.path)} --dialect {pipeline.dialect}"
    )
    trusted = "" if pipeline.dialect == "seatrial" else " --yes"  # nobody can be asked there
    return f'{words}{trusted} --branch "${branch}"'


def as_line(command: Command) -> str:
    """One line of sh that does what the command does; the shell that reads it keeps nothing of it."""
    line = " ".join((*command.shell, "-c", shlex.quote(command.script)))
    if command.env:
        line = " ".join(("env", *(shlex.quote(f"{name}={value}") for name, value in command.env), line))
    if command.timeout_seconds is not None:
        line = f"timeout {command.timeout_seconds:g} {line}"
    if command.folder:
        folder = shlex.quote(command.folder)
        line = f"(mkdir -p {folder} && cd {folder} && {line})"
    return line if command.check else f"{line} || true"


def _has_program(steps: tuple[Step, ...]) -> bool:
    """Whether a step is there that no script stands for."""
    return any(
        _has_program(step.steps)
        if isinstance(step, Dir)
        else isinstance(step, Program | Mark | SetVariable | Write | Keeping | Block)
        for step in steps
    )


def _flat(steps: tuple[Step, ...], folder: str) -> Iterator[Command]:
    for step in steps:
        if isinstance(step, Shell):
            yield Command(step.script, step.shell, folder, step.env, step.check, step.timeout_seconds)
        elif isinstance(step, Echo):
            yield Command(f"printf '%s\\n' {shlex.quote(step.text)}", folder=folder)
        elif isinstance(step, Fail):
            yield Command(f"printf '%s\\n' {shlex.quote(step.message)} >&2; exit 1", folder=folder)
        elif isinstance(step, Dir):
            yield from _flat(step.steps, f"{folder}/{step.path}" if folder else step.path)
