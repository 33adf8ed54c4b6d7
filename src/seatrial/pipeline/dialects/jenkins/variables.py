"""The variables that Jenkins gives to every step."""

from __future__ import annotations

from seatrial.pipeline.dialect import RunFacts

_WITH_GIT = (
    "BUILD_NUMBER",
    "BUILD_ID",
    "BUILD_TAG",
    "BUILD_DISPLAY_NAME",
    "BUILD_URL",
    "RUN_DISPLAY_URL",
    "JOB_NAME",
    "JOB_BASE_NAME",
    "JOB_URL",
    "JENKINS_URL",
    "NODE_NAME",
    "NODE_LABELS",
    "EXECUTOR_NUMBER",
    "CI",
    "STAGE_NAME",
    "WORKSPACE",
    "GIT_COMMIT",
    "GIT_BRANCH",
    "GIT_LOCAL_BRANCH",
    "GIT_URL",
    "GIT_PREVIOUS_COMMIT",
    "BRANCH_NAME",
    "TAG_NAME",
)
# What Jenkins' Subversion plugin says in the place of what its Git plugin does.
_OF_SUBVERSION = {
    "GIT_COMMIT": "SVN_REVISION",
    "GIT_URL": "SVN_URL",
    "GIT_BRANCH": "",
    "GIT_LOCAL_BRANCH": "",
    "GIT_PREVIOUS_COMMIT": "",
}
# Jenkins' name of the stage that the pipeline's own `post` is.
_AT_END = "Declarative: Post Actions"
# No page shows a run: its address names it, and leads nowhere.
_SCHEME = "seatrial:"
NAMES = (*_WITH_GIT, *(name for name in _OF_SUBVERSION.values() if name))


def variables(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """Name and value of each, in a fixed order; what is not known is left out, as Jenkins does.

    A pull request is a branch of its own there, and no local one is made; its commit is that of the merge.
    """
    branch = f"PR-{facts.request}" if facts.request else facts.branch
    number = str(facts.run_number)
    page = f"{_SCHEME}{facts.project}/{number}/"
    values = (
        number,
        number,
        f"jenkins-{facts.project.replace('/', '-')}-{number}",
        f"#{number}",
        page,
        page,
        facts.project,
        facts.project.rpartition("/")[2],
        f"{_SCHEME}{facts.project}/",
        _SCHEME,
        "built-in",
        "built-in",
        "0",
        "true",
        facts.stage or _AT_END,
        facts.workspace,
        facts.merge or facts.commit,
        branch,
        "" if facts.request else facts.branch,
        facts.url,
        facts.before,
        branch,
        facts.tag,
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
