"""Put a model, its code, its Python and how it serves under one digest."""

from __future__ import annotations

import shlex

from seatrial.actions import evidence
from seatrial.actions.expand import environments_of
from seatrial.actions.locate import seen_by
from seatrial.errors import BadInput
from seatrial.journal import packages, runs
from seatrial.package.build import build, code_files, model_files
from seatrial.package.contents import PackageContents, PackagedFile, PackagedPython, is_below
from seatrial.package.provenance import Origin, attach, provenance
from seatrial.package.read import tree_of
from seatrial.package.served import ByRuntime, by_runtime
from seatrial.pipeline.needs import plain
from seatrial.pipeline.pipeline import PACKAGE, Evaluate, Package, Stage, place_of
from seatrial.run import key as keys
from seatrial.run import pinned, surroundings
from seatrial.run.action import Context, Key
from seatrial.run.outcome import SUCCEEDED, Outcome
from seatrial.store import trees
from seatrial.system import clock

NAME = PACKAGE


def key(stage: Stage, context: Context) -> Key | None:
    contents = contents_of(stage, context)
    return keys.make(
        (
            ("action", PACKAGE),
            ("model", contents.model),
            ("serve", contents.serve),
            ("predict", contents.predict),
            ("health", contents.health),
            ("files", trees.digest(tree_of(contents))),
            *(surroundings.ingredients(stage, context) if stage.python else ()),
        )
    )


def perform(stage: Stage, context: Context) -> Outcome:
    contents = contents_of(stage, context)
    if stage.python:
        python = surroundings.environment_of(stage, context)
        packaged = PackagedPython(python.python_version, python.requirements, pinned.listed(python))
        contents = contents._replace(python=packaged)
    name = f"{context.project}/{context.pipeline.model or context.project}"
    digest = build(context.store, contents, name=name)
    size = sum(file.size for file in contents.files)
    body = {"name": name, "stage": stage.name, "size": size}
    packages.record(
        context.journal, digest, context.project, run=context.run, commit=context.change.commit, body=body
    )
    attach(context.store, provenance(digest, _origin(stage, context)))
    outcome = Outcome(SUCCEEDED, message=f"{name} {digest[7:19]}", body={"package": digest})
    evidence.attach(context, {stage.name: outcome})
    return outcome


def contents_of(stage: Stage, context: Context) -> PackageContents:
    """What the stage packages, but for its Python.

    Raises BadInput for a model or an `include` that names nothing, and for a command that names a file of the
    commit which is not packaged.
    """
    options = stage.options
    assert isinstance(options, Package)
    model = plain(options.model)
    seen = seen_by(stage, context, (options.model, *options.include))
    weights = model_files(seen, model)
    code = [file for file in code_files(seen, options.include) if not is_below(file.path, model)]
    files: tuple[PackagedFile, ...] = (*weights, *code)
    if options.runtime:
        place = place_of(stage, "serve", options.runtime)
        said = ByRuntime(options.runtime, options.runtime_options, options.health, place)
        serve, files = by_runtime(context.store, files, said)
    else:
        serve = options.serve
    _check_command(stage, context, "serve", serve, files)
    predict = options.predict or _default_predict(stage, context, files)
    _check_command(stage, context, "predict", predict, files)
    return PackageContents(model, files, None, serve, predict, options.health)


def _default_predict(stage: Stage, context: Context, files: tuple[PackagedFile, ...]) -> str:
    """The command with which the same model is evaluated.

    Where the package lacks a file that it names, and no gate will ever compare with this package, there is
    none.
    """
    for evaluation in _evaluations(stage, context):
        if environments_of(evaluation) or not _missing(evaluation.predict, files, context):
            return evaluation.predict
    return ""


def _evaluations(stage: Stage, context: Context) -> list[Evaluate]:
    assert isinstance(stage.options, Package)
    model = plain(stage.options.model)
    found = [one.options for one in context.pipeline.stages if isinstance(one.options, Evaluate)]
    return [one for one in found if plain(one.evaluated) == model and one.predict]


def _check_command(
    stage: Stage, context: Context, which: str, command: str, files: tuple[PackagedFile, ...]
) -> None:
    missing = _missing(command, files, context)
    if missing:
        text = f"the package lacks {missing}, which `{which}` names: {command}"
        raise BadInput(text, f"add {missing} to `include`", place_of(stage, which))


def _missing(command: str, files: tuple[PackagedFile, ...], context: Context) -> str:
    """A file of the commit that a command names and the package does not hold; "" for none."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return ""
    held = {file.path for file in files}
    committed = {entry.path for entry in context.tree}
    return next((plain(word) for word in words if plain(word) in committed - held), "")


def _origin(stage: Stage, context: Context) -> Origin:
    run = runs.get(context.journal, context.run)
    outcomes = [(need, context.outcomes.get(need)) for need in stage.needs]
    recorded = runs.stages(context.journal, context.run)
    return Origin(
        project=context.project,
        pipeline=context.pipeline.path,
        source=context.change.url or context.change.root,
        commit=context.change.commit,
        tree=context.change.tree,
        dirty=context.change.dirty,
        run=context.run,
        stage=stage.name,
        keys=tuple((one.stage, one.key) for one in recorded if one.key),
        materials=tuple((f"outputs of {need}", one.outputs) for need, one in outcomes if one and one.outputs),
        started=run.started if run else clock.now(),
        finished=clock.now(),
    )
