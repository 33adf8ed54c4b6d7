"""What a source of commits gives; `all_sources` is the table of them.

The contract: nothing that a source does writes into the user's checkout or its repository, and none of it
needs the network where the checkout holds what is asked for. `resolve` is called once a run, before anything
else; its change is then all that is known. `export` may be called again for the same change, at any later
time and by several processes at once, and gives the same files every time as long as the repository holds
the commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from seatrial.commit.change import Change
from seatrial.store.store import Store

# Files by their paths, each with the digest and the size of its content.
Absent = Mapping[str, tuple[str, int]]


class Source(Protocol):
    """A module or package of `seatrial.commit.sources`."""

    NAME: str

    def holds(self, folder: Path) -> bool:
        """Whether the folder lies in a checkout, or repository, of this source; cheap."""
        ...

    def is_address(self, spec: str) -> bool:
        """Whether `spec` says where a commit is, so that it can be resolved from any folder."""
        ...

    def resolve(self, store: Store, folder: Path, spec: str | None) -> Change:
        """The commit that `spec` names (in the words of the source), or the working state for None.

        A working state that differs from its commit is taken into the store at once: the change's `tree` is
        then the digest of a tree there. Raises BadInput.
        """
        ...

    def first_commits(self, change: Change) -> tuple[str, ...]:
        """The ids of the commits that the history of a change begins with: all clones of a repository have
        the same. () where they cannot be told."""
        ...

    def merged(self, store: Store, change: Change, target: str) -> Change:
        """A pull request that wants to go to the branch `target`, as it will be once it is merged. Raises
        BadInput where that cannot be."""
        ...

    def export(self, change: Change, folder: Path) -> Absent:
        """Write the files of a commit into `folder`, which is not there yet, and return those whose contents
        are not here: something else stands in their place. Raises BadInput."""
        ...

    def clone(self, store: Store, change: Change, folder: Path, *, may_leave: bool) -> None:
        """Make `folder` a working copy of the change that its commands know as one, free to be wrecked;
        unless they may, links in it do not lead out of it."""
        ...

    def lent(self, change: Change) -> tuple[Path, ...]:
        """The folders that such a working copy reads from as long as it is there."""
        ...
