"""A stage of commands, from its workspace to its outcome: attempts, what runs after them, its outputs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any, cast

from seatrial.errors import (
    BadInput,
    Infrastructure,
    Interrupted,
    Lacking,
    NotBegun,
    Problem,
    Refused,
    StageFailed,
    TimedOut,
)
from seatrial.journal import runs, secrets
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.condition import holds
from seatrial.pipeline.pipeline import Approve, Finally, Stage, Variables, place_of
from seatrial.pipeline.step import Credential, Mark, Question, Recorded, Step
from seatrial.run import (
    containers,
    contents,
    credentials,
    keeping,
    nowhere,
    stage_work,
    steps,
    surroundings,
    variables,
    workspace,
)
from seatrial.run.action import Context
from seatrial.run.all_executors import executor
from seatrial.run.executor import Executor, Wanted
from seatrial.run.outcome import (
    CANCELLED,
    FAILED,
    GIVEN,
    GOES_ON,
    LEFT_OUT,
    MARKED,
    MAY_FAIL,
    NOT_BEGUN,
    RESULT,
    SAID,
    SKIPPED,
    STAGE_RESULT,
    STOPPED,
    SUCCEEDED,
    UNSTABLE,
    Outcome,
)
from seatrial.run.schedule import exit_code, goes_on, worse
from seatrial.run.workspace import Workspace
from seatrial.store import trees
from seatrial.store.trees import Tree
from seatrial.system import clock, files

# How long what runs after a cancelled stage may take.
FINALLY_SECONDS = 60.0


class Extra(NamedTuple):
    """What an action adds to a stage: files in its workspace, variables, and a Python environment to use."""

    tree: Tree = ()
    env: Variables = ()
    venv: Path | None = None


NOTHING = Extra()


def perform(stage: Stage, context: Context, extra: Extra = NOTHING) -> Outcome:
    """Run the steps of a stage, again while it fails and `retry` allows, and keep its outputs.

    Returns the outcome of what the commands did, be it good or bad. Raises Problem for what kept them from
    being run at all, and blobs.Missing where the store lost what they read.
    """
    _ask_for_extras(stage)
    place = executor(stage.executor)
    around = surroundings.of_stage(stage, context, extra.venv)
    values = secrets.resolve(stage.secrets, context.home, context.host_env)
    values += secrets.resolve_known(stage.offered, context.home, context.host_env)
    tree = _tree(stage, context, extra)
    for number in range(1, stage.retry + 2):
        room = _open(stage, context, around, tree)
        try:
            env = variables.of_stage(
                stage,
                around,
                room.folders,
                surroundings.foreign(stage, context, room.folders),
                (*values, *extra.env),
            )
            attempt = _Attempt(stage, context, room, place, env, number, keeping.Kept([], []))
            outcome = _one(attempt)
        finally:
            workspace.close(context, room)
        if _is_over(outcome) or number > stage.retry or context.is_cancelled():
            break
        context.log(stage.name, f"attempt {number} failed: {outcome.message}; again\n".encode())
    return outcome


class _Attempt(NamedTuple):
    stage: Stage
    context: Context
    workspace: Workspace
    executor: Executor
    env: dict[str, str]
    number: int
    kept: keeping.Kept

    @property
    def is_last(self) -> bool:
        return self.number > self.stage.retry


def _one(attempt: _Attempt) -> Outcome:
    """One attempt. The session is over before the outputs are taken: nothing writes to them any more."""
    stage = attempt.stage
    try:
        session = _prepare(attempt, attempt.context.is_cancelled, _deadline(stage, attempt.context))
    except (StageFailed, BadInput, Interrupted) as problem:
        return _of_problem(problem, attempt)
    try:
        room = _room(attempt, session)
        outcome = _outcome(attempt, stage.steps, room)
        is_end = attempt.is_last or _is_over(outcome)
        if stage.finally_ and is_end and not (outcome.body.get(LEFT_OUT) or outcome.body.get(NOT_BEGUN)):
            outcome = after(attempt, outcome, room)
    finally:
        is_alone = attempt.executor.destroy(session)
        if attempt.context.rooms and not is_alone:
            attempt.context.rooms.occupied.add(attempt.workspace.root)
    body: dict[str, Any] = dict(outcome.body)
    if stage.retry:
        body["attempts"] = attempt.number
    if stage.reports:
        from seatrial.run import junit

        values = [attempt.env[name] for name in stage.secrets]
        place = place_of(stage, "reports")
        body["tests"] = junit.read(attempt.workspace.folders.work, stage.reports, place, values)
    outcome = keeping.attached(outcome._replace(body=body), attempt.kept, attempt.context)
    return _with_outputs(attempt, outcome)


def _prepare(attempt: _Attempt, is_cancelled: Callable[[], bool], deadline: float | None) -> Any:
    stage, context, place = attempt.stage, attempt.context, attempt.workspace
    wanted = Wanted(
        context.run,
        bool(stage.workspace),
        stage.image,
        stage.container,
        stage.services,
        stage.resources,
        place.root,
        place.folders.work,
        {**attempt.env, **(context.assigned or {}), **dict(stage.env)},
        bound=surroundings.is_anothers(stage, context),
        is_cancelled=is_cancelled,
        deadline=deadline,
        lent=workspace.lent(context) if stage.image and (stage.git or _is_foreign(context)) else (),
    )
    return containers.prepare(attempt.executor, wanted, context, partial(context.log, stage.name))


def _is_foreign(context: Context) -> bool:
    """Whether it is another system's file: a checkout may take place at any time."""
    return context.pipeline.dialect != "seatrial"


