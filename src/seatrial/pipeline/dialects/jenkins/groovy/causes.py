"""What has started a build, as `currentBuild.getBuildCauses()` and `triggeredBy` name it."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.groovy.machine import Machine, Value

EVENTS = {
    "TimerTrigger": "schedule",
    "TimerTriggerCause": "schedule",
    "SCMTrigger": "push",
    "SCMTriggerCause": "push",
    "UserIdCause": "manual",
}
_OF_BRANCH = "jenkins.branch.BranchEventCause"
_KINDS = {
    "schedule": "hudson.triggers.TimerTrigger$TimerTriggerCause",
    "manual": "hudson.model.Cause$UserIdCause",
}


def event_of(cause: str) -> str | None:
    """What has started a run of this cause, whose name may have a package; None where no run here has it."""
    return EVENTS.get(cause.rpartition(".")[2].rpartition("$")[2])


def causes(machine: Machine, wanted: str = "") -> list[Value]:
    """The one cause of the run, where it is of the class that is wanted."""
    event = machine.variable("SEATRIAL_EVENT") or "manual"
    own = _KINDS.get(event, _OF_BRANCH)
    if wanted and wanted != own and event_of(wanted) != event:
        return []
    user = machine.variable("USER") or "unknown"
    told = {
        "schedule": "Started by timer",
        "manual": f"Started by user {user}",
        "push": f"Push event to branch {machine.variable('BRANCH_NAME')}",
        "pull_request": f"Pull request #{machine.variable('CHANGE_ID')} opened",
    }
    named = {"userId": user, "userName": user} if event == "manual" else {}
    return [{"_class": wanted or own, "shortDescription": told[event], **named}]
