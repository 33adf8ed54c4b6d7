"""From a word of the user's, or the state of a working copy, to a change."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from seatrial.clients import svn
from seatrial.commit.change import Change
from seatrial.commit.sources.subversion import externals, layout, place, working
from seatrial.commit.sources.subversion.place import Info
from seatrial.errors import BadInput, Infrastructure
from seatrial.named_tuple import NamedTuple
from seatrial.store import trees
from seatrial.store.store import Store

_REVISION = re.compile(r"r?(\d+)|HEAD|BASE|PREV|COMMITTED|\{[^{}]+\}")
_BEFORE = re.compile(r"r?(\d+)~(\d+)")
_HINT = "give a revision as 12, HEAD, PREV, BASE, or {2026-11-24}; or a URL@12, or ^/branches/NAME@12"


class Target(NamedTuple):
    """A URL or path, where it is looked for (`peg`) and the revision that is wanted ("": that of the peg)."""

    place: str
    peg: str = ""
    revision: str = ""


def resolve(store: Store, folder: Path, spec: str | None) -> Change:
    """The change that `spec` names, or for None the working state. Raises BadInput, svn.Unreachable."""
    top = place.top(folder)
    if top is None:
        if spec is None:
            raise BadInput(f"{folder} is not in a working copy of Subversion")
        return _of_url(_split(spec), folder)
    below = folder.resolve().relative_to(top).parts
    here = place.info(svn.run(*place.asks(svn.at(top)), folder=top))
    above = len([name for name in here.path.split("/") if name])
    depth = layout.read("/".join((here.path, *below))).depth
    inner = max(0, depth - above)
    root, rest = top.joinpath(*below[:inner]), "/".join(below[inner:])
    if spec is None:
        return _working(store, root, rest)
    if "://" in spec:
        return _of_url(_split(spec), folder)
    if spec.startswith("^/"):
        split = _split(spec)
        return _of_url(split._replace(place=here.repository + split.place[1:]), folder)
    return _of_revision(root, rest, spec)


def _split(spec: str) -> Target:
    """A URL and the revision after its last `@`, if it is one."""
    url, at, peg = spec.rpartition("@")
    if at and not peg:
        return Target(url)
    if at and _REVISION.fullmatch(peg):
        return Target(url, peg.removeprefix("r"))
    if at and "/" not in peg:
        hint = f"{_HINT}; a name with an `@` of its own ends in another `@`"
        raise BadInput(f"{peg!r} is not a revision", hint=hint, about=spec)
    return Target(spec)


def _of_url(target: Target, folder: Path) -> Change:
    """The change at a URL; of a folder below trunk or a branch, that of the whole."""
    found = place.info(svn.run(*place.asks(svn.at(target.place, target.peg or "HEAD")), folder=folder))
    names = [name for name in found.path.split("/") if name]
    depth = layout.read(found.path).depth or len(names)
    below = names[depth:]
    if below:
        url = "/".join(found.url.split("/")[: -len(below)])
        found = place.info(svn.run(*place.asks(svn.at(url, found.revision)), folder=folder))
    change = _described(found, found.url, "/".join(below))
    return _with_message(_checked(change, folder), found, folder)


def _of_revision(root: Path, rest: str, spec: str) -> Change:
    before = _BEFORE.fullmatch(spec)
    if before:
        spec = _before(root, before[1], int(before[2]))
    if not _REVISION.fullmatch(spec):
        raise BadInput(f"{spec!r} does not name a revision", hint=_HINT, about=spec)
    command = place.asks(svn.at(root), spec.removeprefix("r"))
    found = place.info(svn.run(*command, folder=root))
    change = _checked(_described(found, str(root), rest), root)
    return _with_message(change, found, root)


def _before(root: Path, revision: str, steps: int) -> str:
    """The commit that lies some before another, among those that changed this branch."""
    command = ("log", "--xml", "--quiet", "--limit", str(steps + 1), "-r", f"{revision}:1", svn.at(root))
    found = [entry.get("revision", "") for entry in svn.xml(svn.run(*command, folder=root)).iter("logentry")]
    if len(found) <= steps:
        raise BadInput(f"there are not {steps} commits before revision {revision}")
    return found[steps]


def _working(store: Store, root: Path, rest: str) -> Change:
    whole = svn.at(root)
    done = svn.run_at_once(
        place.asks(whole), ("status", "--xml", "--verbose", whole), externals.asks(whole), folder=root
    )
    found = place.info(done[0])
    state = working.read(store.root.parent.resolve(), root, svn.xml(done[1]))
    change = _with_message(_described(found, str(root), rest), found, root, may_fail=True)
    if not state.differs:
        working.refuse_mixed(state)
        if not working.has_moved(state, externals.pinned(done[2])):
            return change
    return change._replace(tree=trees.save(store, working.keep(store, root, state)), dirty=True)


def _described(found: Info, root: str, folder: str) -> Change:
    """A change without its message. Its content is named by the commit that last changed it."""
    lies = layout.read(found.path)
    return Change(
        source="subversion",
        root=root,
        commit=found.changed,
        tree=f"{found.uuid}/{found.path}@{found.changed}",
        branch=lies.branch,
        tag=lies.tag,
        author=found.author,
        committed=datetime.fromisoformat(found.date).timestamp() if found.date else 0.0,
        folder=folder,
        url=found.url,
    )


def _checked(change: Change, folder: Path) -> Change:
    """The change, its externals looked at."""
    target = svn.at(change.url, change.commit)
    externals.pinned(svn.run(*externals.asks(target), folder=folder))
    return change


def _with_message(change: Change, found: Info, folder: Path, *, may_fail: bool = False) -> Change:
    """The message is not in a working copy: who works away from the server goes without."""
    command = ("log", "--xml", "-r", found.changed, svn.at(found.url, found.revision))
    try:
        text = svn.xml(svn.run(*command, folder=folder)).findtext("logentry/msg") or ""
    except (BadInput, Infrastructure):
        if not may_fail:
            raise
        text = ""
    first, _, rest = text.strip().partition("\n")
    return change._replace(message=first.strip(), details=rest.strip())


def first_commits(change: Change) -> tuple[str, ...]:
    """The id of the repository with the project's place in it, and with where its history began: one of the
    two is the same in all working copies and branches, whatever the layout."""
    is_url = "://" in change.root
    target = svn.at(change.root, change.commit if is_url else "")
    found = place.info(svn.run(*place.asks(target), folder=Path.cwd()))
    places = dict.fromkeys((layout.read(found.path).project, *_beginning(found)))
    return tuple(f"{found.uuid}/{one}" for one in places)


def _beginning(found: Info) -> tuple[str, ...]:
    """The path at which the history of a place began, behind all that it was copied from; () for who works
    away from the server."""
    peg = svn.at(found.url, found.revision)
    first = ("log", "--xml", "--quiet", "--limit", "1", "-r", f"1:{found.changed}", peg)
    try:
        entry = svn.xml(svn.run(*first, folder=Path.cwd())).find("logentry")
        revision = "" if entry is None else entry.get("revision", "")
        return (place.info(svn.run(*place.asks(peg, revision), folder=Path.cwd())).path,) if revision else ()
    except (BadInput, Infrastructure):
        return ()
