"""A stage's steps as commands that any system can run, one after the other. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import OF_IMAGE, PLAIN, Container
from seatrial.pipeline.graph import closure
from seatrial.pipeline.parameter import Parameter
from seatrial.pipeline.pipeline import APPROVE, COMMAND, EVALUATE, PACKAGE, RELEASE, Pipeline, Stage
from seatrial.pipeline.shell_line import is_line, is_one_program
from seatrial.pipeline.step import (
    JENKINS_SHELL,
    SEATRIAL_SHELL,
    Archive,
    Dir,
    Echo,
    Fail,
    KeepCache,
    Limit,
    Mark,
    Retry,
    Shell,
    Step,
    TakeCache,
    Tests,
    WithEnv,
    Write,
)

RUN = "seatrial run HEAD"
# Actions that only writers know: of a stage that stands for a whole file of another system, and of commands
# that seatrial runs where it judges and packages.
WHOLE, HOME = "whole", "home"
AT_HOME = (EVALUATE, PACKAGE, RELEASE, HOME)  # they need seatrial's home, which must outlive a job
# What a script with a first line of its own is run by, given the script.
_AS_IT_IS = (
    'file=$(mktemp) && printf %s "$1" > "$file" && chmod 700 "$file" && "$file"; '
    'code=$?; rm -f "$file"; exit $code'
)
_Env = tuple[tuple[str, str], ...]
# What a run tells its scripts of the pull request that it is of; empty, or not set, where it is of none.
REQUEST, TARGET = "SEATRIAL_PULL_REQUEST", "SEATRIAL_PULL_REQUEST_TARGET"
EVENT = "SEATRIAL_EVENT"  # what has started it
# They are no commands: each writer says what becomes of them.
ASIDE = TakeCache | KeepCache | Tests | Archive | Mark


def venv(folder: str, wanted: str) -> str:
    """One line of sh that puts a virtual environment with packages first on PATH."""
    return f"python3 -m venv {folder} && {folder}/bin/pip install {wanted} && export PATH={folder}/bin:$PATH"


# Where seatrial is there already, it is not installed.
INSTALL = f"{{ command -v seatrial || {{ {venv('~/seatrial', chr(39) + 'seatrial[all]' + chr(39))}; }}; }}"


# A shell of another system: it ends at the first failure, also within a pipe.
BASH = ("/bin/bash", "-eo", "pipefail")
# So does the one in which a job of Travis runs, but not within a pipe.
BASH_LINES = ("/bin/bash", "-e")
_PLAIN_SHELLS = (SEATRIAL_SHELL, JENKINS_SHELL, BASH_LINES)


class Origin(NamedTuple):
    """The variables of a system that name what is run: the branch, and of a pull request its number and the
    branch that it wants to go to, both empty or not set where it is none."""

    branch: str
    request: str
    target: str


class Command(NamedTuple):
    """A script for a shell, each in a process of its own. `folder` is made where it is missing."""

    script: str
    shell: tuple[str, ...] = SEATRIAL_SHELL
    folder: str = ""
    env: _Env = ()
    check: bool = True
    timeout_seconds: float | None = None
    name: str = ""
    silence_seconds: float | None = None

    @property
    def is_script(self) -> bool:
        """Whether it is a script, and nothing more."""
        return self == Command(self.script, self.shell, name=self.name, silence_seconds=self.silence_seconds)

    @property
    def is_bare(self) -> bool:
        """Whether it is a script for its shell, and nothing more."""
        return self.is_script and self.script[:2] != "#!"

    @property
    def is_line(self) -> bool:
        """Whether any shell that ends at a failure does the same with the script, and keeps nothing of it."""
        return self.is_bare and self.shell in (*_PLAIN_SHELLS, BASH) and is_line(self.script)

    @property
    def suits_bash(self) -> bool:
        """Whether a bash that ends at a failure, also within a pipe, does the same with the script."""
        if not self.is_bare:
            return False
        return self.shell == BASH or (
            self.shell in (SEATRIAL_SHELL, JENKINS_SHELL) and "|" not in self.script
        )


def commands(steps: tuple[Step, ...], folder: str = "") -> tuple[Command, ...] | None:
    """The commands of steps; None where one is more than commands, and only seatrial itself can do it."""
    return tuple(_flat(steps, folder, ())) if _are_commands(steps) else None


def left_to_seatrial(stage: Stage) -> bool:
    """Whether a stage is more than commands: it is judged, packaged, released, or decides as it runs."""
    return (
        stage.action != COMMAND
        or bool(stage.left_out_with)
        or stage.regardless
        or bool(stage.accepts)
        or stage.decision is not None
        or _without_usual(stage.container) != PLAIN
        or not all(map(_are_commands, (stage.steps, *(block.steps for block in stage.finally_))))
    )


def _without_usual(container: Container) -> Container:
    """A container, less what all other systems do as well: commands run there as the user of the image, and
    its entry point may have started first."""
    user, entrypoint = (one.removeprefix(OF_IMAGE) for one in (container.user, container.entrypoint))
    return container._replace(shared="", user=user, entrypoint=entrypoint, always_pull=False, options=())


def seatrial_command(pipeline: Pipeline, stage: Stage, origin: Origin) -> str:
    """How the written file calls seatrial for one stage."""
    name = "" if stage.action == WHOLE else f" {shlex.quote(stage.name)}"
    words = f"{RUN}{name} --file {shlex.quote(pipeline.path)} --dialect {pipeline.dialect}"
    trusted = "" if pipeline.dialect == "seatrial" else " --yes"  # nobody can be asked there
    given = "".join(map(_given, pipeline.parameters))
    branch = _where(origin.branch, f'--branch "${origin.branch}"')
    request = _where(origin.request, f'--pull-request "${origin.request}:${origin.target}"')
    event = _where(EVENT, f'--event "${EVENT}"')
    return f"{_approved(pipeline, stage)}{words}{trusted}{given} {branch} {event} {request}"


def _where(variable: str, argument: str) -> str:
    """An argument where a variable says something; without it where that is empty."""
    return f"${{{variable}:+{argument}}}"


def _given(parameter: Parameter) -> str:
    """An argument that hands on a parameter; where the run can work it out, only what somebody said."""
    argument = f'--param "{parameter.name}=${parameter.name}"'
    return f" {_where(parameter.name, argument) if parameter.late else argument}"


def _approved(pipeline: Pipeline, stage: Stage) -> str:
    """Whom the other system has asked before seatrial does not ask again."""
    before = closure(pipeline.stages, [stage.name])
    names = [one.name for one in pipeline.stages if one.name in before and one.action == APPROVE]
    return f"SEATRIAL_APPROVE={shlex.quote(','.join(names))} " if names else ""


def as_line(command: Command) -> str:
    """One line of sh that does what the command does; the shell that reads it keeps nothing of it."""
    if command.is_line:
        return command.script.strip()
    words = (*command.shell, "-c", shlex.quote(command.script))
    if command.script.startswith("#!"):
        words = ("/bin/sh", "-c", shlex.quote(_AS_IT_IS), "sh", shlex.quote(command.script))
    line = " ".join(words)
    if command.env:
        line = " ".join(("env", *(shlex.quote(f"{name}={value}") for name, value in command.env), line))
    if command.timeout_seconds is not None:
        line = f"timeout {command.timeout_seconds:g} {line}"
    if command.folder:
        folder = shlex.quote(command.folder)
        line = f"(mkdir -p {folder} && cd {folder} && {line})"
    return line if command.check else f"{{ {line} || true; }}"


def script_for_sh(command: Command) -> str:
    """The script of a command, for a system that runs each with `sh -e`; another shell is its first line."""
    if command.is_line or command.shell in (SEATRIAL_SHELL, JENKINS_SHELL) or command.script[:2] == "#!":
        return command.script
    program, _, words = " ".join(command.shell).partition(" ")
    if not re.fullmatch(r"/bin/(ba)?sh( -[eux]*(o pipefail)?)*", " ".join(command.shell)):
        return as_line(command)
    return "\n".join((f"#!{program}", *([f"set {words}"] if words else []), command.script))


def for_bash(command: Command) -> str:
    """What does the same in a bash that ends at the first failure, and leaves nothing behind in it."""
    if command.is_line:
        return as_line(command) if is_one_program(command.script) else f"({command.script.strip()})"
    if not command.suits_bash:
        return as_line(command)
    return f"(\n{command.script}\n:)" if _is_remark(command.script) else f"(\n{command.script}\n)"


def _is_remark(script: str) -> bool:
    """Whether nothing in a script is more than a remark."""
    return all(line.strip()[:1] in ("", "#") for line in script.splitlines())


def reads_run(stage: Stage, name: str = "SEATRIAL_") -> bool:
    """Whether a command of a stage reads what seatrial tells it of the run, or this variable of that."""
    scripts = [stage.steps, *(block.steps for block in stage.finally_)]
    made = (command for steps in scripts for command in commands(steps) or ())
    return any(name in command.script for command in made)


def in_a_row(all_of_them: tuple[Command, ...]) -> str:
    """The commands until the first that fails, as one command of sh."""
    return " &&\n".join(map(as_line, all_of_them)) or "true"


def again(line: str, attempts: int) -> str:
    """A command of sh, tried until it succeeds."""
    return (
        f"(tried=1\nuntil {line}\n"
        f'do\ncode=$?\n[ "$tried" -lt {attempts} ] || exit "$code"\ntried=$((tried + 1))\ndone)'
    )


def within(line: str, seconds: float) -> str:
    """A command of sh that is ended after so long."""
    return f"timeout {seconds:g} /bin/sh -c {shlex.quote(line)}"


def _are_commands(steps: tuple[Step, ...]) -> bool:
    """Whether a script stands for each of the steps."""
    return all(
        _are_commands(step.steps)
        if isinstance(step, Dir | WithEnv | Retry | Limit)
        else isinstance(step, Shell | Echo | Fail | Write | ASIDE) and not _decides(step)
        for step in steps
    )


def _decides(step: Step) -> bool:
    """Whether a mark changes what becomes of a run."""
    return isinstance(step, Mark) and (step.run, step.stage) != ("succeeded", "succeeded")


def _flat(steps: tuple[Step, ...], folder: str, env: _Env) -> Iterator[Command]:
    for step in steps:
        if isinstance(step, Shell):
            own = tuple(dict((*env, *step.env)).items())
            limits = step.timeout_seconds, step.name, step.silence_seconds
            yield Command(step.script, step.shell, folder, own, step.check, *limits)
        elif isinstance(step, Dir):
            yield from _flat(step.steps, f"{folder}/{step.path}" if folder else step.path, env)
        elif isinstance(step, WithEnv):
            yield from _flat(step.steps, folder, (*env, *step.env))
        elif not isinstance(step, ASIDE):
            yield Command(_script(step, env), folder=folder)


def _script(step: Step, env: _Env) -> str:
    """A step that is no script of its own as one of sh."""
    if isinstance(step, Retry):
        return again(in_a_row(tuple(_flat(step.steps, "", env))), step.attempts)
    if isinstance(step, Limit):
        return within(in_a_row(tuple(_flat(step.steps, "", env))), step.seconds)
    if isinstance(step, Write):
        folder, _, _ = step.path.rpartition("/")
        made = f"mkdir -p {shlex.quote(folder)} && " if folder else ""
        return f"{made}printf %s {shlex.quote(step.text)} > {shlex.quote(step.path)}"
    if isinstance(step, Fail):
        return f"printf '%s\\n' {shlex.quote(step.message)} >&2; exit 1"
    assert isinstance(step, Echo)
    return f"printf '%s\\n' {shlex.quote(step.text)}"
