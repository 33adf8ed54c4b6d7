"""Where a history begins: what all clones of a repository have in common."""

from seatrial.clients import git
from seatrial.commit.change import Change
from seatrial.commit.sources.git import repository


def first_commits(change: Change) -> tuple[str, ...]:
    """The ids of the commits that the change's history begins with.

    () before the first commit, and in a shallow clone, where the history is cut off somewhere.
    """
    if not change.commit:
        return ()
    found = repository.at(change.root)
    command = ("log", "--max-parents=0", "--decorate=short", "--format=%H %D", change.commit)
    said = git.read(*repository.itself(found), *command, folder=found.root)
    lines = [line.partition(" ") for line in git.text(said).splitlines()]
    is_cut_off = any("grafted" in names.split(", ") for _, _, names in lines)
    return () if is_cut_off else tuple(sorted(commit for commit, _, _ in lines))