def _with_outputs(attempt: _Attempt, outcome: Outcome) -> Outcome:
    stage = attempt.stage
    has_failed = outcome.status == FAILED and stage.keeps_after_failure
    if not stage.outputs or not (outcome.status == SUCCEEDED or has_failed):
        return outcome
    is_foreign = _is_foreign(attempt.context)
    if empty := workspace.empty_outputs(attempt.workspace, stage.outputs, may_be_empty=is_foreign):
        attempt.context.log(stage.name, f"{empty}\n".encode())
    try:
        tree = workspace.capture(
            attempt.context.store,
            attempt.workspace,
            stage.outputs,
            stage.env,
            may_leave=is_foreign,  # such a system packs links as what they are
        )
    except (StageFailed, BadInput) as problem:
        if has_failed:  # which is what counts
            attempt.context.log(stage.name, f"its outputs are not kept: {problem}\n".encode())
            return outcome
        failed = stage_work.of_problem(problem, stage, attempt.context)
        return failed._replace(body={**outcome.body, **failed.body})
    return outcome._replace(outputs=contents.hold(attempt.context, tree))


def _is_over(outcome: Outcome) -> bool:
    """Whether another attempt makes no sense."""
    return outcome.status != FAILED or goes_on(outcome)


def _outcome(attempt: _Attempt, wanted: tuple[Step, ...], room: steps.Room) -> Outcome:
    marks: list[Mark] = []
    try:
        steps.perform(wanted, room._replace(mark=marks.append))
    except (StageFailed, BadInput, Interrupted) as problem:
        return _of_problem(problem, attempt)
    except NotBegun as unbegun:
        outcome = _of_problem(unbegun.cause, attempt)
        return outcome._replace(body={**outcome.body, NOT_BEGUN: True})
    except steps.LeftOut as left:
        return _left_out(str(left), marked(marks))
    return marked(marks)


def _left_out(why: str, asked: Outcome) -> Outcome:
    """A stage that its own condition leaves out; what asking it has marked the run as stays."""
    if asked.status == SUCCEEDED or asked.body.get(MAY_FAIL):
        return Outcome(SKIPPED, message=why, body={LEFT_OUT: True})
    return Outcome(SKIPPED, message=f"{why}; {asked.message}", body={LEFT_OUT: True, MARKED: asked.status})


def _of_problem(problem: Problem, attempt: _Attempt) -> Outcome:
    problem = problem.cause if isinstance(problem, Lacking) else problem
    outcome = stage_work.of_problem(problem, attempt.stage, attempt.context)
    if isinstance(problem, TimedOut):
        outcome = outcome._replace(body={**outcome.body, "timed_out": True})
        if attempt.context.pipeline.is_interrupted:
            outcome = outcome._replace(status=CANCELLED)
    return outcome


