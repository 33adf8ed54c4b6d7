"""Why a stage runs, or does not: its key's ingredients beside those of its last results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from seatrial.commit import export
from seatrial.errors import Problem
from seatrial.journal import results, runs
from seatrial.journal.results import Result
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline import condition, graph
from seatrial.pipeline.pipeline import Stage, is_kept, place_of_word
from seatrial.run import cache, contents, python_environment, requirements, surroundings
from seatrial.run import facts as facts_of
from seatrial.run.action import Context
from seatrial.run.ingredient import EXTERNAL, INPUTS, PACKAGES, SECRET, UPSTREAM, VARIABLE, Ingredients
from seatrial.run.outcome import Outcome
from seatrial.run.request import Request, context_of
from seatrial.store import trees
from seatrial.store.trees import Tree

RESTORE = "restore"
RUN = "run"
SKIP = "skip"
UNKNOWN = "unknown"  # it depends on what a stage before it will give

# Asked of a stage in its run.
HeldBack = Callable[[Stage, Context], str]

_FRESH = "`--fresh` takes no kept result"
_MOST = 20
_MOST_OF_THE_PAST = 3
_NOTHING = "none"


class Forecast(NamedTuple):
    """What would become of a stage, and why; `run` has the result that would be restored."""

    stage: str
    decision: str
    reasons: tuple[str, ...]
    run: str = ""


def forecast(request: Request, held_back: HeldBack = lambda _stage, _context: "") -> tuple[Forecast, ...]:
    """What a run of this would do now, in the order in which it would. Nothing is run, built or recorded.

    `held_back` says why a stage would end before what it changes, "" where it would not.
    """
    found: dict[str, Forecast] = {}
    outcomes: dict[str, Outcome] = {}
    context = context_of(
        request, "", 0, outcomes, lambda _stage, _output: None, lambda: False, lambda _event: None
    )
    for stage in graph.order(request.stages):
        one, outcome = _forecast(stage, context, request, held_back, found)
        found[stage.name] = one
        if outcome is not None:
            outcomes[stage.name] = outcome
    return tuple(found.values())


def _forecast(
    stage: Stage,
    context: Context,
    request: Request,
    held_back: HeldBack,
    before: Mapping[str, Forecast],
) -> tuple[Forecast, Outcome | None]:
    try:
        if why_not := _left_out(stage, context, request.facts, before) or held_back(stage, context):
            return Forecast(stage.name, SKIP, (why_not,)), None
        decision, *reasons_before = _without_key(stage, context, before, is_fresh=request.fresh)
        if decision:
            return Forecast(stage.name, decision, tuple(reasons_before)), None
        key = request.actions[stage.action].key(stage, context)
        if key is None:
            return Forecast(stage.name, RUN, ("a result of this kind is never kept",)), None
        if request.fresh:
            return Forecast(stage.name, RUN, (_FRESH,)), None
        hit = cache.lookup(context, key)
        if hit is None:
            return Forecast(stage.name, RUN, why(stage, context, key.ingredients)), None
    except Problem as problem:
        return Forecast(stage.name, RUN, _of_problem(problem, stage)), None
    reasons = ("nothing that it reads has changed", *_made(context, stage, key.digest))
    return Forecast(stage.name, RESTORE, reasons, hit.run), hit.outcome


def _of_problem(problem: Problem, stage: Stage) -> tuple[str, ...]:
    place = problem.place or place_of_word(stage, problem.about)
    return (f"{place}: {problem.message}", *((f"hint: {problem.hint}",) if problem.hint else ()))


def _made(context: Context, stage: Stage, key: str) -> Iterator[str]:
    """Which run made the result that would be restored, and why it had to."""
    last = results.latest(context.journal, context.project, stage.name)
    made = next((one for one in last if one.key == key), None)
    run = runs.get(context.journal, made.run) if made else None
    if made is None or run is None:
        return
    older = [one for one in last if one.at < made.at]
    if not older:
        yield f"run #{run.number} made it: the first result"
        return
    known = partial(_known, context)
    for reason in differences(nearest(made.ingredients, older), made.ingredients, known)[:_MOST_OF_THE_PAST]:
        yield f"run #{run.number} made it: {reason}"


def _known(context: Context, digest: str) -> Tree | None:
    try:
        return trees.load(context.store, digest)
    except Problem:
        return None


def _left_out(stage: Stage, context: Context, facts: condition.Facts, before: Mapping[str, Forecast]) -> str:
    """Why the stage would not run at all; "" where it would."""
    if why := facts_of.left_out(stage, facts, context):
        return why
    if not (stage.workspace or stage.ordered or stage.accepts) and (missing := _with(SKIP, stage, before)):
        return f"it needs {missing}, which is skipped"
    return ""


def _without_key(
    stage: Stage, context: Context, before: Mapping[str, Forecast], *, is_fresh: bool
) -> tuple[str, ...]:
    """The decision and its reasons, where they are known before the key is; ("",) where it must be asked."""
    if not is_kept(stage):
        return RUN, _why_never_kept(stage)
    if waits := _with(RUN, stage, before) or _with(UNKNOWN, stage, before):
        return (RUN, _FRESH) if is_fresh else (UNKNOWN, f"it reads what {waits} will give")
    if not surroundings.is_known(stage, context):
        return RUN, f"the Python environment of {stage.python} is not built yet", *_required(stage, context)
    return ("",)


def _required(stage: Stage, context: Context) -> Iterator[str]:
    """What changed in the stage's requirements since its last result, where these are still known."""
    last = results.latest(context.journal, context.project, stage.name, limit=1)
    run = runs.get(context.journal, last[0].run) if last else None
    tree = export.kept(context.store, run.tree) if run else None
    try:
        texts = [
            python_environment.requirements_of(context.store, one, stage.python)
            for one in (tree or (), context.tree)
        ]
    except Problem:  # the last result is one without them
        return
    before, after = (requirements.by_name(text) for text in texts)
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    for name in changed[:_MOST]:
        yield f"{stage.python}: {before.get(name, _NOTHING)} → {after.get(name, _NOTHING)}"


