"""The variables that Travis gives to every command, as far as they are of the run and not of the job."""

from __future__ import annotations

from seatrial.pipeline.dialect import RunFacts

_EVENTS = {"manual": "push", "schedule": "cron"}


def variables(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """Name and value of each. A run that a person starts is a push. On Travis the branch of a tag is the tag,
    and that of a pull request is the one that it wants to go to; its commit is that of the merge."""
    number = str(facts.run_number)
    slug = facts.slug or facts.project
    before = facts.base or facts.before
    span = f"{before}...{facts.commit}" if before and facts.commit else ""
    return (
        ("TRAVIS_EVENT_TYPE", _EVENTS.get(facts.event, facts.event)),
        ("TRAVIS_PULL_REQUEST", facts.request or "false"),
        ("TRAVIS_PULL_REQUEST_BRANCH", facts.branch if facts.request else ""),
        ("TRAVIS_PULL_REQUEST_SHA", facts.commit if facts.request else ""),
        ("TRAVIS_PULL_REQUEST_SLUG", slug if facts.request else ""),
        ("TRAVIS_TAG", "" if facts.request else facts.tag),
        ("TRAVIS_BRANCH", facts.target or facts.tag or facts.branch),
        ("TRAVIS_COMMIT", facts.merge or facts.commit),
        ("TRAVIS_COMMIT_MESSAGE", facts.message),
        ("TRAVIS_COMMIT_RANGE", span),
        ("TRAVIS_BUILD_NUMBER", number),
        ("TRAVIS_BUILD_ID", number),
        ("TRAVIS_REPO_SLUG", slug),
        ("TRAVIS_BUILD_DIR", facts.workspace),
    )
