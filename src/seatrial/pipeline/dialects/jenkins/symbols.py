"""Variables of which only the run can tell, put into the scripts of another system as a shell reads them.

While a program is followed, such a variable has a sign for its value. A program that only joins texts carries
the sign to where the value would stand, and there stands `${NAME}` then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.program import Command, Run
from seatrial.pipeline.dialects.jenkins.syntax import (
    Argument,
    Binary,
    Constant,
    Expression,
    GString,
    ListLiteral,
    Name,
    Number,
    Property,
    Text,
)
from seatrial.pipeline.dialects.jenkins.variables import NAMES
from seatrial.pipeline.pipeline import Pipeline, Stage
from seatrial.pipeline.step import Block, Dir, Echo, Mark, Shell, Step, WithEnv

_SIGN = re.compile("\ue000(.*?)\ue001")
_OF_THE_MACHINE = ("PATH", "HOME", "USER", "LANG")
# What every system tells, by the names that scripts of seatrial know.
_TOLD = {
    "BUILD_NUMBER": "SEATRIAL_RUN_NUMBER",
    "BUILD_ID": "SEATRIAL_RUN_NUMBER",
    "JOB_NAME": "SEATRIAL_PROJECT",
    "JOB_BASE_NAME": "SEATRIAL_PROJECT",
    "GIT_COMMIT": "SEATRIAL_COMMIT",
    "GIT_BRANCH": "SEATRIAL_BRANCH",
    "GIT_LOCAL_BRANCH": "SEATRIAL_BRANCH",
    "BRANCH_NAME": "SEATRIAL_BRANCH",
    "TAG_NAME": "SEATRIAL_TAG",
}
_OWN = re.compile(rf"\b(?:{'|'.join(name for name in NAMES if name != 'CI')})\b")
_FINE = ("succeeded", "succeeded")


def of_a_run(names: Iterable[str]) -> dict[str, str]:
    """The signs of variables that a run gives: those of the names, of Jenkins and of the machine."""
    return {name: f"\ue000{name}\ue001" for name in (*NAMES, *_OF_THE_MACHINE, *names)}


def only_joins(run: Run) -> bool:
    """Whether a program does no more with a value than to put it among others."""
    layers = run.surroundings.layers
    return all(_joins(one.value, run) for layer in layers for one in layer) and _join(run.commands, run)


def _join(commands: Iterable[Command], run: Run) -> bool:
    return all(
        all(_joins(value, run) for _, value in one.arguments) and _join(one.steps, run) for one in commands
    )


def _joins(node: Expression | str, run: Run) -> bool:
    if isinstance(node, GString):
        return all(_joins(part, run) for part in node.parts)
    if isinstance(node, Binary):
        return node.operator == "+" and _joins(node.left, run) and _joins(node.right, run)
    if isinstance(node, ListLiteral):
        return all(_joins(one, run) for one in node.items)
    if isinstance(node, Name | Property):
        return str(node.text if isinstance(node, Name) else node.name) not in run.surroundings.booleans
    return isinstance(node, str | Text | Number | Constant | Argument)


def is_told(value: str) -> bool:
    """Whether a value has no sign in it."""
    return _SIGN.search(value) is None


def in_shell(step: Step, env: Mapping[str, str] = {}) -> Step:
    """The step with what a shell reads for each sign; `env` are the variables around it that have one.

    Raises Undetermined where no shell would read it.
    """
    if isinstance(step, Shell):
        return _shell(step, env)
    if isinstance(step, Echo) and not is_told(step.text):
        return Shell(f"printf '%s\\n' {_quoted(step.text)}")
    if isinstance(step, WithEnv):
        more = {name: value for name, value in step.env if not is_told(value)}
        kept = tuple(pair for pair in step.env if pair[0] not in more)
        return WithEnv(kept, tuple(in_shell(one, {**env, **more}) for one in step.steps))
    if isinstance(step, Block):
        if not all(map(is_told, _texts(step._replace(steps=())))):
            raise Undetermined
        return step._replace(steps=tuple(in_shell(one, env) for one in step.steps))
    if not all(map(is_told, _texts(step))):
        raise Undetermined
    return step


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


def _shell(step: Shell, env: Mapping[str, str]) -> Shell:
    own = {**env, **{name: value for name, value in step.env if not is_told(value)}}
    plain = tuple(pair for pair in step.env if is_told(pair[1]))
    if (own or not is_told(step.script)) and step.script.startswith("#!"):
        raise Undetermined
    script = _filled(step.script)
    # One `export`, which reads all of them before it sets any.
    set_ = "export " + " ".join(f"{name}={_quoted(value)}" for name, value in own.items())
    return step._replace(script=f"{set_}\n{script}" if own else script, env=plain)


def _quoted(text: str) -> str:
    """A text of a shell in which only what a sign stands for is filled in."""
    return '"' + _SIGN.sub(r"${\1}", re.sub(r'([\\"$`])', r"\\\1", text)) + '"'


def _filled(script: str) -> str:
    """A script with `${NAME}` for each sign. Raises Undetermined where that is not sure to be read."""
    if is_told(script):
        return script
    if re.search(r"\\|<<|(?:^|\s)#", script):
        raise Undetermined
    filled, quote = "", ""
    for part in re.split("(\ue000.*?\ue001)", script):
        sign = _SIGN.fullmatch(part)
        if sign:
            filled += f"'\"${{{sign[1]}}}\"'" if quote == "'" else f"${{{sign[1]}}}"
            continue
        filled += part
        for letter in part:
            if letter in "'\"" and quote in ("", letter):
                quote = "" if quote else letter
    return filled


def with_variables(pipeline: Pipeline) -> Pipeline:
    """The pipeline whose scripts have the variables of Jenkins that they read and other systems tell."""
    stages = tuple(_with_variables(one) for one in pipeline.stages)
    ends = tuple(
        one._replace(steps=_all_with_variables(one.steps, frozenset(), "")) for one in pipeline.finally_
    )
    return pipeline._replace(stages=stages, finally_=ends)


def _with_variables(stage: Stage) -> Stage:
    known = frozenset(name for name, _ in stage.env)
    steps = _all_with_variables(stage.steps, known, "")
    ends = tuple(one._replace(steps=_all_with_variables(one.steps, known, "")) for one in stage.finally_)
    marks = tuple(
        Mark(f"the variable `{name}` of Jenkins, which `{stage.name}` reads", *_FINE)
        for name in sorted(_unknown((*steps, *(step for one in ends for step in one.steps)), known))
    )
    return stage._replace(steps=(*steps, *marks), finally_=ends)


def _all_with_variables(steps: tuple[Step, ...], known: frozenset[str], folder: str) -> tuple[Step, ...]:
    return tuple(_reading(step, known, folder) for step in steps)


def _reading(step: Step, known: frozenset[str], folder: str) -> Step:
    if isinstance(step, Block):
        inside = f"{folder}/{step.path}" if isinstance(step, Dir) else folder
        more = frozenset(name for name, _ in step.env) if isinstance(step, WithEnv) else frozenset()
        return step._replace(steps=_all_with_variables(step.steps, known | more, inside))
    if not isinstance(step, Shell) or step.script.startswith("#!"):
        return step
    read = {name for name in _OWN.findall(step.script) if name not in known | dict(step.env).keys()}
    told = {name: f"${_TOLD[name]}" for name in sorted(read & _TOLD.keys())}
    if "WORKSPACE" in read:
        told["WORKSPACE"] = f"${{PWD%{folder}}}" if folder else "$PWD"
    set_ = "".join(f'export {name}="{value}"\n' for name, value in told.items())
    return step._replace(script=set_ + step.script)


def _unknown(steps: Iterable[Step], known: frozenset[str]) -> set[str]:
    """The variables of Jenkins that scripts read and that no other system tells."""
    found: set[str] = set()
    for step in steps:
        if isinstance(step, Block):
            more = frozenset(name for name, _ in step.env) if isinstance(step, WithEnv) else frozenset()
            found |= _unknown(step.steps, known | more)
        elif isinstance(step, Shell):
            read = set(_OWN.findall(step.script)) - known - dict(step.env).keys() - {"WORKSPACE"}
            found |= read - (set() if step.script.startswith("#!") else _TOLD.keys())
    return found