def marked(marks: Sequence[Mark]) -> Outcome:
    """The outcome of steps that ended, and were marked on their way: the worst mark of the run decides."""
    run = reduce(worse, (mark.run for mark in marks), SUCCEEDED)
    status = run if run != SUCCEEDED else reduce(worse, (mark.stage for mark in marks), SUCCEEDED)
    said = {"marks": [mark.message for mark in marks]} if marks else {}
    if status == SUCCEEDED:
        return Outcome(SUCCEEDED, body=said)
    message = next(mark.message for mark in marks if status in (mark.run, mark.stage))
    if run == SUCCEEDED:
        return Outcome(status, message=message, body={**said, MAY_FAIL: True})
    more = {} if status == UNSTABLE else {GOES_ON: True}
    return Outcome(status, message=message, body={**said, **more})


def after(attempt: _Attempt, outcome: Outcome, room: steps.Room) -> Outcome:
    """Run the blocks whose condition holds; the worst of all is the outcome.

    A block that fails does not keep the next from running. A timeout counts as an interruption.
    """
    if outcome.status == CANCELLED and not (outcome.body.get("timed_out") or goes_on(outcome)):
        room = room._replace(is_cancelled=_never, deadline=clock.monotonic() + FINALLY_SECONDS)
    else:
        room = room._replace(deadline=None)
    previous = previous_status(attempt.context)
    for block in attempt.stage.finally_:
        status = _status(block, outcome, attempt)
        if holds(block.condition, status, previous):
            inside = room._replace(env={**room.env, STAGE_RESULT: status}) if block.of_run else room
            then = _outcome(attempt, block.steps, inside)
            if outcome.status in (SUCCEEDED, UNSTABLE) and worse(outcome.status, then.status) == then.status:
                outcome = then._replace(body={**outcome.body, **then.body})
            elif then.status != SUCCEEDED:
                room.log(f"after the stage: {then.message}\n".encode())
    return outcome


def _status(block: Finally, outcome: Outcome, attempt: _Attempt) -> str:
    """What a block's condition is held against: the stage with what is in it; and, as Jenkins does it, what
    steps have marked the run as. What another branch has failed of is not known yet."""
    status = CANCELLED if outcome.body.get("timed_out") else outcome.status
    if not block.of_run:
        return status
    context, stage = attempt.context, attempt.stage
    inner = (context.outcomes[need] for need in stage.needs if stage.regardless and need in context.outcomes)
    marked = (context.assigned or {}).get(RESULT, SUCCEEDED)
    return reduce(worse, (one.status for one in inner if _has_run(one)), worse(status, marked))


def _has_run(outcome: Outcome) -> bool:
    """To its end: neither left out nor stopped for another's sake."""
    is_marked = outcome.body.get(GOES_ON) or outcome.body.get(MAY_FAIL)
    return not outcome.body.get(STOPPED) and (outcome.status != SKIPPED or bool(is_marked))


def _never() -> bool:
    return False


def previous_status(context: Context) -> str | None:
    """How the last run of the same pipeline and branch ended: what `currentBuild.previousBuild` is, too."""
    path, branch = context.pipeline.path, context.change.branch
    return runs.previous_status(context.journal, context.project, path, branch, context.number)


def finally_stage(context: Context, stage: Stage, status: str) -> Outcome:
    """Run what the pipeline itself wants to be run at its end; `stage` carries it and says where.

    Where there is no container for it, what needs none is run all the same.
    """
    around = surroundings.of_stage(stage, context)
    room = _open(stage, context, around, ())
    env = variables.of_stage(
        stage, around, room.folders, surroundings.foreign(stage._replace(name=""), context, room.folders)
    )
    env.pop("SEATRIAL_STAGE", None)
    before = Outcome(status, exit_code=exit_code(Outcome(status)))
    attempt = _Attempt(stage, context, room, executor(stage.executor), env, 1, keeping.Kept([], []))
    session: Any
    try:
        is_short = status == CANCELLED
        session = _prepare(attempt, _never, clock.monotonic() + FINALLY_SECONDS if is_short else None)
    except (StageFailed, BadInput, Infrastructure) as problem:
        attempt, session = attempt._replace(executor=cast(Executor, nowhere)), problem
    try:
        outcome = after(attempt, before, _room(attempt, session))
    finally:
        attempt.executor.destroy(session)
        workspace.close(context, room)
    outcome = Outcome(SUCCEEDED) if outcome is before else outcome
    return keeping.attached(outcome, attempt.kept, context)


