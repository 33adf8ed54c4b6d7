"""Whether a package that is live is what this very run would package."""

from __future__ import annotations

from seatrial.actions.package import contents_of
from seatrial.errors import BadInput
from seatrial.package.contents import PackageContents, PackagedPython, checked
from seatrial.package.read import read
from seatrial.pipeline.needs import plain
from seatrial.pipeline.pipeline import PACKAGE, Package, Stage
from seatrial.run import pinned, python_environment
from seatrial.run.action import Context
from seatrial.store import blobs


def is_same_package(live: str, model: str, context: Context) -> bool:
    """Whether a stage of the pipeline would make the package `live` of the model at the path `model`.

    False also where it cannot be told yet. What would be packaged is compared, not keys: another commit may
    give the same package.
    """
    makers = [stage for stage in context.pipeline.stages if stage.action == PACKAGE and _packs(stage, model)]
    if not makers:
        return False
    try:
        there = read(context.store, live)
        return any(_is_same(there, stage, context) for stage in makers)
    except (BadInput, blobs.Missing):
        return False


def _packs(stage: Stage, model: str) -> bool:
    return isinstance(stage.options, Package) and plain(stage.options.model) == plain(model)


def _is_same(there: PackageContents, stage: Stage, context: Context) -> bool:
    if any(need not in context.outcomes for need in _makers_of(stage, context)):
        return False
    ours = checked(contents_of(stage, context))
    return ours._replace(python=None) == there._replace(python=None) and _same_python(
        there.python, stage, context
    )


def _makers_of(stage: Stage, context: Context) -> list[str]:
    """The needs of a stage that have outputs."""
    made = {one.name for one in context.pipeline.stages if one.outputs}
    return [need for need in stage.needs if need in made]


def _same_python(there: PackagedPython | None, stage: Stage, context: Context) -> bool:
    """By the packages where the environment is there, else by what is asked for: nothing is built to tell."""
    if there is None or not stage.python:
        return there is None and not stage.python
    text = python_environment.requirements_of(context.store, context.tree, stage.python)
    known = python_environment.known(context.home, text, host_env=context.host_env)
    if known is None:
        return there.requirements == text
    return (there.version, there.packages) == (known.python_version, pinned.listed(known))
