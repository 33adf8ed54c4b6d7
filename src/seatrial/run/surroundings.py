"""What surrounds a stage: its Python environment, our own command, the variables of a foreign dialect."""

from __future__ import annotations

import os
import sys
from functools import cache, partial
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.journal import runs
from seatrial.pipeline.all_dialects import ALL_DIALECTS, variables
from seatrial.pipeline.dialect import RunFacts
from seatrial.pipeline.pipeline import Stage, Variables, is_kept
from seatrial.run import guards, interpreters, own_settings, private_python, python_environment
from seatrial.run.action import Context
from seatrial.run.ingredient import Ingredients
from seatrial.run.logs import safe_name
from seatrial.run.python_environment import PythonEnvironment
from seatrial.run.variables import DEFAULT_PATH, Folders, Surroundings, search_path
from seatrial.run.workspace import of_run


def of_stage(stage: Stage, context: Context, venv: Path | None = None) -> Surroundings:
    """What the variables of a stage are made of; `venv` stands for the environment that it names."""
    if venv is None and stage.python:
        venv = environment_of(stage, context).folder
    elif venv is None and is_anothers(stage, context):
        venv = private_python.ensure(_own_python(stage, context), context.host_env)
    return Surroundings(
        _path(stage, context),
        own_bin(),
        context.home,
        context.project,
        context.run,
        context.number,
        None if is_kept(stage) else context.change,
        venv,
        context.facts.request,
        context.facts.target,
        context.facts.event,
    )


def _path(stage: Stage, context: Context) -> str:
    """The PATH that we were started with; for another system's file on this machine with guards before it."""
    path = context.host_env.get("PATH", "")
    if not is_anothers(stage, context):
        return path
    return os.pathsep.join((str(guards.folder(context.home)), path or DEFAULT_PATH))


def _engine(context: Context) -> Variables:
    """Where the Docker engine is that stages have their containers from."""
    return tuple((name, context.host_env[name]) for name in ("DOCKER_HOST",) if context.host_env.get(name))


@cache
def _user() -> Variables:
    """Who runs the stages, as an agent of Jenkins hands it on; () for a number without a name."""
    import pwd

    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ()
    return (("USER", name), ("LOGNAME", name))


def _own_python(stage: Stage, context: Context) -> Path:
    """Where what a stage installs goes: stages have it in common where they share a workspace."""
    name = f"shared-{stage.workspace}" if stage.workspace else stage.name
    return of_run(context.home, context.run) / "python" / safe_name(name)


def is_anothers(stage: Stage, context: Context) -> bool:
    """Whether the commands of another system's file run on this machine, in no container."""
    return context.pipeline.dialect != "seatrial" and not stage.image


def furnish(stage: Stage, context: Context, around: Surroundings, folders: Folders) -> None:
    """Make what the commands of another system's file find in the place of what is the user's."""
    if is_anothers(stage, context):
        python = () if around.venv is None else (f"{around.venv}/bin",)
        first = os.pathsep.join((*python, str(guards.place(context.home))))
        own_settings.furnish(folders, first, search_path(around))


def environment_of(stage: Stage, context: Context) -> PythonEnvironment:
    """The Python environment that a stage names, built when it is not there yet."""
    text = python_environment.requirements_of(context.store, context.tree, stage.python)
    try:
        return python_environment.ensure(
            context.home,
            context.journal,
            text,
            partial(context.log, stage.name),
            host_env=context.host_env,
            token=context.run,
            is_cancelled=context.is_cancelled,
        )
    except BadInput as problem:
        problem.about = stage.python
        raise


def is_known(stage: Stage, context: Context) -> bool:
    """Whether the stage's Python environment is there, so that its key costs no time."""
    if not stage.python:
        return True
    text = python_environment.requirements_of(context.store, context.tree, stage.python)
    return python_environment.known(context.home, text, host_env=context.host_env) is not None


def ingredients(stage: Stage, context: Context) -> Ingredients:
    """What a key says of the Python, or of the image, that the stage's commands find. Builds the environment,
    or pulls the image, if it must."""
    if stage.python:
        return python_environment.ingredients(environment_of(stage, context))
    if stage.image:
        from seatrial.run import images

        return (("image digest", images.resolve(stage.image, partial(context.log, stage.name))),)
    return python_environment.host_ingredients(context.host_env.get("PATH", ""))


@cache
def own_bin() -> str:
    """The folder of the command that runs us, "" where we do not run as one."""
    for folder in (os.path.dirname(os.path.realpath(sys.argv[0])), os.path.dirname(sys.executable)):  # noqa: PTH120 - cheap
        if os.access(f"{folder}/seatrial", os.X_OK):
            return folder
    return ""


def _given(context: Context) -> Variables:
    """The parameters that have a value before the first stage."""
    known = (one for one in context.pipeline.parameters if not one.asked and (one.given or not one.late))
    return tuple((one.name, one.value) for one in known)


def foreign(stage: Stage, context: Context, folders: Folders) -> Variables:
    """The variables that the pipeline's own system gives to every command; () for ours."""
    dialect = context.pipeline.dialect
    around: Variables = ()
    if is_anothers(stage, context):
        around = (
            *private_python.variables(_own_python(stage, context)),
            *own_settings.variables(folders),
            *_engine(context),
        )
    if dialect == "jenkins" and not stage.image:
        around += _user()
    if stage.interpreter and not stage.image:
        around += ((interpreters.VARIABLE, interpreters.path_of(stage.interpreter, context.host_env)),)
    if not ALL_DIALECTS[dialect].has_variables:
        return around
    change = context.change
    path = context.pipeline.path
    before = runs.before(context.journal, context.project, path, change.branch, context.number)
    facts = RunFacts(
        context.project,
        context.number,
        stage.name,
        str(folders.work),
        change.commit,
        change.branch,
        change.url,
        change.source,
        change.tag,
        f"{change.message}\n\n{change.details}".strip(),
        "" if before is None else before.commit,
        context.facts.event,
        context.facts.request,
        context.facts.target,
        change.base,
        change.merge,
        "" if stage.image else str(folders.home.parent),
    )
    return (*around, *variables(dialect, facts), *_given(context))
