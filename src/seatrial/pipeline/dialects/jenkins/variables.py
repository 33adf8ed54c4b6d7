"""The variables that Jenkins gives to every step."""

from __future__ import annotations

from seatrial.pipeline.dialect import RunFacts

_WITH_GIT = (
    "BUILD_NUMBER",
    "BUILD_ID",
    "BUILD_TAG",
    "JOB_NAME",
    "JOB_BASE_NAME",
    "NODE_NAME",
    "EXECUTOR_NUMBER",
    "CI",
    "STAGE_NAME",
    "WORKSPACE",
    "GIT_COMMIT",
    "GIT_BRANCH",
    "GIT_URL",
    "BRANCH_NAME",
)
# What Jenkins' Subversion plugin says in the place of what its Git plugin does.
_OF_SUBVERSION = {"GIT_COMMIT": "SVN_REVISION", "GIT_URL": "SVN_URL", "GIT_BRANCH": ""}
NAMES = (*_WITH_GIT, *(name for name in _OF_SUBVERSION.values() if name))


def variables(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """Name and value of each, in a fixed order; what is not known is left out, as Jenkins does."""
    number = str(facts.run_number)
    values = (
        number,
        number,
        f"jenkins-{facts.project.replace('/', '-')}-{number}",
        facts.project,
        facts.project.rpartition("/")[2],
        "built-in",
        "0",
        "true",
        facts.stage,
        facts.workspace,
        facts.commit,
        facts.branch,
        facts.url,
        f"PR-{facts.request}" if facts.request else facts.branch,
    )
    other = _OF_SUBVERSION if facts.source == "subversion" else {}
    pairs = ((other.get(name, name), value) for name, value in zip(_WITH_GIT, values, strict=True))
    return (*((name, value) for name, value in pairs if name and value), *_of_request(facts))


def _of_request(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """What only the build of a pull request has."""
    pairs = (
        ("CHANGE_ID", facts.request),
        ("CHANGE_TARGET", facts.target),
        ("CHANGE_BRANCH", facts.branch),
    )
    return pairs if facts.request else ()
