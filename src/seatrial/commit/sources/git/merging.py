"""A pull request merged with the branch that it wants to go to, in folders of our own.

The merge is made again wherever its objects are needed; it is the same every time, and so is its commit's id.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from seatrial.clients import git
from seatrial.commit.change import Change
from seatrial.commit.sources.git.repository import Repository, at, common_folder, itself
from seatrial.errors import BadInput, some
from seatrial.store.store import Store
from seatrial.system import files


def merged(store: Store, change: Change, target: str) -> Change:
    """The change as the merge with the branch `target`; as it is where that has nothing that it lacks.

    Raises BadInput for a branch that is not here, for conflicts, and for edits that are not committed.
    """
    if not change.commit:
        return change
    repository = at(change.root)
    change = change._replace(base=_tip(repository, target))
    asked = ("merge-base", "--is-ancestor", change.base, change.commit)
    if git.run(*itself(repository), *asked, folder=repository.root, accept=(1,)).exit_code == 0:
        return change
    if change.dirty:
        hint = "commit them, or name the commit: seatrial run HEAD --pull-request …"
        raise BadInput(f"edits that are not committed cannot be merged with {target}", hint=hint)
    name = f"export.{os.getpid()}.{os.urandom(6).hex()}"
    with objects(repository, store.root / "partial" / name) as env:
        tree, paths, commit = _merge(itself(repository), change, repository.root, env)
    if paths:
        hint = f"merge {target} into it, or rebase it, and run again"
        raise BadInput(
            f"the pull request cannot be merged with {target}: conflicts in {some(paths, str)}", hint=hint
        )
    return change._replace(tree=tree, merge=commit)


@contextmanager
def objects(repository: Repository, folder: Path) -> Iterator[Mapping[str, str]]:
    """The variables with which Git writes objects into a folder, and reads those of the repository too."""
    known = str(common_folder(repository) / "objects").replace("\\", "\\\\").replace('"', '\\"')
    folder.mkdir(parents=True)
    try:
        yield {"GIT_OBJECT_DIRECTORY": str(folder), "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{known}"'}
    finally:
        files.remove(folder)


def write(place: tuple[str | Path, ...], change: Change, folder: Path, env: Mapping[str, str]) -> None:
    """Write the objects of a change that is a merge to where `place` and `env` say."""
    _merge(place, change, folder, env)


def _merge(
    place: tuple[str | Path, ...], change: Change, folder: Path, env: Mapping[str, str]
) -> tuple[str, list[str], str]:
    """The tree of the merge, the paths of its conflicts, and its commit, which there is only without any."""
    both = (change.base, change.commit)
    ask = ("merge-tree", "--write-tree", "--no-messages", "--name-only", "-z")
    done = git.run(*place, *ask, *both, folder=folder, env=env, accept=(1,))
    tree, *paths = (one for one in git.text(done.output).split("\0") if one)
    if done.exit_code:
        return tree, paths, ""
    says = f"Merge {change.commit} into {change.base}"
    parents = ("-p", change.base, "-p", change.commit)
    command = ("commit-tree", tree, *parents, "-m", says)
    made = git.read(*place, *command, folder=folder, env={**env, **_by(change)})
    return tree, [], git.text(made).strip()


def _by(change: Change) -> dict[str, str]:
    when = f"{int(change.committed)} +0000"
    one = {"NAME": "seatrial", "EMAIL": "seatrial@localhost", "DATE": when}
    return {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in one.items()}


def _tip(repository: Repository, target: str) -> str:
    """The commit of a branch, as the forge has it where that is known here."""
    for name in (f"refs/remotes/origin/{target}", f"refs/heads/{target}"):
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        done = git.run(*itself(repository), *asked, folder=repository.root, accept=(1, 128))
        if done.exit_code == 0:
            return git.text(done.output).split()[-1]
    hint = f"git fetch origin {target}:refs/remotes/origin/{target}"
    raise BadInput(f"the branch {target} that the pull request wants to go to is not here", hint=hint)
