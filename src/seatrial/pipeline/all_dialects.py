"""The table of dialects. The order is that in which a file is looked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from seatrial.pipeline.dialect import Dialect


class Entry(NamedTuple):
    """Where a dialect is, and its file names, so that finding a file loads none."""

    module: str
    filenames: tuple[str, ...]


ALL_DIALECTS = {
    "seatrial": Entry("seatrial.pipeline.dialects.seatrial", ("seatrial.yaml", "seatrial.yml")),
    "jenkins": Entry("seatrial.pipeline.dialects.jenkins", ("Jenkinsfile",)),
    "travis": Entry("seatrial.pipeline.dialects.travis", (".travis.yml",)),
    "circleci": Entry("seatrial.pipeline.dialects.circleci", (".circleci/config.yml",)),
}


def dialect(name: str) -> Dialect:
    """The dialect of this name; raises KeyError."""
    return cast("Dialect", import_module(ALL_DIALECTS[name].module))
