"""`triggers { }`: nothing here comes of them, but what Jenkins would refuse is an error.

They are kept for who writes the file for another system: what each is, and when a schedule starts runs.
"""

from __future__ import annotations

from collections.abc import Collection

from seatrial.pipeline.dialects.jenkins.declarative import Block, Section
from seatrial.pipeline.dialects.jenkins.groovy import early
from seatrial.pipeline.dialects.jenkins.idle import lines_of
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.schedules import schedule_of
from seatrial.pipeline.dialects.jenkins.spelling import spell
from seatrial.pipeline.dialects.jenkins.syntax import (
    Call,
    Closure,
    Constant,
    Expression,
    Name,
    Number,
    Ternary,
    Text,
)
from seatrial.pipeline.pipeline import SCHEDULE, Trigger

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


def triggers_of(block: Block, remarks: Remarks) -> tuple[Trigger, ...]:
    """What starts the pipeline in Jenkins."""
    found = []
    for section in block.others:
        if section.name == "triggers":
            lines = lines_of(section, "a trigger", "write cron('@daily')", Remarks(remarks.path))
            found += [_trigger(one, remarks) for one in lines if one.body is None]
    return tuple(found)


def _trigger(one: Section, remarks: Remarks) -> Trigger:
    named = ((f"{given.name}: " if given.name else "", given.value) for given in one.arguments)
    said = f"{one.name}({', '.join(f'{name}{spell(value)}' for name, value in named)})"
    is_plain = all(isinstance(given.value, Text | Number | Constant) for given in one.arguments)
    made = Trigger(one.name, said, remarks.place(one.at), is_known=is_plain)
    if one.name != SCHEDULE or not one.arguments:
        return made
    condition, value = _conditional(one.arguments[0].value)
    text = early.text(value, remarks.file)
    if text is None:
        return made
    zone, crons = schedule_of(text)
    return made._replace(zone=zone, crons=crons, condition=condition, is_known=True)


def _conditional(value: Expression) -> tuple[str, Expression]:
    """`branch ? 'H 2 * * *' : ''` is a schedule under a condition."""
    if isinstance(value, Ternary):
        for arm, other, sign in ((value.then, value.otherwise, ""), (value.otherwise, value.then, "!")):
            if spell(other) in ("''", "null"):
                condition = spell(value.condition)
                return (f"!({condition})" if sign else condition), arm
    return "", value


def check_triggers(section: Section, remarks: Remarks) -> None:
    seen: set[str] = set()
    for one in lines_of(section, "a trigger", "write cron('@daily')", remarks):
        if one.name in seen:
            hint = "one has the lines of all" if one.name in ("cron", "pollSCM") else "keep one"
            remarks.error(one.at, f'Duplicate trigger name: "{one.name}"', hint)
        seen.add(one.name)
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
