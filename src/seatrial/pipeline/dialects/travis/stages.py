"""The order of jobs: stages one after the other, the jobs of one side by side."""

from __future__ import annotations

from seatrial.pipeline.dialects.travis.jobs import Job, check_os
from seatrial.pipeline.dialects.travis.texts import Findings, entries, items, text
from seatrial.pipeline.yaml_document import Mapping


def in_order(
    root: Mapping, jobs: tuple[Job, ...], findings: Findings
) -> tuple[tuple[Job, tuple[str, ...]], ...]:
    """Each job with what it needs: the jobs of the stage before that must not fail."""
    listed = _listed(root)
    conditions = {name.lower(): condition for name, condition in listed if condition}
    order = dict.fromkeys(name.lower() for name, _ in listed)
    order |= dict.fromkeys(_stage(job) for job in jobs)
    ranked: list[tuple[Job, tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    for stage in order:
        inside = [job for job in jobs if _stage(job) == stage]
        more = (conditions[stage],) if stage in conditions else ()
        ranked += [(job._replace(conditions=job.conditions + more), before) for job in inside]
        before = tuple(job.name for job in inside if not job.may_fail) or before
    for job in jobs:
        check_os(job, findings)
    return tuple(ranked)


def _stage(job: Job) -> str:
    return (job.stage or "test").lower()


def _listed(root: Mapping) -> list[tuple[str, str]]:
    """The names that `stages` puts in order, with their conditions."""
    found = []
    for item in items(entries(root).get("stages")):
        parts = entries(item)
        name = text(parts.get("name")) if parts else text(item)
        if name:
            found.append((name, text(parts.get("if"))))
    return found
