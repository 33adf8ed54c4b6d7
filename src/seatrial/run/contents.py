"""What a stage reads: the files of the commit, the outputs of the stages that it needs, and files outside."""

from pathlib import Path
from stat import S_ISREG, S_IXUSR

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.needs import may_be_made, plain
from seatrial.pipeline.pipeline import COMMAND, Pipeline, Stage, is_kept
from seatrial.run.action import Context
from seatrial.run.ingredient import EXTERNAL, INPUTS, UPSTREAM, Ingredients
from seatrial.store import blobs, scan, trees
from seatrial.store.store import Store
from seatrial.store.trees import Tree

# The inputs of a stage, and what it is given by those that it needs.
Asked = tuple[tuple[str, ...] | None, tuple[tuple[str, str], ...]]


class Contents(NamedTuple):
    """`files` are those of the commit; `upstream` is (stage, digest of its outputs' tree), in the order of
    the needs; `external` is (absolute path, digest of what is there)."""

    files: Tree
    files_digest: str
    upstream: tuple[tuple[str, str], ...] = ()
    external: tuple[tuple[str, str], ...] = ()


def whole(tree: Tree, pipeline: Pipeline) -> Tree:
    """What a stage without `inputs` sees: all but the pipeline's own file and what the pipeline ignores.

    The file itself is left out: a stage depends on its own definition in it, and on nothing else there.
    """
    hidden = {entry.path for pattern in pipeline.ignore for entry in trees.matching(tree, pattern)}
    hidden.add(pipeline.path)
    return tuple(entry for entry in tree if entry.path not in hidden)


def of_stage(stage: Stage, context: Context) -> Contents:
    """What the stage reads. Raises BadInput for an input that names nothing.

    Asked for the key and asked for the work, it is found out once.
    """
    from_upstream = upstream(stage, context)
    asked: Asked = (stage.inputs, from_upstream)
    before: tuple[Asked, Contents] | None = context.aside.reads.get(stage.name) if context.aside else None
    if before is not None and before[0] == asked:
        return before[1]
    found = _of_stage(stage, context, from_upstream)
    if context.aside:
        context.aside.reads[stage.name] = asked, found
    return found


def forget(context: Context, stage: str) -> None:
    """Let go of what a stage that is over has read."""
    if context.aside:
        context.aside.reads.pop(stage, None)


def _of_stage(stage: Stage, context: Context, from_upstream: tuple[tuple[str, str], ...]) -> Contents:
    if stage.inputs is None:
        files = context.whole or whole(context.tree, context.pipeline)
        _refuse_leaving(stage, files)
        return Contents(files, context.whole_digest or trees.digest(files), from_upstream)
    inside = [path for path in stage.inputs if not path.startswith("/")]
    made = _outputs_of_needs(stage, context) if from_upstream else ()
    wanted = [path for path in inside if not may_be_made(path, made) or trees.matching(context.tree, path)]
    files = trees.select(context.tree, wanted)
    _refuse_leaving(stage, files)
    return Contents(files, trees.digest(files), from_upstream, _external(stage, context))


def may_leave(stage: Stage) -> bool:
    """Whether links of what a stage reads may lead out of its workspace.

    Where they lead is no part of any key, so only a result that is never kept may depend on it; and we
    ourselves follow none, so only commands get them.
    """
    return stage.action == COMMAND and not is_kept(stage)


def _refuse_leaving(stage: Stage, files: Tree) -> None:
    found = () if may_leave(stage) else trees.leaving(files)
    if not found:
        return
    if stage.inputs is None:
        hint = f"say `ignore: [{found[0]}]`, name what the stage reads in `inputs`, or do not keep its result"
        raise scan.leads_out(found, hint)
    leaving = set(found)
    about = next((one for one in stage.inputs if leaving & {e.path for e in trees.matching(files, one)}), "")
    hint = "put a file in the link's place, or give its target as an input by its absolute path"
    raise scan.leads_out(found, hint, about)


def upstream(stage: Stage, context: Context) -> tuple[tuple[str, str], ...]:
    """The outputs of the stages that this one needs."""
    found = ((need, context.outcomes.get(need)) for need in stage.needs)
    return tuple((need, outcome.outputs) for need, outcome in found if outcome and outcome.outputs)


def _external(stage: Stage, context: Context) -> tuple[tuple[str, str], ...]:
    paths = [path for path in stage.inputs or () if path.startswith("/")]
    if not paths:
        return ()
    return tuple((path, _outside(context, Path(path))) for path in paths)


def _outside(context: Context, path: Path) -> str:
    """The digest of a file or a folder, and whether a file may be executed, as a tree says it."""
    from seatrial.store import stat_cache

    digest = stat_cache.digest_of(context.journal, path)
    mode = path.stat().st_mode
    return f"{digest} {trees.EXECUTABLE}" if S_ISREG(mode) and mode & S_IXUSR else digest


def _outputs_of_needs(stage: Stage, context: Context) -> tuple[str, ...]:
    needs = set(stage.needs)
    return tuple(plain(o) for one in context.pipeline.stages if one.name in needs for o in one.outputs)


def ingredients(contents: Contents) -> Ingredients:
    return (
        (INPUTS, contents.files_digest),
        *((UPSTREAM + name, digest) for name, digest in contents.upstream),
        *((EXTERNAL + path, digest) for path, digest in contents.external),
    )


def keep(store: Store, contents: Contents) -> None:
    """Keep the list of the files that are read, so that `explain` can say which one changed."""
    if not blobs.has(store, contents.files_digest):
        trees.save(store, contents.files)


def tree_of(stage: Stage, context: Context, contents: Contents) -> Tree:
    """All files that the workspace begins with; upstream outputs stand where they were made.

    They take the place of what the commit has at or below their path. Raises blobs.Missing, and BadInput
    where an input names nothing at all.
    """
    if not contents.upstream:
        return contents.files
    replaced = {
        entry.path
        for output in _outputs_of_needs(stage, context)
        for entry in trees.matching(contents.files, output)
    }
    kept = tuple(entry for entry in contents.files if entry.path not in replaced)
    merged = trees.merge(kept, *(_made(context, digest) for _, digest in contents.upstream))
    for path in stage.inputs or ():
        if not path.startswith("/"):
            trees.select(merged, [path])
    return merged


def hold(context: Context, tree: Tree) -> str:
    """The digest of a tree of outputs, which `save_made` puts into the store: the next stage need not wait
    for that."""
    if context.aside is None:
        return trees.save(context.store, tree)
    digest = trees.digest(tree)
    context.aside.trees[digest] = tree
    return digest


def save_made(context: Context) -> None:
    """Save what is held. The journal names no tree, and nothing else reads one, before that."""
    held = context.aside.trees if context.aside else {}
    for digest, tree in list(held.items()):
        trees.save(context.store, tree)
        held.pop(digest, None)


def _made(context: Context, digest: str) -> Tree:
    held = context.aside.trees.get(digest) if context.aside else None
    return trees.load(context.store, digest) if held is None else held
