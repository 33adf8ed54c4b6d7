"""A problem of a stage as `check` shows a finding: with the line of the file that is meant, and a caret."""

from seatrial.errors import Place, Problem
from seatrial.pipeline.finding import Finding, error, render
from seatrial.run.action import Context
from seatrial.store import blobs, trees
from seatrial.store.store import Store
from seatrial.store.trees import Tree

_LARGEST = 4 << 20


def shown(problem: Problem, place: Place, context: Context) -> str:
    """The lines of a problem at a place of a file of the commit."""
    return rendered(error(place, problem.message, problem.hint), context)


def rendered(finding: Finding, context: Context) -> str:
    """The lines of a finding in a file of the commit."""
    place = finding.place
    return render(finding, text_of(context.store, context.tree, place.path) if place.line else "")


def text_of(store: Store, tree: Tree, path: str) -> str:
    """The text of a file of the commit; "" where there is none, or it is not at hand."""
    try:
        found = trees.matching(tree, path)
        if len(found) != 1 or found[0].kind == trees.LINK or found[0].size > _LARGEST:
            return ""
        return blobs.read(store, found[0].digest).decode("utf-8-sig", "replace")
    except Problem:
        return ""
