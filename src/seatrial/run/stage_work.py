"""One stage of a run: its result taken from the cache, or its work done and kept."""

from collections.abc import Callable

from seatrial.errors import OUR_FAULT, BadInput, Inconclusive, Interrupted, Problem, Refused, StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Stage, is_kept, place_of_word
from seatrial.run import cache
from seatrial.run.action import Action, Context, Key
from seatrial.run.cache import Hit
from seatrial.run.outcome import BLOCKED, CANCELLED, ERRORED, FAILED, SUCCEEDED, Outcome
from seatrial.store import blobs
from seatrial.system import clock

TakeTurn = Callable[[Stage, Key | None], bool]  # see `turns.take`


class Look(NamedTuple):
    """The key of a stage, where it has one, and its kept result, where that may be taken."""

    key: Key | None
    hit: Hit | None


class Done(NamedTuple):
    """What the work on a stage came to. `missing` is a digest that the store has lost: nothing was done then.

    `differs` are the outputs of a fresh run that are not those of the first, which `outcome` has. `hit` is
    set where a result was found after all. `is_blocked`: it is another's turn, and nothing was done.
    """

    stage: str
    outcome: Outcome
    key: Key | None = None
    seconds: float = 0.0
    missing: str = ""
    differs: str = ""
    hit: Hit | None = None
    is_blocked: bool = False


def look(stage: Stage, context: Context, action: Action, *, fresh: bool) -> Look:
    """The stage's key and its result. Raises Problem."""
    key = action.key(stage, context)
    return Look(key, _kept(stage, context, key, fresh=fresh))


def _kept(stage: Stage, context: Context, key: Key | None, *, fresh: bool) -> Hit | None:
    """The result of a key; with `fresh`, or for what is never kept, there is none to take."""
    return None if key is None or fresh or not is_kept(stage) else cache.lookup(context, key)


def look_and_work(
    stage: Stage, context: Context, action: Action, take_turn: TakeTurn, *, fresh: bool
) -> Done:
    """`look`, where that takes its time, which is the stage's own, and then `work`, where it is its turn."""
    start = clock.monotonic()
    done = _look_and_work(stage, context, action, take_turn, fresh=fresh)
    return done if done.hit else done._replace(seconds=clock.monotonic() - start)


def _look_and_work(
    stage: Stage, context: Context, action: Action, take_turn: TakeTurn, *, fresh: bool
) -> Done:
    try:
        found = look(stage, context, action, fresh=fresh)
        if not (found.hit or take_turn(stage, found.key)):
            return Done(stage.name, Outcome(BLOCKED), found.key, is_blocked=True)
    except blobs.Missing as missing:
        return lacking(missing, stage, context)
    except Problem as problem:
        return Done(stage.name, of_problem(problem, stage, context))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - see `work`
        return Done(stage.name, of_defect(stage, context, error))
    if found.hit:
        return Done(stage.name, found.hit.outcome, found.key, hit=found.hit)
    return work(stage, context, action, found.key, fresh=fresh)


def work(stage: Stage, context: Context, action: Action, key: Key | None, *, fresh: bool) -> Done:
    """Do the work of a stage, unless another has done it before its turn came. Whatever goes wrong is an
    outcome, never an exception.

    The loop keeps the result. Nobody else works on the key meanwhile, so there is none then; only a fresh run
    looks, because its work may have been done before.
    """
    start = clock.monotonic()
    try:
        if hit := _kept(stage, context, key, fresh=fresh):
            return Done(stage.name, hit.outcome, key, hit=hit)
        outcome = action.perform(stage, context)
        again = fresh and key is not None and outcome.status == SUCCEEDED
        first = cache.first(context, key, outcome) if again and key else outcome
    except blobs.Missing as missing:
        done = lacking(missing, stage, context, key)
    except Problem as problem:
        done = Done(stage.name, of_problem(problem, stage, context), key)
    except KeyboardInterrupt:  # asked twice to stop: nobody waits for an outcome
        raise
    except BaseException as error:  # noqa: BLE001 - a defect of ours: it ends this stage, and is shown
        done = Done(stage.name, of_defect(stage, context, error), key)
    else:
        differs = outcome.outputs if first.outputs != outcome.outputs else ""
        done = Done(stage.name, first, key, differs=differs)
    return done._replace(seconds=clock.monotonic() - start)


def lacking(missing: blobs.Missing, stage: Stage, context: Context, key: Key | None = None) -> Done:
    return Done(stage.name, of_problem(missing, stage, context), key, missing=missing.digest)


def is_to_keep(stage: Stage, done: Done) -> bool:
    """Failures are never kept."""
    kept = done.outcome.status == SUCCEEDED and not done.hit and not done.differs
    return kept and done.key is not None and is_kept(stage)


def of_problem(problem: Problem, stage: Stage, context: Context) -> Outcome:
    """The outcome that stands for an error: failed where the user's own command or the evidence says no.

    What comes from outside, and what names a word of the file, is shown where it stands.
    """
    status = FAILED if isinstance(problem, (StageFailed, Refused, Inconclusive)) else ERRORED
    if isinstance(problem, Interrupted):
        status = CANCELLED
    place = problem.place
    if place is None and (problem.about or isinstance(problem, BadInput)):
        place = place_of_word(stage, problem.about)
    hint = f" ({problem.hint})" if problem.hint else ""
    message = f"{f'{place}: ' if place else ''}{problem.message}{hint}"
    if place is None:
        return Outcome(status, message=message, exit_code=problem.exit_code)
    from seatrial.run.shown import shown

    body = {"finding": shown(problem, place, context)}
    return Outcome(status, message=message, exit_code=problem.exit_code, body=body)


def of_defect(stage: Stage, context: Context, error: BaseException) -> Outcome:
    from traceback import format_exception

    from seatrial.system import disk

    if isinstance(error, OSError) and (known := disk.problem_within(error, context.home)):
        return of_problem(known, stage, context)
    context.log(stage.name, "".join(format_exception(error)).encode("utf-8", "backslashreplace"))
    message = f"an error of seatrial's own, see the log: {type(error).__name__}: {error}"
    return Outcome(ERRORED, message=message, exit_code=OUR_FAULT)
