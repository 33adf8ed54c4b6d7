"""The table of sources. A new one is a module of `sources`, a line here, and its page in the docs."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from seatrial.commit.change import Change
from seatrial.commit.source import Source
from seatrial.errors import BadInput
from seatrial.store.store import Store

ALL = {
    "git": "seatrial.commit.sources.git",
    "subversion": "seatrial.commit.sources.subversion",
}


def source(name: str) -> Source:
    """The source of a name: that of `Change.source`."""
    return cast(Source, import_module(ALL[name]))


def resolve(store: Store, folder: Path, spec: str | None = None) -> Change:
    """What is to be run from `folder`: the commit that `spec` names, or the working state for None.

    Raises BadInput.
    """
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}")
    for name in ALL:
        one = source(name)
        if (spec is not None and one.is_address(spec)) or (not _is_elsewhere(spec) and one.holds(folder)):
            return one.resolve(store, folder, spec)
    hint = "a run is of a commit: git init && git add --all && git commit"
    raise BadInput(f"{folder} is not in a Git repository or a working copy of Subversion", hint=hint)


def _is_elsewhere(spec: str | None) -> bool:
    return spec is not None and any(source(name).is_address(spec) for name in ALL)