def _with(decision: str, stage: Stage, before: Mapping[str, Forecast]) -> str:
    needs = (need for need in stage.needs if need in before)
    return ", ".join(need for need in needs if before[need].decision == decision)


def _why_never_kept(stage: Stage) -> str:
    if stage.workspace:
        return "it shares a workspace, so its result is never kept"
    if stage.effects:
        return "it changes the world, so it is never restored"
    if stage.secrets:
        return "it reads a secret, so its result is never kept"
    return "it says `cache: false`"


def why(stage: Stage, context: Context, now: Ingredients) -> tuple[str, ...]:
    """Why these ingredients have no result: what differs from the nearest of the stage's last results."""
    before = results.latest(context.journal, context.project, stage.name)
    if not before:
        return ("it has no result yet",)

    def tree(digest: str) -> Tree | None:
        if digest == dict(now).get(INPUTS):
            return contents.of_stage(stage, context).files
        return _known(context, digest)

    return differences(nearest(now, before), now, tree)


def nearest(now: Ingredients, before: Sequence[Result]) -> Ingredients:
    """The ingredients of the result that has most in common with these; of equals, the last."""
    return max(before, key=lambda result: len(set(now) & set(result.ingredients))).ingredients


def differences(before: Ingredients, now: Ingredients, tree: Callable[[str], Tree | None]) -> tuple[str, ...]:
    """What changed, in words, one sentence each; `tree` gives the tree of a digest, if it is still known."""
    old, new = dict(before), dict(now)
    found: list[str] = []
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            found += _difference(name, old.get(name), new.get(name), tree)
    if len(found) > _MOST:
        found = [*found[:_MOST], f"and {len(found) - _MOST} more"]
    return tuple(found)


def _difference(
    name: str, old: str | None, new: str | None, tree: Callable[[str], Tree | None]
) -> Iterator[str]:
    if name == INPUTS:
        yield from _files(tree(old or ""), tree(new or ""))
    elif name == PACKAGES:
        yield from _packages(old or "", new or "")
    elif name.startswith(UPSTREAM):
        yield f"upstream {name.removeprefix(UPSTREAM)} {_result(old, new)}"
    elif name.startswith(EXTERNAL):
        yield f"file {name.removeprefix(EXTERNAL)} {_change(old, new)}"
    elif name.startswith(SECRET):
        yield f"secret {name.removeprefix(SECRET)} {_change(old, new)}"
    elif name.startswith(VARIABLE) or (_is_short(old) and _is_short(new)):
        yield f"{name}: {_shown(old)} → {_shown(new)}"
    else:
        yield f"{name} {_change(old, new)}"


def _files(old: Tree | None, new: Tree | None) -> Iterator[str]:
    if old is None or new is None:
        yield "the files that it reads changed"
        return
    before, after = {one.path: one for one in old}, {one.path: one for one in new}
    for path in trees.diff(old, new):
        yield f"file {path} {_change(before.get(path), after.get(path))}"


def _packages(old: str, new: str) -> Iterator[str]:
    before, after = (_versions(text) for text in (old, new))
    for name in sorted({*before, *after}):
        old_version, old_build = before.get(name, (_NOTHING, ""))
        new_version, new_build = after.get(name, (_NOTHING, ""))
        if old_version != new_version:
            yield f"package {name} {old_version} → {new_version}"
        elif old_build != new_build:
            yield f"package {name} {new_version} is another build"


def _versions(text: str) -> dict[str, tuple[str, str]]:
    """The version and the build of each package, by its name."""
    parts = (line.split(" ") for line in text.splitlines() if " " in line)
    return {name: (version, " ".join(build)) for name, version, *build in parts}


def _change(old: object, new: object) -> str:
    return "is new" if old is None else "is gone" if new is None else "changed"


def _result(old: str | None, new: str | None) -> str:
    return "gave another result" if old and new else "gives files now" if new else "gives nothing any more"


def _is_short(value: str | None) -> bool:
    return value is None or (len(value) <= 60 and "\n" not in value and not value.startswith("sha256:"))


def _shown(value: str | None) -> str:
    if value is None:
        return "(not set)"
    return value if len(value) <= 60 else value[:59] + "…"
