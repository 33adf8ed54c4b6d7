"""The order of jobs: stages one after the other, the jobs of one side by side."""

from __future__ import annotations

from seatrial.pipeline.dialects.travis.jobs import If, Job
from seatrial.pipeline.dialects.travis.texts import text
from seatrial.pipeline.yaml_document import Mapping, entries, items


def in_order(root: Mapping, jobs: tuple[Job, ...]) -> tuple[tuple[Job, tuple[str, ...]], ...]:
    """Each job with what it waits for: all of the stage before. Those that may fail stand last in theirs."""
    listed = _listed(root)
    conditions = {name.lower(): condition for name, condition in listed if condition}
    order = dict.fromkeys(name.lower() for name, _ in listed)
    order |= dict.fromkeys(_stage(job) for job in jobs)
    ranked: list[tuple[Job, tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    for stage in order:
        inside = sorted((job for job in jobs if _stage(job) == stage), key=lambda job: job.may_fail)
        more = (conditions[stage],) if stage in conditions else ()
        ranked += [(job._replace(conditions=job.conditions + more), before) for job in inside]
        before = tuple(job.name for job in inside) or before
    return tuple(ranked)


def _stage(job: Job) -> str:
    return (job.stage or "test").lower()


def _listed(root: Mapping) -> list[tuple[str, If | None]]:
    """The names that `stages` puts in order, with their conditions."""
    found = []
    for item in items(entries(root).get("stages")):
        parts = entries(item)
        name, condition = text(parts.get("name")) if parts else text(item), parts.get("if")
        if name:
            said = If(text(condition), condition) if condition is not None and text(condition) else None
            found.append((name, said))
    return found
