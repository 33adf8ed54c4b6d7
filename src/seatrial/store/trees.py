"""Trees: what a folder holds, as a value."""

from __future__ import annotations

from typing import NamedTuple

FILE = "file"
EXECUTABLE = "executable"
LINK = "link"


class Entry(NamedTuple):
    """A file of a tree. `path` is relative, with "/"; a link has its target in `digest`, and size 0."""

    path: str
    kind: str
    digest: str
    size: int


# Sorted by path; folders are implied by what they hold, so an empty folder is not kept.
Tree = tuple[Entry, ...]
