"""A dialect: one format of pipeline files, read into the one Pipeline value.

Each module (or package) of `seatrial.pipeline.dialects` defines:

    NAME        as the table of `seatrial.pipeline.all_dialects` and `--dialect` have it
    FILENAMES   the names by which such a file is recognized, the preferred one first; as in the table
    parse       text → value and findings

`parse` is pure: it reads no other file, no variable and no clock, so the same text gives the same answer on
every machine, and the answer may be kept. It never raises, whatever the text holds: what cannot be read is a
finding with line and column, all of them at once, and the Pipeline then holds what could be read. A pipeline
whose findings hold no error can be run. `path` is the file's, from the root of the commit; it is only for
places. It may be called from several threads at once. It does not expand a matrix, imply needs or look at
the graph: `seatrial.pipeline.load` does that for every dialect alike.

One whose system gives variables to every command has a module `variables` too, with `variables(facts)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.finding import Finding
from seatrial.pipeline.pipeline import Pipeline


class RunFacts(NamedTuple):
    """What a run knows when a stage begins; "" where it does not. `url` is that of the Git remote, or of
    what was checked out of Subversion: `source` says which of the two systems it is. `before` is the commit
    that the run before had, of the same pipeline and branch. `event` is what started it; for a pull request
    `branch` is where it comes from, `request` its number, `target` the branch that it wants to go to, `base`
    the commit that this is at, and `merge` the one that merges the two, where one is needed. `room` is the
    folder that all of the stage lies in, where its commands run on this machine."""

    project: str
    run_number: int
    stage: str = ""
    workspace: str = ""
    commit: str = ""
    branch: str = ""
    url: str = ""
    source: str = "git"
    tag: str = ""
    message: str = ""
    before: str = ""
    event: str = "manual"
    request: str = ""
    target: str = ""
    base: str = ""
    merge: str = ""
    room: str = ""

    @property
    def slug(self) -> str:
        """`owner/name` of the remote's address at a forge; "" where it has none."""
        scheme, sign, rest = self.url.partition("://")
        path = "" if scheme == "file" else rest.partition("/")[2] if sign else self.url.partition(":")[2]
        parts = path.removesuffix("/").removesuffix(".git").split("/")
        return "/".join(parts[-2:]) if len(parts) > 1 and all(parts[-2:]) else ""


class Filled(Protocol):
    """A dialect whose files are made of the values of their parameters: `parse` puts in the defaults.

    A value that a parameter cannot have is passed over here: `seatrial.pipeline.parameters` refuses it.
    """

    @staticmethod
    def parse_with(
        text: str, path: str, values: Mapping[str, str]
    ) -> tuple[Pipeline, tuple[Finding, ...]]: ...


class Giving(Protocol):
    """The module `variables` of a dialect whose system gives some to every command."""

    @staticmethod
    def variables(facts: RunFacts) -> tuple[tuple[str, str], ...]: ...


class Authored(Protocol):
    """The module `authored` of a dialect whose stages hold more than what the author of a file wrote."""

    @staticmethod
    def authored(text: str, path: str) -> Pipeline: ...


class Dialect(Protocol):
    @property
    def NAME(self) -> str: ...  # noqa: N802 - constants of a module

    @property
    def FILENAMES(self) -> tuple[str, ...]: ...  # noqa: N802

    @staticmethod
    def parse(text: str, path: str) -> tuple[Pipeline, tuple[Finding, ...]]: ...
