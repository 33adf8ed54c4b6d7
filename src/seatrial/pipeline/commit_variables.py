"""The variables that tell a stage which commit is run (pure).

A stage that may be restored is a function of its content: it does not see them, or an output that names the
commit would be restored for another. One that asks for one, by `env: {GIT_COMMIT: $GIT_COMMIT}`, gets the
value as a variable of its own, which is a part of its key like any other.
"""

from collections.abc import Iterator

from seatrial.commit.change import Change
from seatrial.errors import Place
from seatrial.pipeline.finding import Finding, warning
from seatrial.pipeline.pipeline import Evaluate, Stage, is_kept, place_of
from seatrial.pipeline.step import Shell

_TAG = "SEATRIAL_TAG"
_OWN = ("SEATRIAL_COMMIT", "SEATRIAL_BRANCH", _TAG)
_GIT = ("GIT_COMMIT", "GIT_BRANCH")
_SUBVERSION = ("SVN_REVISION", "SVN_URL")
NAMES = (*_GIT, *_SUBVERSION, *_OWN)
_NUMBER = "SEATRIAL_RUN_NUMBER"


def of(change: Change) -> dict[str, str]:
    """The variables of a commit; "" for what it has not, such as `GIT_COMMIT` in Subversion."""
    is_git = change.source == "git"
    of_source = (change.commit, change.branch) if is_git else (change.commit, change.url)
    names = (*(_GIT if is_git else _SUBVERSION), *_OWN)
    values = (*of_source, change.commit, change.branch, change.tag)
    return dict.fromkeys(NAMES, "") | dict(zip(names, values, strict=True))


def asked_for(value: str) -> str:
    """The variable of the commit that the value of an `env` stands for, "" for a text that is only a text."""
    name = value.removeprefix("$")
    return name if name != value and name in NAMES else ""


def resolved(stage: Stage, change: Change) -> Stage:
    """The stage with the values in the place of what its `env` asks for."""
    if not any(asked_for(value) for _, value in stage.env):
        return stage
    known = of(change)
    return stage._replace(env=tuple((name, known.get(asked_for(value), value)) for name, value in stage.env))


def asks_for_tag(stage: Stage) -> bool:
    return any(asked_for(value) == _TAG for _, value in stage.env)


def findings(stage: Stage) -> Iterator[Finding]:
    """A warning for each of these that a stage reads though it may be restored and has not asked for it."""
    if not is_kept(stage):
        return
    said = {name for name, _ in stage.env + stage.variables}
    for script, place in _scripts(stage):
        for name in (*NAMES, _NUMBER):
            if name not in said and _reads(script, name):
                message = f"`{stage.name}` reads ${name}, which a stage that can be restored does not see"
                yield warning(place, message, _hint(name))


def _scripts(stage: Stage) -> Iterator[tuple[str, Place]]:
    for step in stage.steps:
        if isinstance(step, Shell):
            yield step.script, step.place or stage.place
    if isinstance(stage.options, Evaluate):
        yield stage.options.predict, place_of(stage, "predict")


def _reads(script: str, name: str) -> bool:
    """Whether a script reads a variable that it does not set itself."""
    parts = script.split(f"${name}")[1:]
    plain = any(not (part[:1].isalnum() or part[:1] == "_") for part in parts)
    return (plain or f"${{{name}" in script) and f"{name}=" not in script


def _hint(name: str) -> str:
    if name == _NUMBER:
        return "say `cache: false`: each run has another number"
    own = name.removeprefix("SEATRIAL_")
    as_own = "" if own == name else f" and read ${own}"
    return f"ask for it with `env: {{{own}: ${name}}}`{as_own}, or say `cache: false`"
