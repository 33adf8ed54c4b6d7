"""What is to be run: a commit, or the working state of a checkout, of some source system."""

from seatrial.named_tuple import NamedTuple


class Change(NamedTuple):
    """A resolved commit. `tree` names its content: equal trees, equal names.

    `dirty`: the working state differs from the commit; `commit` is then the one it is based on.
    """

    source: str  # the name of the source: "git"
    root: str  # the folder of the checkout, or the URL
    commit: str  # the full id; "" before the first commit
    tree: str
    branch: str  # "" where none is known (a detached head)
    tag: str = ""
    author: str = ""
    message: str = ""  # the first line
    details: str = ""  # the lines of the message below it
    committed: float = 0.0  # seconds since the epoch
    dirty: bool = False
    folder: str = ""  # the folder below the root where the pipeline file was asked for, with "/"
    url: str = ""  # the remote that the checkout came from
    base: str = ""  # of a pull request: the commit that the branch is at to which it wants to go
    merge: str = ""  # and the commit that merges the two, whose tree is `tree`; "" where none is needed
