"""Let a model predict: the candidate by the command of the commit, a baseline by that of its package.

The command is started with $MODEL and $DATA, which it reads, and $PREDICTIONS, the file that it writes: csv,
parquet or jsonl. A baseline sees nothing of the commit but the data.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from seatrial.actions.locate import locate
from seatrial.actions.same import is_same_package
from seatrial.errors import BadInput
from seatrial.package.contents import PackageContents
from seatrial.package.read import read, tree_of
from seatrial.pipeline.pipeline import PREDICT, Predict, Stage, is_kept, place_of
from seatrial.pipeline.step import Shell
from seatrial.run import attempt, contents, ingredient, pinned, surroundings
from seatrial.run import key as keys
from seatrial.run.action import Context, Key
from seatrial.run.outcome import Outcome
from seatrial.store import trees
from seatrial.store.trees import Tree

NAME = PREDICT
PREDICTIONS = ".seatrial/predictions.csv"
_DATA = ".seatrial/data"
# Absolute, so that the command may change its folder. A script for another interpreter gets them as they are.
_ABSOLUTE = """case $MODEL in /*) ;; *) export MODEL="$PWD/$MODEL" ;; esac
case $DATA in /*) ;; *) export DATA="$PWD/$DATA" ;; esac
export PREDICTIONS="$PWD/$PREDICTIONS"
"""


def key(stage: Stage, context: Context) -> Key | None:
    """A baseline that is the candidate's own package has the candidate's key: they predict the same."""
    if not is_kept(stage):
        return None
    options = _options(stage)
    if not options.package or is_same_package(options.package, options.model, context):
        return _key_of_candidate(stage, context)
    return keys.make(
        (
            ("action", PREDICT),
            ("package", options.package),
            ("data", locate(options.data, stage, context).digest),
            *((ingredient.VARIABLE + name, value) for name, value in sorted(stage.env + stage.variables)),
        )
    )


def perform(stage: Stage, context: Context) -> Outcome:
    if not _options(stage).package:
        return attempt.perform(as_command(stage), context)
    return _perform_baseline(stage, context)


def as_command(stage: Stage) -> Stage:
    """The candidate's prediction as the stage of commands that it is."""
    options = _options(stage)
    inputs = None if stage.inputs is None else (*stage.inputs, options.data, options.model)
    return _with_command(stage, options.command, options.model, options.data)._replace(inputs=inputs)


def _key_of_candidate(stage: Stage, context: Context) -> Key:
    command = as_command(stage)
    reads = contents.of_stage(command, context)
    python = surroundings.ingredients(command, context)
    made = keys.of_command(command, python, contents.ingredients(reads))
    data = _options(stage).data
    if stage.inputs is not None:
        return made
    found = locate(data, stage, context)  # also to find out that it is there, before the command looks for it
    if not found.outside:
        return made
    return keys.make((*made.ingredients, (ingredient.EXTERNAL + data, found.digest)))


def _perform_baseline(stage: Stage, context: Context) -> Outcome:
    options = _options(stage)
    package = read(context.store, options.package)
    if not package.predict:
        hint = "say `predict:` where you package, and `include` what it needs; then release once"
        raise BadInput(
            f"the package live in `{options.environment}` has no command to predict with", hint, stage.place
        )
    data = locate(options.data, stage, context)
    extra = attempt.Extra(
        tree=trees.merge(tree_of(package), _below(_DATA, data.tree)),
        venv=_venv(package, stage, context),
    )
    place = data.outside or f"{_DATA}/{data.name}".rstrip("/")
    command = _with_command(stage, package.predict, package.model, place)
    return attempt.perform(command._replace(needs=(), inputs=(), python=""), context, extra)


def _with_command(stage: Stage, command: str, model: str, data: str) -> Stage:
    script = command if command.startswith("#!") else _ABSOLUTE + command
    env = (*stage.env, ("MODEL", model.rstrip("/")), ("DATA", data), ("PREDICTIONS", PREDICTIONS))
    places = (*stage.places, (f"outputs:{PREDICTIONS}", place_of(stage, "predict")))
    return stage._replace(
        steps=(Shell(script, written=command),), env=env, outputs=(PREDICTIONS,), places=places
    )


def _below(folder: str, tree: Tree) -> Tree:
    return tuple(entry._replace(path=f"{folder}/{entry.path}") for entry in tree)


def _venv(package: PackageContents, stage: Stage, context: Context) -> Path | None:
    """The Python environment of a package, as it was when it was packaged."""
    if package.python is None:
        return None
    return pinned.ensure(
        context.home,
        context.journal,
        package.python.requirements,
        package.python.packages,
        partial(context.log, stage.name),
        host_env=context.host_env,
        token=context.run,
        is_cancelled=context.is_cancelled,
    ).folder


def _options(stage: Stage) -> Predict:
    assert isinstance(stage.options, Predict)
    return stage.options
