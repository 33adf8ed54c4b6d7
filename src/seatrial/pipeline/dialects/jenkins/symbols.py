"""Variables of which only the run can tell, put into the scripts of another system as a shell reads them.

While a program is followed, such a variable has a sign for its value. A program that only joins texts carries
the sign to where the value would stand, and there stands `${NAME}` then.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.answers import (
    NOTHING,
    Answers,
    filled,
    is_told,
    names_in,
    raw,
    reference,
    sign_of,
)
from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.stashes import script_of
from seatrial.pipeline.dialects.jenkins.variables import NAMES
from seatrial.pipeline.pipeline import Pipeline, Stage
from seatrial.pipeline.step import (
    SEATRIAL_SHELL,
    Block,
    Catch,
    Dir,
    Echo,
    Fail,
    Mark,
    Shell,
    Stash,
    Step,
    Unstash,
    WithEnv,
)
from seatrial.pipeline.writers.commands import as_line, commands, in_a_row

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
    "CHANGE_ID": "SEATRIAL_PULL_REQUEST",
    "CHANGE_TARGET": "SEATRIAL_PULL_REQUEST_TARGET",
}
_NAMES = (*NAMES, "CHANGE_ID", "CHANGE_TARGET", "CHANGE_BRANCH")
NAMES_OF_JENKINS = frozenset(_NAMES)
KEPT = ".seatrial"  # the folder of a workspace with what its commands have printed, for others to read
_OWN = re.compile(rf"\b(?:{'|'.join(name for name in _NAMES if name != 'CI')})\b")
_FINE = ("succeeded", "succeeded")


def of_a_run(names: Iterable[str]) -> dict[str, str]:
    """The signs of variables that a run gives: those of the names, of Jenkins and of the machine."""
    return of_names((*_NAMES, *_OF_THE_MACHINE, *names))


def of_names(names: Iterable[str]) -> dict[str, str]:
    return {name: sign_of(name) for name in names}


def is_known(name: str) -> bool:
    """Whether every system tells a variable of Jenkins, or the machine has it."""
    return name in _TOLD or name in _OF_THE_MACHINE


class Place(NamedTuple):
    """What a step stands in: the variables around it that have signs, and its folder."""

    made: Mapping[str, str]
    env: Mapping[str, str] = {}
    folder: str = ""


class Captured(NamedTuple):
    """A command whose output, and whose end, are kept for those that read it under a name."""

    name: str
    command: Shell


def each_time(name: str, answers: Answers) -> None:
    """The variables that have what a command has printed, which runs in its place."""
    _readers(name, "", answers)


def once(name: str, command: Shell, answers: Answers) -> None:
    """The same of a command that runs once a run, where one of them is needed first."""
    line = _line(_shell(command._replace(capture=False), Place(answers.made)))
    file = f'"$kept/{name}"'
    made = f'( cd "${{kept%/{KEPT}}}" && {line} ) > "$kept/{name}.part" && mv "$kept/{name}.part" {file}'
    _readers(name, f'[ -e {file} ] || {{ mkdir -p "$kept" && {made}; }}\n', answers)


def code(name: str) -> str:
    """The name of the variable that has how a command has ended."""
    return f"{name}_code"


_OF_OTHERS = ': "${'


def in_file(name: str, answers: Answers) -> str:
    """The sign of the path of a file that has the text of a variable, as long as the script that reads it."""
    path = f'"$secrets/{name}"'
    return answers.keep(f"{name}_file", f'printf %s "${name}" > {path}; {name}_file={path}')


def _readers(name: str, first: str, answers: Answers) -> None:
    """Only the text without the space around it loses the ends of its lines in a shell."""
    whole = raw(name)
    answers.keep(whole, f'{first}{whole}="$(cat "$kept/{name}"; printf .)"; {whole}="${{{whole}%.}}"')
    trimmed = f'{name}="${{{name}#"${{{name}%%[![:space:]]*}}"}}"; '
    trimmed += f'{name}="${{{name}%"${{{name}##*[![:space:]]}}"}}"'
    answers.keep(name, f'{first}{name}="$(cat "$kept/{name}")"; {trimmed}')
    answers.keep(code(name), f'{code(name)}="$(cat "$kept/{name}.code")"')


def _line(command: Shell) -> str:
    made = commands((command,))
    assert made is not None
    return as_line(made[0])


def _captured(one: Captured, place: Place) -> Shell:
    command = _shell(one.command._replace(capture=False, check=True), place)
    kept = f'"$kept/{one.name}"'
    line = f"( {_line(command)} )" + (f" > {kept}" if one.command.capture else "")
    if not one.command.check:
        line = f'code=0\n{line} || code=$?\necho "$code" > "$kept/{one.name}.code"'
    return Shell(f'{_root(place)}\nmkdir -p "$kept"\n{line}', SEATRIAL_SHELL, place=one.command.place)


def _root(place: Place) -> str:
    root = f'"${{PWD%{place.folder}}}"' if place.folder else '"$PWD"'
    return f"kept={root}/{KEPT}"


def in_shell(step: Step | Captured, place: Place) -> Step:
    """The step with what a shell reads for each sign. Raises Undetermined where no shell would read it."""
    if isinstance(step, Captured):
        return _captured(step, place)
    if isinstance(step, Shell):
        return _shell(step, place)
    if isinstance(step, Echo) and not is_told(step.text):
        return _printing(step.text, "", place)
    if isinstance(step, Fail) and not is_told(step.message):
        return _printing(step.message, " >&2; exit 1", place)
    if isinstance(step, Stash | Unstash) and all(map(is_told, _texts(step))):
        return Shell(f"{_root(place)}\n{script_of(step, KEPT)}", SEATRIAL_SHELL)
    if isinstance(step, Block):
        made = _block(step, place)
        return _forgiving(made) if isinstance(made, Catch) else made
    if not all(map(is_told, _texts(step))):
        raise Undetermined
    return step


def _printing(text: str, more: str, place: Place) -> Shell:
    """A command that prints a text, and does more."""
    made = _shell(Shell(f"printf '%s\\n' {filled(text)}{more}"), place)
    return made._replace(script="\n".join((*setting((text,), place), made.script)))


def _forgiving(block: Catch) -> Shell:
    made = commands(block.steps)
    if made is None:
        raise Undetermined
    message = shlex.quote(block.message or "it has failed, and may")
    return Shell(f"{{ {in_a_row(made)}\n}} || printf '%s\\n' {message}", SEATRIAL_SHELL)


def _block(step: Block, place: Place) -> Block:
    if isinstance(step, WithEnv):
        more = {name: value for name, value in step.env if not is_told(value)}
        kept = tuple(pair for pair in step.env if pair[0] not in more)
        within = place._replace(env={**place.env, **more})
        return WithEnv(kept, tuple(in_shell(one, within) for one in step.steps))
    if not all(map(is_told, _texts(step._replace(steps=())))):
        raise Undetermined
    if isinstance(step, Dir):
        place = place._replace(folder=f"{place.folder}/{step.path}")
    return step._replace(steps=tuple(in_shell(one, place) for one in step.steps))


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


def _shell(step: Shell, place: Place) -> Shell:
    own = {**place.env, **{name: value for name, value in step.env if not is_told(value)}}
    plain = tuple(pair for pair in step.env if is_told(pair[1]))
    if is_told(step.script) and not own:
        return step
    if step.script.startswith("#!") and not is_told(step.script):
        raise Undetermined
    lines = [*setting((step.script, *own.values()), place)]
    if own:  # one `export`, which reads all of them before it sets any
        lines.append("export " + " ".join(f"{name}={filled(value)}" for name, value in own.items()))
    if step.script.startswith("#!"):
        line = _line(Shell(step.script, step.shell))
        return step._replace(script="\n".join((*lines, line)), shell=SEATRIAL_SHELL, env=plain)
    script = _filled(step.script)
    if script is None:
        return step._replace(script="\n".join((*lines, _as_text(step))), shell=SEATRIAL_SHELL, env=plain)
    return step._replace(script="\n".join((*lines, script)), env=plain)


def setting(texts: Iterable[str], place: Place) -> tuple[str, ...]:
    """The commands that set the variables of the signs in some texts, each after those that it reads."""
    found: dict[str, None] = {}
    for name in (name for text in texts for name in names_in(text)):
        _set(name, place.made, found)
    first = []
    if any("$kept/" in one for one in found):
        first.append(_root(place))
    if any("$secrets/" in one for one in found):
        first.append('secrets="$(mktemp -d)"; trap \'rm -rf "$secrets"\' EXIT')
    return (*first, *found)


def asking(texts: Iterable[str], place: Place) -> tuple[str, ...]:
    """The same before a question, which is one also of what nothing has set."""
    return tuple(one for one in setting(texts, place) if not one.startswith(_OF_OTHERS))


def _set(name: str, made: Mapping[str, str], found: dict[str, None]) -> None:
    if name in made and made[name] not in found:
        for other in re.findall(r"\$\{(\w+)\}", made[name]):
            if other != name:
                _set(other, made, found)
        found[made[name]] = None


def _as_text(step: Shell) -> str:
    """A shell that gets the script as a text in which the values stand, as Groovy puts them there."""
    parts = re.split("(\ue000.*?\ue001)", step.script)
    words = "".join(
        f'"{reference(part[1:-1])}"' if part[:1] == "\ue000" else shlex.quote(part) for part in parts if part
    )
    return f"{' '.join(step.shell)} -c {words}"


def _filled(script: str) -> str | None:
    """A script with `${NAME}` for each sign; None where that is not sure to be read as the value."""
    if is_told(script):
        return script
    if re.search(r"\\|<<|(?:^|\s)#", script):
        return None
    filled_, quote = "", ""
    for part in re.split("(\ue000.*?\ue001)", script):
        if part[:1] == "\ue000":
            name = reference(part[1:-1])
            filled_ += f"'\"{name}\"'" if quote == "'" else name
            continue
        filled_ += part
        for letter in part:
            if letter in "'\"" and quote in ("", letter):
                quote = "" if quote else letter
    return filled_


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
    every = (*steps, *(step for one in ends for step in one.steps))
    marks = tuple(
        Mark(f"the variable `{name}` of Jenkins, which `{stage.name}` reads", *_FINE)
        for name in sorted(_unknown(every, known))
    )
    marks += tuple(
        Mark(
            f"the variable `{name}` is that of the other system, where it is entered: {NOTHING} in the file",
            *_FINE,
        )
        for name in dict.fromkeys(re.findall(rf"\$\{{(\w+)(?::\?{NOTHING}|-null)\}}", _scripts(every)))
    )
    return stage._replace(steps=(*steps, *marks), finally_=ends)


def _scripts(steps: Iterable[Step]) -> str:
    return "\n".join(
        _scripts(one.steps) if isinstance(one, Block) else one.script if isinstance(one, Shell) else ""
        for one in steps
    )


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
