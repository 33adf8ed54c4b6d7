"""What may start, what never will, and what a run as a whole has come to (pure)."""

from collections.abc import Iterable, Mapping

from seatrial import errors
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.graph import Graph
from seatrial.pipeline.pipeline import LEFT_OUT, Stage
from seatrial.run.outcome import (
    CANCELLED,
    ERRORED,
    FAILED,
    GOES_ON,
    MARKED,
    MAY_FAIL,
    SKIPPED,
    STOPPED,
    SUCCEEDED,
    UNSTABLE,
    Outcome,
)

# The worst first.
_STATUSES = (CANCELLED, ERRORED, SKIPPED, FAILED, UNSTABLE)
_EXIT_CODES = (
    errors.INTERRUPTED,
    errors.OUR_FAULT,
    errors.BAD_INPUT,
    errors.STAGE_FAILED,
    errors.REFUSED,
    errors.INCONCLUSIVE,
)


class Next(NamedTuple):
    """The stages that may start now, and those that will not run, with the reason."""

    ready: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


def first(graph: Graph) -> Next:
    """What may start before anything has run."""
    return Next(tuple(name for name, stage in graph.stages.items() if not _needs(graph, stage)))


def after(graph: Graph, name: str, outcomes: Mapping[str, Outcome]) -> Next:
    """What follows from the end of a stage, whose outcome is in `outcomes`.

    A stage that fails keeps nothing else from running but what needs it. Its dependents are skipped, and then
    theirs: call this for each of them too.
    """
    ready, skipped = [], []
    for dependent in graph.dependents[name]:
        if dependent in outcomes:
            continue
        stage = graph.stages[dependent]
        reason = obstacle(graph, stage, outcomes)
        if reason:
            skipped.append((dependent, reason))
        elif has_needs(graph, stage, outcomes):
            ready.append(dependent)
    return Next(tuple(ready), tuple(skipped))


def has_needs(graph: Graph, stage: Stage, outcomes: Mapping[str, Outcome]) -> bool:
    """Whether all that a stage needs has ended: not so any more where lost outputs are made again."""
    return all(need in outcomes for need in _needs(graph, stage))


def obstacle(graph: Graph, stage: Stage, outcomes: Mapping[str, Outcome]) -> str:
    """Why a stage cannot run, "" where nothing speaks against it yet."""
    if stage.regardless:
        return _unbegun(graph, stage, outcomes)
    accepted = dict(stage.accepts)
    for need in _needs(graph, stage):
        outcome = outcomes.get(need)
        if outcome is not None and not _allows(stage, outcome, accepted.get(need, ())):
            return f"it needs {need}, which {_became(outcome)}"
    return ""


def _unbegun(graph: Graph, stage: Stage, outcomes: Mapping[str, Outcome]) -> str:
    """Why what runs after others, whatever became of them, has nothing to run after."""
    needs = _needs(graph, stage)
    before = [outcomes[need] for need in needs if need in outcomes]
    if needs and len(before) == len(needs) and all(one.body.get("obstacle") for one in before):
        return f"it comes after {needs[0]}, which was skipped"
    return ""


def _allows(stage: Stage, outcome: Outcome, accepted: tuple[str, ...]) -> bool:
    """Where needs say the order only, as they do in a shared workspace, one left out by its `when` is passed
    over."""
    is_left_out = outcome.status == SKIPPED and not outcome.body.get("obstacle")
    if accepted:
        return (LEFT_OUT if is_left_out else outcome.status) in accepted
    if is_left_out and (stage.workspace or stage.ordered):
        return not (stage.needs_stable and outcome.body.get(MARKED))
    if outcome.status == UNSTABLE and not outcome.body.get(MAY_FAIL):
        return not stage.needs_stable
    return outcome.status == SUCCEEDED or goes_on(outcome)


def goes_on(outcome: Outcome) -> bool:
    """Whether a failure keeps nothing that needs the stage from running."""
    return _is_borne(outcome) or bool(outcome.body.get(GOES_ON))


def _is_borne(outcome: Outcome) -> bool:
    return outcome.status != ERRORED and bool(outcome.body.get(MAY_FAIL))


def _counts(outcome: Outcome) -> bool:
    """Whether an outcome says anything of the run: no stage that was left out does, nor one that may fail."""
    if _is_borne(outcome) or outcome.body.get(STOPPED):
        return False
    return outcome.status != SKIPPED or bool(outcome.body.get(GOES_ON) or outcome.body.get(MARKED))


def _became(outcome: Outcome) -> str:
    if outcome.status == FAILED and outcome.exit_code == errors.INCONCLUSIVE:
        return "was inconclusive"
    return outcome.status if outcome.status in (FAILED, ERRORED) else f"was {outcome.status}"


def _needs(graph: Graph, stage: Stage) -> tuple[str, ...]:
    return tuple(need for need in stage.needs if need in graph.stages)


def worse(one: str, other: str) -> str:
    """The worse of two statuses."""
    return next((status for status in _STATUSES if status in (one, other)), one)


def status_of(outcomes: Iterable[Outcome]) -> str:
    """What the run is: the worst of its stages; those that were skipped, or may fail, do not count."""
    found = {outcome.body.get(MARKED) or outcome.status for outcome in outcomes if _counts(outcome)}
    return next((status for status in _STATUSES if status in found), SUCCEEDED)


def exit_code_of(outcomes: Iterable[Outcome]) -> int:
    """The exit code of the run: the gravest that a stage asks for."""
    found = {exit_code(outcome) for outcome in outcomes if _counts(outcome)}
    return next((code for code in _EXIT_CODES if code in found), errors.PASSED)


def exit_code(outcome: Outcome) -> int:
    bad = errors.STAGE_FAILED
    if outcome.status in (SKIPPED, CANCELLED) and (outcome.body.get(GOES_ON) or outcome.body.get(MARKED)):
        return bad
    defaults = {UNSTABLE: bad, FAILED: bad, ERRORED: errors.OUR_FAULT, CANCELLED: errors.INTERRUPTED}
    return outcome.exit_code or defaults.get(outcome.status, errors.PASSED)
