"""Stages that end with the first failure among them, and stages that are tried again together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Again, Stage
from seatrial.run.outcome import CANCELLED, FAILED, Outcome
from seatrial.run.schedule import goes_on, status_of

Stages = Mapping[str, Stage]
Outcomes = dict[str, Outcome]


class Groups(NamedTuple):
    """What a run knows of its groups. Only the loop changes it.

    `held` are stages that have ended while others of their group may be tried again: what comes after the
    group waits for it.
    """

    stopped: set[str]
    tries: dict[str, int]
    held: list[str]


class Decided(NamedTuple):
    """`reopened` are to run again now; what follows from the ends of `released` is to be looked at."""

    reopened: tuple[str, ...]
    released: tuple[str, ...]


def begin() -> Groups:
    return Groups(set(), {}, [])


def note(groups: Groups, stage: Stage, outcome: Outcome) -> None:
    """The end of a stage: where it failed, its branches end."""
    if outcome.status in (FAILED, CANCELLED) and not goes_on(outcome):
        groups.stopped.update(stage.stopped_with)


def is_stopped(groups: Groups, stage: Stage) -> bool:
    """Whether another branch has failed. What comes at the end of a branch runs all the same."""
    return not stage.regardless and not groups.stopped.isdisjoint(stage.stopped_with)


def is_outside(groups: Groups, stage: Stage, other: Stage) -> bool:
    """Whether `other` has to wait for a group of `stage` that may be tried again."""
    return any(again not in other.again for again in stage.again if _is_open(groups, again))


def hold(groups: Groups, stage: Stage) -> None:
    """The end of a stage that may be tried again, with others."""
    if any(_is_open(groups, again) for again in stage.again):
        groups.held.append(stage.name)


def _is_open(groups: Groups, again: Again) -> bool:
    return groups.tries.get(again.name, 1) < again.attempts


def decide(groups: Groups, stages: Stages, outcomes: Outcomes) -> Decided | None:
    """What becomes of a group whose stages have all ended, the inner one first; None where there is none.

    The outcomes of stages that run again are forgotten.
    """
    for again in _waiting(groups, stages):
        members = [name for name, stage in stages.items() if again in stage.again]
        if not all(name in outcomes for name in members):
            continue
        released = tuple(name for name in groups.held if name in members)
        groups.held[:] = [name for name in groups.held if name not in members]
        groups.tries[again.name] = groups.tries.get(again.name, 1) + 1
        if status_of(outcomes[name] for name in members) != FAILED:
            groups.tries[again.name] = again.attempts
            return Decided((), released)
        for name in members:
            del outcomes[name]
        groups.stopped.clear()
        first = (name for name in members if not any(need in members for need in stages[name].needs))
        return Decided(tuple(first), ())
    return None


def _waiting(groups: Groups, stages: Stages) -> Iterator[Again]:
    for name in groups.held:
        yield from (again for again in reversed(stages[name].again) if _is_open(groups, again))
