"""Steps that keep things beyond their session: the commit again, test results, files to keep or put aside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput, Place, StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.step import (
    Archive,
    Checkout,
    KeepCache,
    Keeping,
    Mark,
    Stash,
    TakeCache,
    Tests,
    Unstash,
)
from seatrial.run import archiving, contents, project_caches, workspace
from seatrial.run.action import Context
from seatrial.run.logs import safe_name
from seatrial.run.outcome import UNSTABLE, Outcome
from seatrial.run.steps import Room, inside, mark
from seatrial.store import scan, trees
from seatrial.store.trees import Tree
from seatrial.system import files

_COUNTS = ("tests", "failures", "errors", "skipped", "seconds")
_LISTS = ("failed", "unreadable")


class Kept(NamedTuple):
    """What the steps of a stage have kept so far."""

    tests: list[dict[str, Any]]
    archived: list[Tree]


def keep(effect: Keeping, room: Room, context: Context, kept: Kept, place: Place) -> None:
    """Perform one of the steps. Raises StageFailed, BadInput."""
    room = room._replace(folder=inside("", room))
    if isinstance(effect, Checkout):
        workspace.check_out(context, room.folder, room.temporary / "checkout")
    elif isinstance(effect, Tests):
        _read(effect, room, kept, place)
    elif isinstance(effect, Archive):
        kept.archived.append(archiving.archive(effect, room, context))
    elif isinstance(effect, Stash):
        tree = _put_together(effect, room, context)
        files.write(_aside(effect.name, room), trees.save(context.store, tree).encode())
    elif isinstance(effect, Unstash):
        workspace.bring(context, _put_aside(effect.name, room, context), room.folder)
    elif isinstance(effect, TakeCache):
        project_caches.take(context, room, effect.folder)
    elif isinstance(effect, KeepCache):
        project_caches.keep(context, room, effect.folder)


def attached(outcome: Outcome, kept: Kept, context: Context) -> Outcome:
    """The outcome with what was kept on the way to it."""
    if kept.tests:
        outcome = outcome._replace(body={**outcome.body, "tests": _sum(kept.tests)})
    if kept.archived:
        tree = trees.merge(*kept.archived)
        outcome = outcome._replace(outputs=contents.hold(context, tree))
    return outcome


def _sum(parts: list[dict[str, Any]]) -> dict[str, Any]:
    counted = {name: sum(part[name] for part in parts) for name in _COUNTS}
    return counted | {name: [line for part in parts for line in part[name]] for name in _LISTS}


def _read(wanted: Tests, room: Room, kept: Kept, place: Place) -> None:
    from seatrial.run import junit

    junit.ask_for_extra()
    found = archiving.fitting(workspace.names(room.folder), archiving.Meant(wanted.patterns))
    if not found:
        if wanted.required:
            raise StageFailed(f"no test report fits {', '.join(wanted.patterns)}")
        room.log(b"no test report was found\n")
        return
    scan.refuse_leaving(room.folder, found)
    tests = junit.read(room.folder, found, place)
    kept.tests.append(tests)
    bad = tests["failures"] + tests["errors"]
    if tests["unreadable"]:
        raise StageFailed(tests["unreadable"][0])
    if bad and wanted.marks:
        mark(Mark(f"{bad} of {tests['tests']} tests failed", UNSTABLE, UNSTABLE), room)


def _put_together(wanted: Stash, room: Room, context: Context) -> Tree:
    """What is to be put aside: links to files as links, and of a linked folder the files, as in Jenkins."""
    meant = archiving.Meant(wanted.patterns, wanted.excludes, wanted.all_names)
    found = archiving.fitting(workspace.names(room.folder), meant)
    top = Path(os.path.realpath(room.top))
    reached = archiving.reach(top, room.folder).files
    behind = {name: reached[name] for name in archiving.fitting(reached.keys() - set(found), meant)}
    if not (found or behind) and wanted.required:
        raise StageFailed(f"stash {wanted.name!r}: no file fits {', '.join(wanted.patterns)}")
    try:
        tree = trees.ingest(context.store, room.folder, found, may_leave=True) if found else ()
        return trees.merge(tree, archiving.taken(behind, top, context)) if behind else tree
    except BadInput as problem:  # what the commands have made, not what the file says
        raise StageFailed(f"stash {wanted.name!r}: {problem.message}; leave it out by `excludes`") from None


def _aside(name: str, room: Room) -> Path:
    """Beside the workspaces of the run: a stage in another one may ask for it."""
    return room.temporary.parent / f"stash-{safe_name(name)}"


def _put_aside(name: str, room: Room, context: Context) -> Tree:
    try:
        digest = _aside(name, room).read_text()
    except FileNotFoundError:
        raise StageFailed(f"nothing is stashed as {name!r}") from None
    return trees.load(context.store, digest)
