"""Projects, branches and tags by where they lie: `trunk`, `branches/NAME`, `tags/NAME` (pure)."""

from seatrial.named_tuple import NamedTuple

_TRUNK = "trunk"
_BRANCHES = "branches"
_TAGS = "tags"


class Layout(NamedTuple):
    """`depth` is the number of names of a path that lead to the top of its branch or tag, 0 for neither."""

    project: str  # the path above trunk, branches and tags; the whole path where there is none of them
    branch: str
    tag: str
    depth: int


def read(path: str) -> Layout:
    """What a path below the root of a repository is: `shop/branches/fast/src` is of the branch `fast`."""
    names = [name for name in path.split("/") if name]
    for at, name in enumerate(names):
        project = "/".join(names[:at])
        if name == _TRUNK:
            return Layout(project, _TRUNK, "", at + 1)
        if name in (_BRANCHES, _TAGS) and at + 1 < len(names):
            inner = names[at + 1]
            return Layout(project, *((inner, "") if name == _BRANCHES else ("", inner)), at + 2)
    return Layout("/".join(names), "", "", 0)
