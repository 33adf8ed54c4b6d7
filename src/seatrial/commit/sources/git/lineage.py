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
    own = repository.itself(found)
    said = git.read(*own, "rev-parse", "--is-shallow-repository", folder=found.root)
    if git.text(said).strip() == "true":
        return ()
    listed = git.read(*own, "rev-list", "--max-parents=0", change.commit, folder=found.root)
    return tuple(sorted(git.text(listed).split()))
