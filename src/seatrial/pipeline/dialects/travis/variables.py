"""The variables that Travis gives to every command, as far as they are of the run and not of the job."""

from __future__ import annotations

from seatrial.pipeline.dialect import RunFacts


def variables(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """Name and value of each. Every run is a push: `TRAVIS_PULL_REQUEST` is `false`, and what is of a pull
    request is empty. On Travis the branch of a tag is the tag."""
    number = str(facts.run_number)
    span = f"{facts.before}...{facts.commit}" if facts.before and facts.commit else ""
    return (
        ("TRAVIS_EVENT_TYPE", "push"),
        ("TRAVIS_PULL_REQUEST", "false"),
        ("TRAVIS_PULL_REQUEST_BRANCH", ""),
        ("TRAVIS_PULL_REQUEST_SHA", ""),
        ("TRAVIS_PULL_REQUEST_SLUG", ""),
        ("TRAVIS_TAG", facts.tag),
        ("TRAVIS_BRANCH", facts.tag or facts.branch),
        ("TRAVIS_COMMIT", facts.commit),
        ("TRAVIS_COMMIT_MESSAGE", facts.message),
        ("TRAVIS_COMMIT_RANGE", span),
        ("TRAVIS_BUILD_NUMBER", number),
        ("TRAVIS_BUILD_ID", number),
        ("TRAVIS_REPO_SLUG", _slug(facts.url) or facts.project),
        ("TRAVIS_BUILD_DIR", facts.workspace),
    )


def _slug(url: str) -> str:
    """`owner/name` of the address of a repository at a forge; "" where it has none."""
    scheme, sign, rest = url.partition("://")
    path = "" if scheme == "file" else rest.partition("/")[2] if sign else url.partition(":")[2]
    parts = path.removesuffix("/").removesuffix(".git").split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 and all(parts[-2:]) else ""
