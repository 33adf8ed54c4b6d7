"""Steps of plugins that only show elsewhere what a stage has found: nothing here has to be done for them.

One that also decides, by a gate or a threshold, is no such step: passing over it would let through what it
holds back.
"""

from __future__ import annotations

import re

from seatrial.pipeline.dialects.jenkins.syntax import Argument, MapLiteral

_NO_PAGE = "there is no page of Jenkins: keep the reports by archiveArtifacts"
_NO_FORGE = "no forge is told"
_NO_TRACKER = "no tracker is told"
_MESSENGERS = tuple(
    "discordSend googlechatnotification hipchatSend ircNotify mattermostSend office365ConnectorSend "  # noqa: SIM905
    "rocketSend telegramSend zulipSend dingtalk pushoverSend".split()
)
_FORGES = tuple("bitbucketStatusNotify notifyBitbucket setGitHubPullRequestStatus publishChecks".split())  # noqa: SIM905
_TRACKERS = tuple("jiraComment jiraSendBuildInfo jiraSendDeploymentInfo".split())  # noqa: SIM905
_BADGES = tuple("addBadge addErrorBadge addInfoBadge addShortText addWarningBadge".split())  # noqa: SIM905
_OF_CHECKOUT = tuple(
    "cleanBeforeCheckout cleanAfterCheckout localBranch pruneStaleBranch pruneTags lfs "  # noqa: SIM905
    "cloneOption submodule".split()
)
# What the plugin of GitHub does to the pull request of a run.
OF_REQUEST = frozenset(
    "addAssignees addLabel addLabels comment createReviewRequests createStatus deleteComment editComment "  # noqa: SIM905
    "removeLabel review setLabels".split()
)
# Steps that are only ever called by the names of their classes; none of them decides.
CLASSES = {
    **dict.fromkeys(("GitHubCommitStatusSetter", "GitHubSetCommitStatusBuilder"), _NO_FORGE),
    "JiraIssueUpdater": _NO_TRACKER,
    "Mailer": "no mail is sent",
}
# Why each has no effect here.
STEPS = {
    **CLASSES,
    **dict.fromkeys(_OF_CHECKOUT, "it is an option of `checkout`, and alone does nothing"),
    **dict.fromkeys(("recordIssues", "recordCoverage", "publishCoverage", "jacoco", "cobertura"), _NO_PAGE),
    **dict.fromkeys(("cucumber", "allure", "dependencyCheckPublisher"), _NO_PAGE),
    **dict.fromkeys(_FORGES, _NO_FORGE),
    **dict.fromkeys(_TRACKERS, _NO_TRACKER),
    **dict.fromkeys(_BADGES, "there is no page of Jenkins"),
    "discoverGitReferenceBuild": _NO_PAGE,
    **dict.fromkeys(_MESSENGERS, "no message is sent"),
}
# Those around others, which run as they do without.
BLOCKS = {
    **dict.fromkeys(("gitStatusWrapper", "withChecks"), _NO_FORGE),
}
_DECIDING = re.compile("gate|threshold|fail|unstable|unhealthy|minimum|maximum|limit", re.IGNORECASE)


def why(name: str, arguments: tuple[Argument, ...]) -> str:
    """Why a step has no effect here; "" where it is none of these, or decides."""
    reason = STEPS.get(name) or BLOCKS.get(name, "")
    decides = reason and name not in CLASSES and any(_DECIDING.search(word) for word in _words(arguments))
    return "" if decides else reason


def _words(arguments: tuple[Argument, ...]) -> list[str]:
    """The names of the arguments, and of what stands in the first map among them."""
    found = [str(one.name) for one in arguments]
    maps = (one.value for one in arguments if isinstance(one.value, MapLiteral))
    return found + [str(entry.name) for one in maps for entry in one.entries]
