"""The folder that a stage works in: made from the store, never in the user's checkout, removed after.

<home>/workspaces/<run>/<stage>/work         what its commands start in; some dialects have another name
                                home, tmp    its HOME and TMPDIR
<home>/workspaces/<run>/shared-<name>/…      one that several stages share, until the run ends
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from seatrial import patterns
from seatrial.commit import export
from seatrial.errors import BadInput, Infrastructure, StageFailed, some
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.pipeline import Stage, Variables
from seatrial.run import contents
from seatrial.run.action import Context
from seatrial.run.logs import safe_name
from seatrial.run.steps import CONTAINERS
from seatrial.run.variables import Folders
from seatrial.store import copying, scan, trees
from seatrial.store.store import Store
from seatrial.store.trees import Tree
from seatrial.system import files

_PLACED = "placed"
_serial = count(1)
_making = threading.Lock()


class Workspace(NamedTuple):
    """`placed` is what was written into it from the store; `identity` tells the folder of work from another
    that a command puts in its place."""

    root: Path
    folders: Folders
    placed: Tree
    is_shared: bool
    identity: tuple[int, int]


def of_run(home: Path, run: str) -> Path:
    """The folder of all workspaces of a run."""
    return home / "workspaces" / run


def has_containers(home: Path, run: str) -> bool:
    """Whether the executor docker has worked in one of them."""
    return (of_run(home, run) / CONTAINERS).exists()


def open_own(context: Context, stage: Stage, tree: Tree) -> Workspace:
    """A fresh workspace that holds exactly this tree, or with `git: true` a clone with it on top."""
    root, folders = _room(context)
    try:
        may_leave = contents.may_leave(stage)
        if _is_clone(stage, context):
            export.clone(context.store, context.change, folders.work, may_leave=may_leave)
            _clear_way(tree, folders.work)
        trees.materialise(context.store, tree, folders.work, may_leave=may_leave)
        _make_parents(stage, folders.work)
    except BaseException:
        files.remove(root)
        raise
    return Workspace(root, folders, tree, is_shared=False, identity=_identity(folders.work))


def _is_clone(stage: Stage, context: Context) -> bool:
    """Another system's file finds its history in a clone of Git; where there is none, it goes without."""
    if context.pipeline.dialect == "seatrial":
        return stage.git
    return stage.git and has_history(context)


def has_history(context: Context) -> bool:
    return context.change.source == "git" and bool(context.change.commit)


def lent(context: Context) -> tuple[Path, ...]:
    """What a clone in a workspace reads from, so that a container has to see it."""
    return export.lent(context.change) if has_history(context) else ()


def check_out(context: Context, folder: Path, apart: Path) -> None:
    """Bring the commit into a folder where other files may lie, with its history where there is none yet.

    Git clones into an empty folder only, so `apart` is for a clone whose history then moves.
    """
    if has_history(context) and not os.path.lexists(folder / ".git"):
        export.clone(context.store, context.change, apart, may_leave=True)
        (apart / ".git").rename(folder / ".git")
        files.remove(apart)
    bring(context, context.tree, folder)


def bring(context: Context, tree: Tree, folder: Path) -> None:
    """Write a tree over what is there; nothing is written through a link, nor into a file that is shared."""
    _clear_way(tree, folder)
    for entry in tree:
        files.remove(folder / entry.path)
    trees.materialise(context.store, tree, folder, may_leave=True)


