"""The table of writers: the formats into which a pipeline is written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from seatrial.pipeline.writers.writer import Writer


class Entry(NamedTuple):
    """Where a writer is, and where its system looks for the file."""

    module: str
    filename: str


ALL_WRITERS = {
    "seatrial": Entry("seatrial.pipeline.writers.seatrial", "seatrial.yaml"),
    "jenkins": Entry("seatrial.pipeline.writers.jenkins", "Jenkinsfile"),
    "travis": Entry("seatrial.pipeline.writers.travis", ".travis.yml"),
    "circleci": Entry("seatrial.pipeline.writers.circleci", ".circleci/config.yml"),
    "github-actions": Entry("seatrial.pipeline.writers.github_actions", ".github/workflows/seatrial.yml"),
    "gitlab": Entry("seatrial.pipeline.writers.gitlab", ".gitlab-ci.yml"),
}


def writer(name: str) -> Writer:
    """The writer of this name; raises KeyError."""
    return cast("Writer", import_module(ALL_WRITERS[name].module))
