"""`triggers { }` and `tools { }`: nothing here comes of them, but what Jenkins would refuse is an error."""

from __future__ import annotations

from collections.abc import Collection

from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Call, Closure, Expression, Name

# The parameters of Jenkins' own triggers, the main one first.
_TRIGGERS: dict[str, tuple[str, ...]] = {
    "cron": ("spec",),
    "pollSCM": ("scmpoll_spec", "ignorePostCommitHooks"),
    "upstream": ("upstreamProjects", "threshold"),
}
# Those of plugins, whatever their parameters.
_OF_PLUGINS = frozenset(
    "githubPush gitlab GenericTrigger bitbucketPush bitBucketTrigger parameterizedCron issueCommentTrigger "  # noqa: SIM905
    "pullRequestReview gerrit ghprb githubPullRequests githubBranches snapshotDependencies "
    "buildResultTrigger dockerHubTrigger eventTrigger URLTrigger jiraTrigger giteePush "
    "bitbucketServerTrigger".split()
)
_TOOLS = frozenset(
    "maven jdk gradle nodejs ant git jgit go groovy terraform dockerTool docker python ruby sbt allure "  # noqa: SIM905
    "dotnetsdk msbuild xcode scala android cmake hugo oc kubectl helm".split()
)


def check_triggers(section: Section, remarks: Remarks) -> None:
    for one in _lines(section, "a trigger", "write cron('@daily')", remarks):
        if one.name in _TRIGGERS:
            _check_trigger(one, _TRIGGERS[one.name], remarks)
        elif one.name not in _OF_PLUGINS:
            known: Collection[str] = _TRIGGERS.keys() | _OF_PLUGINS
            remarks.unknown(one.at, f"the trigger '{one.name}' is not known", did_you_mean(one.name, known))


def _check_trigger(one: Section, parameters: tuple[str, ...], remarks: Remarks) -> None:
    if one.body is not None:
        remarks.error(one.at, "trigger definitions cannot have blocks", f"write {one.name}('…')")
    given = [parameters[0] if argument.name is None else argument.name for argument in one.arguments]
    for argument, name in zip(one.arguments, given, strict=True):
        if name not in parameters:
            hint = did_you_mean(str(name), parameters)
            remarks.error(argument.at, f'Invalid parameter "{name}" of {one.name}', hint)
        if _is_refused(argument.value):
            remarks.error(argument.value.at, f"{one.name}: this must be a string", "put it in quotes")
    if parameters[0] not in given and one.body is None:
        remarks.error(one.at, f'Missing required parameter: "{parameters[0]}"', f"write {one.name}('…')")


def _is_refused(value: Expression) -> bool:
    """A call with a block, or of what describes the job."""
    if not isinstance(value, Call):
        return isinstance(value, Closure)
    called = value.target.text if isinstance(value.target, Name) else ""
    return called == "properties" or any(isinstance(one.value, Closure) for one in value.arguments)


def check_tools(section: Section, remarks: Remarks) -> None:
    for one in _lines(section, "a tool and its name", "write maven 'M3'", remarks):
        if one.name not in _TOOLS:
            remarks.unknown(one.at, f"the tool '{one.name}' is not known", did_you_mean(one.name, _TOOLS))
        elif len(one.arguments) != 1 or one.body is not None:
            remarks.error(one.at, "Expected a tool and its name", f"write {one.name} 'NAME'")


def _lines(section: Section, what: str, hint: str, remarks: Remarks) -> list[Section]:
    found = []
    for statement in section.body or ():
        line = as_section(statement)
        if line is None:
            remarks.error(statement.at, f"Expected {what}", hint)
        else:
            found.append(line)
    if section.body is not None and not section.body:
        remarks.error(section.at, f"{section.name} can not be empty", "remove it")
    return found
