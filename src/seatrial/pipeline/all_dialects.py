"""The table of dialects. The order is that in which a file is looked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seatrial.pipeline.dialect import Authored, Dialect, Filled, Giving, RunFacts
    from seatrial.pipeline.finding import Finding
    from seatrial.pipeline.pipeline import Pipeline


class Entry(NamedTuple):
    """Where a dialect is, its file names, and what its system has of its own, so that asking loads none."""

    module: str
    filenames: tuple[str, ...]
    is_filled: bool = False  # files are made of the values of their parameters, and not only run with them
    has_variables: bool = False  # its system gives some to every command
    is_authored: bool = False  # its stages hold more than what the author of a file wrote
    branch_of_request: str = ""  # what conditions see as the branch of a pull request, given its number
    is_merged: bool = False  # a pull request is run as it will be once it is merged
    first_has_changes: bool = True  # a first build has changed all there is, and not nothing
    folder: str = "work"  # that its stages start in, below what is their own


ALL_DIALECTS = {
    "seatrial": Entry("seatrial.pipeline.dialects.seatrial", ("seatrial.yaml", "seatrial.yml")),
    "jenkins": Entry(
        "seatrial.pipeline.dialects.jenkins",
        ("Jenkinsfile",),
        has_variables=True,
        is_authored=True,
        branch_of_request="PR-{}",
        is_merged=True,
        first_has_changes=False,
    ),
    "travis": Entry(
        "seatrial.pipeline.dialects.travis",
        (".travis.yml",),
        has_variables=True,
        is_authored=True,
        is_merged=True,
    ),
    "circleci": Entry(
        "seatrial.pipeline.dialects.circleci",
        (".circleci/config.yml",),
        is_filled=True,
        has_variables=True,
        is_authored=True,
        folder="job/project",  # jobs write beside it, and know it by its name there
    ),
}


def dialect(name: str) -> Dialect:
    """The dialect of this name; raises KeyError."""
    return cast("Dialect", import_module(ALL_DIALECTS[name].module))


def is_filled(name: str) -> bool:
    """Whether the parameters of such files are in their stages already."""
    return ALL_DIALECTS[name].is_filled


def parse(
    name: str, text: str, path: str, values: Iterable[tuple[str, str]] = ()
) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The pipeline of a file; `values` are those of its parameters, where they count as it is read."""
    if is_filled(name):
        return cast("Filled", dialect(name)).parse_with(text, path, dict(values))
    return dialect(name).parse(text, path)


def variables(name: str, facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """What the system of such files gives to every command."""
    if not ALL_DIALECTS[name].has_variables:
        return ()
    module = import_module(f"{ALL_DIALECTS[name].module}.variables")
    return cast("Giving", module).variables(facts)


def is_merged(name: str) -> bool:
    """Whether such files run a pull request as it will be once it is merged."""
    return ALL_DIALECTS[name].is_merged


def authored(name: str, text: str, path: str) -> Pipeline:
    """The pipeline of a file without errors, for another system: what its author wrote, as far as that can
    be had, without what stands for the file's own system here."""
    if not ALL_DIALECTS[name].is_authored:
        return dialect(name).parse(text, path)[0]
    module = import_module(f"{ALL_DIALECTS[name].module}.authored")
    return cast("Authored", module).authored(text, path)
