"""The variables of CircleCI that tell where the commit comes from; the job's own shell sets the others."""

from __future__ import annotations

from seatrial.pipeline.dialect import RunFacts

_SOURCES = {"schedule": "scheduled_pipeline"}


def variables(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """Name and value of each. A run that a person starts counts as a push."""
    owner, _, name = (facts.slug or f"local/{facts.project}").rpartition("/")
    request = f"pull/{facts.request}" if facts.request else ""
    return (
        ("CIRCLE_PROJECT_USERNAME", owner),
        ("CIRCLE_PROJECT_REPONAME", name),
        ("CIRCLE_PROJECT_SLUG", f"{owner}/{name}"),
        ("CIRCLE_REPOSITORY_URL", facts.url),
        ("CIRCLE_PULL_REQUEST", request),
        ("CIRCLE_PULL_REQUESTS", request),
        ("CIRCLE_TRIGGER_SOURCE", _SOURCES.get(facts.event, "webhook")),
        *((("SEATRIAL_ROOM", facts.room),) if facts.room else ()),
    )