def _open(stage: Stage, context: Context, around: variables.Surroundings, tree: Tree) -> Workspace:
    if stage.workspace:
        opened = workspace.open_shared(context, stage)
    else:
        opened = workspace.open_own(context, stage, tree)
    surroundings.furnish(stage, context, around, opened.folders)
    return opened


def _tree(stage: Stage, context: Context, extra: Extra) -> Tree:
    if stage.workspace:
        return ()
    reads = contents.of_stage(stage, context)
    contents.keep(context.store, reads)
    tree = contents.tree_of(stage, context, reads)
    return trees.merge(tree, extra.tree) if extra.tree else tree


def _room(attempt: _Attempt, session: Any) -> steps.Room:
    stage, context, place = attempt.stage, attempt.context, attempt.workspace
    return steps.Room(
        attempt.executor,
        session,
        place.folders.work,
        place.folders.work,
        place.root,
        attempt.env,
        partial(context.log, stage.name),
        context.is_cancelled,
        _deadline(stage, context),
        partial(_meanwhile, context),
        assigned={} if context.assigned is None else context.assigned,
        declared=dict(stage.env),
        reveal=partial(_reveal, context),
        keep=partial(keeping.keep, context=context, kept=attempt.kept, place=stage.place),
        facts=context.facts,
        recall=partial(_recall, context),
        enter=partial(containers.enter, context=context),
        ask=partial(_ask, stage, context),
    )


def _recall(context: Context, before: int) -> Recorded | None:
    """The last run of the same pipeline and branch before a number."""
    path, branch = context.pipeline.path, context.change.branch
    run = runs.before(context.journal, context.project, path, branch, before)
    return None if run is None else Recorded(run.number, run.status, run.started, run.finished)


def _ask(stage: Stage, context: Context, question: Question) -> Mapping[str, str]:
    """Ask a person in the midst of a stage. Raises StageFailed for a no."""
    ahead = {one.name: one for one in context.pipeline.parameters if one.given}
    given = (ahead.get(one.name, one) for one in question.parameters)
    wanted = Approve(question.message, tuple(given))
    try:
        name = f"Approve {stage.name.removeprefix('Approve ')}"
        answer = context.approve(stage._replace(name=name, options=wanted), context)
    except Refused as refused:
        raise StageFailed(refused.message, refused.hint) from None
    for line in answer.body.get(SAID, ()):
        context.log(stage.name, f"{line}\n".encode())
    values: Mapping[str, str] = answer.body.get(GIVEN, {})
    return values


def _reveal(context: Context, wanted: tuple[Credential, ...], folder: Path) -> dict[str, str]:
    """The variables of credentials; those whose ids only the run has worked out are masked from now on."""
    new = [one.id for one in wanted if one.id not in context.pipeline.credentials]
    if new:
        context.hide(credentials.hidden(new, context.home, context.host_env))
    return credentials.variables(wanted, folder, context.home, context.host_env)


def _deadline(stage: Stage, context: Context) -> float | None:
    """When the stage's own time is over, or that of the stages which it shares a limit with."""
    now = clock.monotonic()
    begun = {} if context.begun is None else context.begun
    ends = [begun.setdefault(limit.name, now) + limit.seconds for limit in stage.limits]
    ends += [] if stage.timeout_seconds is None else [now + stage.timeout_seconds]
    return min(ends, default=None)


def _meanwhile(context: Context) -> None:
    workspace.clear_left(context)
    context.meanwhile()


def _ask_for_extras(stage: Stage) -> None:
    """What is missing is said before the commands run, not after."""
    if stage.reports:
        from seatrial.run import junit

        junit.ask_for_extra()
    for output in stage.outputs:
        files.ask_inside(output.rstrip("/") or output)
