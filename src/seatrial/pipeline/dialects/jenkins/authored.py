"""A Jenkinsfile for a system without Groovy: programs as the steps that they come to in every run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from seatrial.errors import StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import parse, symbols
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, Undetermined
from seatrial.pipeline.dialects.jenkins.groovy.early import Known
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import Value
from seatrial.pipeline.dialects.jenkins.groovy.script import Script
from seatrial.pipeline.dialects.jenkins.program import Held, Run
from seatrial.pipeline.pipeline import Finally, Pipeline, Stage
from seatrial.pipeline.step import (
    Archive,
    Block,
    Catch,
    Checkout,
    Clear,
    Echo,
    Effect,
    Program,
    Retry,
    Scope,
    Shell,
    ShellResult,
    Stash,
    Step,
    Steps,
    Tests,
    Unstash,
    WithCredentials,
    WithEnv,
    WithRegistry,
    Write,
)

_MOST = 200  # effects of one program
_RUN, _TRIAL = "SEATRIAL_RUN", "trial"
# What a variable is answered that no run sets before a step has set it.
_ANSWERS = {_RUN: _TRIAL, "DOCKER_REGISTRY_URL": ""}
_MAY_FAIL = Shell | Write | Clear | Tests | Archive | Stash | Unstash | Checkout


def authored(text: str, path: str) -> Pipeline:
    """The pipeline of a file without errors. A program whose steps hang on the run stays one."""
    pipeline, _ = parse(text, path)
    given = symbols.of_a_run(one.name for one in pipeline.parameters)
    stages = tuple(_stage(one, given) for one in pipeline.stages)
    made = pipeline._replace(stages=stages, finally_=_endings(pipeline.finally_, given))
    return symbols.with_variables(made)


def _stage(stage: Stage, given: Mapping[str, str]) -> Stage:
    known = {**given, **dict(stage.env)}
    endings = _endings(stage.finally_, known)
    return stage._replace(steps=_settled(stage.steps, known), finally_=endings)


def _endings(blocks: tuple[Finally, ...], known: Mapping[str, str]) -> tuple[Finally, ...]:
    return tuple(block._replace(steps=_settled(block.steps, known)) for block in blocks)


def _settled(steps: tuple[Step, ...], known: Mapping[str, str]) -> tuple[Step, ...]:
    return tuple(found for step in steps for found in _of_step(step, known))


def _of_step(step: Step, known: Mapping[str, str]) -> tuple[Step, ...]:
    if isinstance(step, Block):
        return (step._replace(steps=_settled(step.steps, _within(step, known))),)
    if not isinstance(step, Program):
        return (step,)
    try:
        return tuple(map(symbols.in_shell, _proven(step, known)))
    except (Undetermined, StageFailed, Failure, RecursionError):
        return (step,)


def _within(block: Block, known: Mapping[str, str]) -> dict[str, str]:
    """The variables whose values are known in a block."""
    if isinstance(block, WithEnv):
        return {**known, **dict(block.env)}
    if isinstance(block, WithCredentials):
        return {**known, **symbols.of_a_run(one.variable for one in block.credentials)}
    return dict(known)


def _proven(program: Program, known: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps of a program, if it ends with the first that fails. Raises Undetermined."""
    trial = _Trial(-1, [])
    found = _tried(program, known, trial)
    for number in range(len(trial.done)):
        try:
            _tried(program, known, _Trial(number, []))
        except _Broken:
            continue
        raise Undetermined
    return found


class _Broken(StageFailed):
    """A step that fails for the sake of a trial."""


class _Trial(NamedTuple):
    """`fails_at` is the step that fails this time, by its number among those that may; -1 for none."""

    fails_at: int
    done: list[Effect]


class _Variables(Known):
    """The variables that the file sets; only the run can tell the others."""

    def get(self, name: str, _default: object = None) -> str:
        return _ANSWERS[name] if name in _ANSWERS else super().get(name)


def _tried(program: Program, known: Mapping[str, str], trial: _Trial) -> tuple[Step, ...]:
    """What a program does with the variables that the file sets. Raises Undetermined, _Broken."""
    try:
        found = _followed(program, known, trial)
        if _binding(program) != _binding(program, is_before=True):
            raise Undetermined  # it sets a variable of the file, which other scripts read
        return found
    finally:
        _forget(program)


def _followed(program: Program, known: Mapping[str, str], trial: _Trial) -> tuple[Step, ...]:
    if not (isinstance(program.start, Run) and symbols.only_joins(program.start)):
        known = {name: value for name, value in known.items() if symbols.is_told(value)}
    work = program.start(Scope(_Variables(known)))
    try:
        return _follow(work, known, trial)
    finally:
        with suppress(RuntimeError):  # it would go on
            work.close()


def _follow(work: Steps, known: Mapping[str, str], trial: _Trial) -> tuple[Step, ...]:
    found: list[Step] = []
    try:
        effect = next(work)
        while len(found) < _MOST:
            try:
                found.append(_plain(effect, known, trial))
            except _Broken as broken:
                work.throw(broken)
                break  # the program has caught it
            effect = work.send(ShellResult(0) if isinstance(effect, Shell) else None)
    except StopIteration:
        if trial.fails_at < 0 or len(trial.done) <= trial.fails_at:
            return tuple(found)
    raise Undetermined


def _plain(effect: Effect, known: Mapping[str, str], trial: _Trial) -> Step:
    """An effect without programs in it. Raises Undetermined, _Broken."""
    if isinstance(effect, Echo):
        return effect
    if isinstance(effect, Block) and not isinstance(effect, Catch | WithRegistry):
        inner = _inner(effect, known, trial)
        if isinstance(effect, Retry) and _inner(effect, known, trial) != inner:
            raise Undetermined  # each attempt does something else
        return effect._replace(steps=inner)
    if not isinstance(effect, _MAY_FAIL) or (isinstance(effect, Shell) and _answers(effect)):
        raise Undetermined
    trial.done.append(effect)
    if len(trial.done) - 1 == trial.fails_at:
        raise _Broken("it fails")
    return effect


def _answers(command: Shell) -> bool:
    """Whether the program gets to know what became of a command."""
    return command.capture or not command.check


def _inner(block: Block, known: Mapping[str, str], trial: _Trial) -> tuple[Step, ...]:
    within = _within(block, known)
    found: list[Step] = []
    for step in block.steps:
        found += _tried(step, within, trial) if isinstance(step, Program) else (_plain(step, within, trial),)
    return tuple(found)


def _binding(program: Program, *, is_before: bool = False) -> dict[str, Value]:
    """The variables of the file after a script, or before it."""
    if not isinstance(program.start, Script):
        return {}
    start = program.start
    if is_before:
        _forget(program)
        for _ in start._replace(body=())(Scope(_Variables())):
            raise Undetermined
    return dict(start.file.bindings.get(_TRIAL, {}))


def _forget(program: Program) -> None:
    file = _file_of(program)
    if file is not None:
        file.bindings.pop(_TRIAL, None)
        file.environments.pop(_TRIAL, None)


def _file_of(program: Program) -> File | None:
    if isinstance(program.start, Script):
        return program.start.file
    return program.start.surroundings.file if isinstance(program.start, Run | Held) else None
