"""What lies between two commits."""

from __future__ import annotations

from pathlib import Path

from seatrial.clients import git
from seatrial.commit.sources.git import repository

MOST = 200
_IS_ANCESTOR, _IS_NONE, _IS_UNKNOWN = 0, 1, 128


def between(folder: Path, before: str, after: str) -> tuple[tuple[str, ...], bool] | None:
    """The commits of `after` that `before` has not, one a line, the newest first.

    Where `after` is an ancestor of `before`: those that it lacks, and True. None where the repository that
    the folder lies in does not have both.
    """
    found = repository.find(folder)
    if found is None or not (_is_plain(before) and _is_plain(after)):
        return None
    own = repository.itself(found)
    asked = git.run(
        *own, "merge-base", "--is-ancestor", after, before, folder=found.root, accept=(_IS_NONE, _IS_UNKNOWN)
    )
    if asked.exit_code == _IS_UNKNOWN:
        return None
    is_backwards = asked.exit_code == _IS_ANCESTOR and before != after
    spread = f"{after}..{before}" if is_backwards else f"{before}..{after}"
    said = git.read(*own, "log", "--oneline", f"--max-count={MOST}", spread, folder=found.root)
    return tuple(git.text(said).splitlines()), is_backwards


def _is_plain(commit: str) -> bool:
    """Whether it is the id of a commit, which no option could be taken for."""
    return bool(commit) and commit.isalnum()
