"""What starts a pipeline elsewhere, and what of that another system does not say. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.pipeline.pipeline import SCHEDULE, Pipeline, Trigger
from seatrial.pipeline.writers.writer import Loss

UTC = ("UTC", "GMT", "Etc/UTC", "Etc/GMT")
_POLL = "pollSCM"
# Each push starts what is written, as a forge that tells of it does there.
_OF_A_PUSH = ("bitbucketPush", "giteePush", "githubPush", "gitlab")


def schedules(pipeline: Pipeline) -> tuple[Trigger, ...]:
    return tuple(one for one in pipeline.triggers if one.crons)


def schedules_are_settings(pipeline: Pipeline) -> Iterator[Loss]:
    """For a system that has schedules beside its files, or none."""
    for one in schedules(pipeline):
        for cron in one.crons:
            yield Loss(one.place, f"the schedule `{cron}`{_when(one)} must be entered in the other system")
    yield from unstarted(pipeline)


def unstarted(pipeline: Pipeline) -> Iterator[Loss]:
    """For a system that has schedules in its files, and starts at a push and by hand."""
    for one in pipeline.triggers:
        if one.name == _POLL:
            yield Loss(one.place, f"`{one.said}`: each push starts a run at once")
        elif one.name not in _OF_A_PUSH and not _is_schedule(one):
            yield Loss(one.place, f"`{one.said}` starts no run")


def _is_schedule(one: Trigger) -> bool:
    return one.name == SCHEDULE and (bool(one.crons) or one.is_known)


def in_utc(pipeline: Pipeline) -> Iterator[Loss]:
    """For a system whose schedules go by UTC, and start the default branch."""
    for one in schedules(pipeline):
        if one.zone not in UTC:
            zone = one.zone or "the time of its own server"
            yield Loss(one.place, f"the schedule `{'`, `'.join(one.crons)}` goes by UTC, and not by {zone}")
        if one.condition:
            text = f"the schedule `{'`, `'.join(one.crons)}` starts the default branch, whatever"
            yield Loss(one.place, f"{text} `{one.condition}` says")


def _when(one: Trigger) -> str:
    zone = f" ({one.zone})" if one.zone else ""
    return f"{zone} where `{one.condition}`" if one.condition else zone