def _clear_way(tree: Tree, folder: Path) -> None:
    """Remove the links that stand where a tree has folders: they may lead anywhere."""
    for path in sorted({above for entry in tree for above in _above(entry.path)}):
        if (folder / path).is_symlink():
            files.remove(folder / path)


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in."""
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _room(context: Context) -> tuple[Path, Folders]:
    """A room that another stage has left empty, or a new one."""
    with suppress(IndexError):
        if context.rooms:
            return context.rooms.free.pop()
    root = of_run(context.home, context.run) / f"{next(_serial)}"
    return root, _make(root, context)


def _identity(folder: Path) -> tuple[int, int]:
    """What names a folder whatever its path comes to lead to; (0, 0) where there is none."""
    try:
        info = os.lstat(folder)
    except OSError:
        return 0, 0
    return (info.st_dev, info.st_ino) if stat.S_ISDIR(info.st_mode) else (0, 0)


def _folders(root: Path, context: Context) -> Folders:
    return Folders(root / ALL_DIALECTS[context.pipeline.dialect].folder, root / "home", root / "tmp")


def open_shared(context: Context, stage: Stage) -> Workspace:
    """The workspace of this name, made by its first stage: the whole commit, as a checkout would give it."""
    root = of_run(context.home, context.run) / f"shared-{safe_name(stage.workspace)}"
    with _making:  # its first stages may begin at the same time
        folders = _place_shared(context, stage, root)
    return Workspace(root, folders, context.tree, is_shared=True, identity=_identity(folders.work))


def _place_shared(context: Context, stage: Stage, root: Path) -> Folders:
    folders = _folders(root, context)
    if not (root / _PLACED).exists():
        files.remove(root)
        _make(root, context)
        if stage.checkout is not None:
            _place_commit(context, stage, folders.work)
        (root / _PLACED).touch()
    return folders


def _place_commit(context: Context, stage: Stage, work: Path) -> None:
    """The commit, with its history where the stage has that, in the folder that is to hold it."""
    target = files.inside(work, stage.checkout) if stage.checkout else work
    target.mkdir(parents=True, exist_ok=True)
    if _is_clone(stage, context):
        export.clone(context.store, context.change, target, may_leave=True)
    else:
        trees.materialise(context.store, context.tree, target, may_leave=True)


def _make(root: Path, context: Context) -> Folders:
    folders = _folders(root, context)
    try:
        try:
            os.mkdir(root, 0o700)  # noqa: PTH102 - hot
        except FileNotFoundError:
            root.parent.mkdir(parents=True, exist_ok=True)
            os.mkdir(root, 0o700)  # noqa: PTH102 - hot
        except FileExistsError:
            files.remove(root)
            os.mkdir(root, 0o700)  # noqa: PTH102 - hot
        for folder in folders if folders.work.parent == root else (folders.work.parent, *folders):
            os.mkdir(folder)  # noqa: PTH102 - hot
    except OSError as error:
        raise copying.cannot_write(error, root) from error
    return folders


def _make_parents(stage: Stage, work: Path) -> None:
    """The folders that outputs lie in; an output that is a folder is the commands' own to make."""
    for output in stage.outputs:
        parent = output.rstrip("/").rpartition("/")[0]
        if not parent or patterns.is_glob(output):
            continue
        try:
            scan.refuse_through_link(str(work), output)
            folder = os.path.realpath(files.inside(work, parent))  # a link may lead to what is to be made
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - hot
        except (FileExistsError, NotADirectoryError):
            raise BadInput(f"the output {output!r} of {stage.name} lies in a file of the commit") from None


def capture(
    store: Store,
    workspace: Workspace,
    outputs: tuple[str, ...],
    variables: Variables = (),
    *,
    may_leave: bool = False,
) -> Tree:
    """Put the declared outputs into the store; they leave the workspace, unless stages share it.

    `may_leave`: links are kept as such, wherever they lead. Raises StageFailed naming an output that was not
    made, BadInput for one that no tree can hold.
    """
    if not outputs:
        return ()
    work = workspace.folders.work
    if _identity(work) != workspace.identity:
        hint = "make the outputs in the folder that the stage starts in"
        raise StageFailed(
            "the folder that the stage works in was removed or replaced", hint, about=outputs[0]
        )
    for output in outputs:
        if not _is_there(work, output):
            raise _not_made(work, output, variables)
    try:
        return _taken(store, workspace, outputs, may_leave)
    except BadInput as problem:
        problem.about = _guilty(work, outputs)
        raise
    except OSError as error:
        raise Infrastructure(f"the outputs cannot be read: {error}") from error


def empty_outputs(workspace: Workspace, outputs: tuple[str, ...], *, may_be_empty: bool = False) -> str:
    """What to say of folders that whoever restores the outputs does not get; "" where there are none.

    `may_be_empty`: that an output itself is one says nothing.
    """
    expected = set(map(patterns.normal, outputs)) if may_be_empty else set()
    found = [one for one in scan.empty_folders(workspace.folders.work, outputs) if one not in expected]
    return (
        f"outputs are files: empty folders are not kept ({some(found)}); a file in a folder keeps it"
        if found
        else ""
    )


def _taken(store: Store, workspace: Workspace, outputs: tuple[str, ...], may_leave: bool) -> Tree:
    work = workspace.folders.work
    may_move = not workspace.is_shared and not _may_meet(work, outputs)
    tree = trees.ingest(store, work, outputs, move=may_move, may_leave=may_leave)
    links = [] if may_leave else [entry.path for entry in tree if entry.kind == trees.LINK]
    declared = set(map(patterns.normal, outputs))
    for path in links:
        tree = _with_target(store, work, tree, path, is_declared=path in declared)
    return tree


def _may_meet(work: Path, outputs: tuple[str, ...]) -> bool:
    """Whether a link on the way to an output may lead into another one."""
    above = {output.rstrip("/").rpartition("/")[0] for output in outputs} - {""}
    if len(outputs) == 1 or not above:
        return False
    top = os.path.realpath(work)
    return any(os.path.realpath(f"{top}/{folder}") != f"{top}/{folder}" for folder in above)


