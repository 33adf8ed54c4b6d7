"""Where a file that an evaluation reads is: in the commit, in what a stage made, or outside of both."""

from __future__ import annotations

from pathlib import Path

from seatrial.named_tuple import NamedTuple
from seatrial.package.build import packaged
from seatrial.package.contents import CODE
from seatrial.pipeline.needs import plain
from seatrial.pipeline.pipeline import Stage
from seatrial.run import contents
from seatrial.run.action import Context
from seatrial.store import trees
from seatrial.store.trees import Entry, Tree


class Located(NamedTuple):
    """`tree` holds the file under its `name`, or what is in the folder, whose `name` is "".

    Of one outside the tree is empty, and `outside` is its absolute path.
    """

    digest: str
    tree: Tree = ()
    name: str = ""
    outside: str = ""


def locate(path: str, stage: Stage, context: Context) -> Located:
    """Find what `path` names for a stage. Raises BadInput where it names nothing, blobs.Missing."""
    if path.startswith("/"):
        from seatrial.store import stat_cache

        return Located(stat_cache.digest_of(context.journal, Path(path)), outside=path)
    seen = seen_by(stage, context, (path,))
    found = trees.matching(seen, path)
    one = found[0] if len(found) == 1 and found[0].path == plain(path) else None
    if one is not None:
        file = packaged(seen, one, CODE)  # a link becomes the file that it leads to
        name = one.path.rpartition("/")[2]
        return Located(file.digest, (Entry(name, trees.FILE, file.digest, file.size),), name)
    tree = trees.under(seen, path)
    return Located(trees.digest(tree), tree)


def seen_by(stage: Stage, context: Context, paths: tuple[str, ...]) -> Tree:
    """The files of the commit that the paths name, and all outputs of the stages that `stage` needs."""
    reader = stage._replace(inputs=paths)
    return contents.tree_of(reader, context, contents.of_stage(reader, context))