def _with_target(store: Store, work: Path, tree: Tree, path: str, *, is_declared: bool) -> Tree:
    """The tree with what a link in it leads to, in its place: alone it would lead nowhere.

    A link to what is among the outputs stays one, and so does one that leads nowhere here, unless it is
    itself what was `declared`. Raises StageFailed.
    """
    target = os.path.relpath(os.path.realpath(work / path), os.path.realpath(work))
    if target != path and trees.holds(tree, target):
        return tree
    if target != "." and not (work / target).exists():
        if is_declared:
            raise StageFailed(f"the output {path!r} is a link to {target!r}, which was not made", about=path)
        return tree
    if target == ".":
        raise StageFailed(f"the output {path!r} is a link to the whole workspace", about=path)
    found = trees.ingest(store, work, (target,))
    if beyond := trees.leaving(trees.under(found, target)):
        hint = "put what they lead to in the links' place"
        raise StageFailed(
            f"the output {path!r} leads to links that lead on: {some(beyond)}", hint, about=path
        )
    moved = (entry._replace(path=path + entry.path.removeprefix(target)) for entry in found)
    others = (entry for entry in tree if entry.path != path)
    return trees.merge(tuple(others), tuple(moved))


def _not_made(work: Path, output: str, variables: Variables) -> StageFailed:
    """Called by the variable that says where to write it, where one does: nobody may know it by its path."""
    name = next((name for name, value in variables if value == output), "")
    if name:
        return StageFailed(f"${name} was not written", "its value is the path to write to", about=output)
    folder = output.rstrip("/").rpartition("/")[0]
    if link := _link_in(work / folder) if folder else "":
        hint = f"{folder!r} is a folder from the start, and {link!r} was put into it: `rmdir` it before `ln`"
    else:
        hint = "outputs are relative to the folder that the stage starts in"
    return StageFailed(f"the output {output!r} was not made", hint, about=output)


def _link_in(folder: Path) -> str:
    """A link in a folder that is none itself; "" where there is none."""
    if folder.is_symlink() or not folder.is_dir():
        return ""
    return next((one.name for one in folder.iterdir() if one.is_symlink()), "")


def _guilty(work: Path, outputs: tuple[str, ...]) -> str:
    """The output that cannot be kept."""
    for output in outputs:
        try:
            scan.scan(work, (output,))
        except BadInput:
            return output
    return ""


def _is_there(work: Path, output: str) -> bool:
    name = patterns.normal(output)
    if not patterns.is_glob(name) or os.path.lexists(f"{work}/{name}"):
        return os.path.lexists(f"{work}/{name}")
    matches = patterns.compiled(name).match
    return any(matches(path) for path in names(work))


def names(work: Path) -> list[str]:
    """The paths of all files below a folder, relative to it."""
    found = []
    for folder, _, files_here in os.walk(work):
        inner = os.path.relpath(folder, work)
        found += [name if inner == "." else f"{inner}/{name}" for name in files_here]
    return found


def close(context: Context, workspace: Workspace) -> None:
    """Leave a workspace: one of a stage's own is cleared, at the latest by `clear_left`.

    A shared one stays until the run ends.
    """
    if context.rooms and not workspace.is_shared:
        context.rooms.left.append(workspace)
    elif not workspace.is_shared:
        trees.discard(context.store, workspace.placed, workspace.root)


def clear_left(context: Context) -> None:
    """Clear what ended stages have left. Any thread may do it, at any time."""
    while context.rooms and context.rooms.left:
        try:
            workspace: Workspace = context.rooms.left.popleft()
        except IndexError:
            return
        if workspace.root not in context.rooms.occupied and _emptied(context.store, workspace):
            context.rooms.free.append((workspace.root, workspace.folders))
        else:
            trees.discard(context.store, workspace.placed, workspace.root)


def _emptied(store: Store, workspace: Workspace) -> bool:
    """Empty the folder of work, where all is as it was made: the next stage may not tell the difference.

    To make a new one for each stage takes a file system longer than many a stage does.
    """
    work, home, temporary = workspace.folders
    try:
        if _identity(work) != workspace.identity or not _is_as_made(work, home) or work.parent != home.parent:
            return False
        trees.discard(store, workspace.placed, work, files.empty)
        return len(os.listdir(workspace.root)) == 3 and not (os.listdir(home) or os.listdir(temporary))  # noqa: PTH208 - hot
    except (OSError, RecursionError):  # a removal of the whole knows what to do
        return False


def _is_as_made(work: Path, home: Path) -> bool:
    """Whether the folders have the owner and mode that they were made with, and are no links."""
    one, other = os.lstat(work), os.lstat(home)
    same = (one.st_mode, one.st_uid, one.st_gid) == (other.st_mode, other.st_uid, other.st_gid)
    return same and stat.S_ISDIR(one.st_mode) and not os.listxattr(work)


def remove_all(home: Path, run: str) -> None:
    """Remove every workspace of a run. Safe at any time after its processes have ended."""
    files.remove(of_run(home, run))
