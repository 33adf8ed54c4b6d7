"""`options { }`: what has an effect here, what has none, what cannot be honoured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.blocks import UNITS
from seatrial.pipeline.dialects.jenkins.credentials import Wanted, of_block
from seatrial.pipeline.dialects.jenkins.declarative import Section
from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.groovy import early, script
from seatrial.pipeline.dialects.jenkins.groovy.file import Passed
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.spelling import spell
from seatrial.pipeline.dialects.jenkins.syntax import Constant, Expression, Text
from seatrial.pipeline.step import Program, Step

# Why each has no effect.
_NOTED = {
    "ansiColor": "colours are kept as the command writes them",
    "buildDiscarder": "seatrial keeps its own history",
    "copyArtifactPermission": "no other job takes what is kept",
    "disableConcurrentBuilds": "runs on one machine do not share a workspace",
    "disableResume": "a run is resumed by running it again",
    "disableRestartFromStage": "there is no restart from a stage",
    "durabilityHint": "every stage is recorded durably",
    "githubProjectProperty": "it links to a page",
    "gitLabConnection": "no forge is told",
    "gitlabBuilds": "no forge is told",
    "overrideIndexTriggers": "there are no triggers",
    "preserveStashes": "no run is begun again from one of its stages",
    "quietPeriod": "a run starts at once",
    "rateLimitBuilds": "runs are started by hand or by the server",
    "lock": "runs of one machine share no workspace, and nothing is locked",
    "throttleJobProperty": "runs of one machine share no workspace",
    "timestamps": "every line of a log has its time",
}
_REFUSED = {
    "catchError": "it is not supported yet",
}
# Properties of the job, which Jenkins takes in the pipeline's options only.
_JOB_ONLY = frozenset(
    "buildDiscarder copyArtifactPermission disableConcurrentBuilds disableResume "  # noqa: SIM905
    "disableRestartFromStage durabilityHint githubProjectProperty gitLabConnection newContainerPerStage "
    "overrideIndexTriggers parallelsAlwaysFailFast preserveStashes quietPeriod rateLimitBuilds "
    "skipStagesAfterUnstable".split()
)
SKIP_AFTER_UNSTABLE = "skipStagesAfterUnstable"
FAIL_FAST = "parallelsAlwaysFailFast"
CONTAINER_PER_STAGE = "newContainerPerStage"


Known = Mapping[str, str]


class Limits(NamedTuple):
    """What options ask of the runner. `checkout`: the folder that the commit lies in, None for nowhere.
    `late`: the time, in units of so many seconds, where only the run can tell it."""

    timeout_seconds: float | None = None
    late: tuple[Expression, float] | None = None
    retry: int = 0
    checkout: str | None = ""
    credentials: Wanted = ()


def pipeline_limits(options: tuple[Section, ...], known: Known, remarks: Remarks) -> Limits:
    """`known` are the variables that the file determines: the pipeline's own are set around its options."""
    of_others = (SKIP_AFTER_UNSTABLE, FAIL_FAST, CONTAINER_PER_STAGE)
    return _limits((one for one in options if one.name not in of_others), known, remarks)


def stage_limits(options: tuple[Section, ...], known: Known, remarks: Remarks) -> Limits:
    """`known` are the variables outside of the stage: its own are not set yet."""
    for option in options:
        if option.name in _JOB_ONLY:
            hint = "write it in the options of the pipeline"
            remarks.error(option.at, f"the option '{option.name}' cannot stand in a stage", hint)
    late = next((found for one in options if (found := _late(one, known, remarks))), None)
    others = (one for one in options if one.name not in _JOB_ONLY and not (late and one.name == "timeout"))
    return _limits(others, known, remarks)._replace(late=late)


def _limits(options: Iterable[Section], known: Known, remarks: Remarks) -> Limits:
    limits = Limits()
    for option in options:
        if option.name == "timeout":
            limits = limits._replace(timeout_seconds=_timeout_seconds(option, known, remarks))
        elif option.name == "retry":
            limits = limits._replace(retry=max(_retry_count(option, known, remarks) - 1, 0))
        elif option.name == "skipDefaultCheckout":
            limits = limits._replace(checkout=None) if skips(option) else limits
        elif option.name == "withCredentials":
            limits = limits._replace(credentials=of_block(option, remarks))
        elif option.name == "checkoutToSubdirectory":
            limits = limits._replace(checkout=_folder(option, remarks))
        else:
            _check(option, remarks)
    return limits


def skips(option: Section) -> bool:
    """Whether it is `skipDefaultCheckout`, and true."""
    given = option.arguments[0].value if option.arguments else None
    return option.name == "skipDefaultCheckout" and not (isinstance(given, Constant) and not given.value)


def _folder(option: Section, remarks: Remarks) -> str:
    values = _values(option, "subdirectory", remarks)
    folder = early.text(values["subdirectory"], remarks.file) if "subdirectory" in values else None
    if not folder or folder.startswith("/") or ".." in folder.split("/"):
        remarks.error(
            option.at, "a folder of the workspace is expected", "write checkoutToSubdirectory('src')"
        )
        return ""
    return folder


def _check_stashes(option: Section, remarks: Remarks) -> None:
    """Jenkins keeps those of 1 to 50 runs."""
    count = _whole(_values(option, "buildCount", remarks).get("buildCount"), {}, remarks)
    if option.arguments and (count is None or not 1 <= count <= 50):
        remarks.error(option.at, "preserveStashes: 'buildCount' must be from 1 to 50")


def _check(option: Section, remarks: Remarks) -> None:
    if option.name == "preserveStashes":
        _check_stashes(option, remarks)
    if option.name in _NOTED:
        _note(option, _NOTED[option.name], remarks)
    elif option.name in _REFUSED:
        message = f"the option '{option.name}' is not supported here"
        remarks.error(option.at, message, _REFUSED[option.name])
    else:
        known = _NOTED.keys() | {"timeout", "retry"}
        remarks.unknown(
            option.at, f"the option '{option.name}' is not known", did_you_mean(option.name, known)
        )
        remarks.file.passed.append((Passed("option", option.name), option.at))


def _note(option: Section, why: str, remarks: Remarks) -> None:
    remarks.note(option.at, f"the option '{option.name}' has no effect here: {why}")


def _retry_count(option: Section, known: Known, remarks: Remarks) -> int:
    values = _values(option, "count", remarks)
    count = _whole(values.get("count"), known, remarks)
    if count is not None and values.keys() == {"count", "conditions"}:
        remarks.note(option.at, "retry: no machine is lost here, nor a run taken up again: one attempt")
        return 1
    if count is not None and values.keys() == {"count"}:
        return count
    remarks.error(option.at, "retry needs a number of attempts", "write retry(3)")
    return 0


def _whole(value: Expression | None, known: Known, remarks: Remarks) -> int | None:
    """The whole number that an expression comes to before the run; None where it is no such thing."""
    try:
        found = None if value is None else early.value(value, remarks.file, known)
    except Undetermined:
        return None
    if isinstance(found, str) and found.isdecimal() and not isinstance(value, Text):
        found = int(found)  # Jenkins takes what is worked out for the number that it says
    is_whole = isinstance(found, int) and not isinstance(found, bool) and found >= 0
    return found if is_whole else None


def _timeout_seconds(option: Section, known: Known, remarks: Remarks) -> float | None:
    values = _values(option, "time", remarks)
    time = _whole(values.get("time"), known, remarks)
    unit = early.text(values["unit"], remarks.file, known) if "unit" in values else "MINUTES"
    seconds = UNITS.get((unit or "").upper())
    if time is None or seconds is None:
        hint = "write timeout(time: 30, unit: 'MINUTES')"
        remarks.error(option.at, "timeout needs a whole number and a unit", hint)
        return None
    for name in values.keys() - {"time", "unit", "activity"}:
        remarks.error(values[name].at, f"timeout: '{name}' is not supported yet", "leave it out")
    return time * seconds


def _late(option: Section, known: Known, remarks: Remarks) -> tuple[Expression, float] | None:
    """The time of a `timeout` that only the run can tell."""
    given = {one.name or "time": one.value for one in option.arguments}
    time, unit = given.get("time"), given.get("unit")
    named = "MINUTES" if unit is None else early.text(unit, remarks.file, known) or ""
    if option.name != "timeout" or time is None or not given.keys() <= {"time", "unit"}:
        return None
    if named.upper() not in UNITS or early.text(time, remarks.file, known) is not None:
        return None
    script.check((time,), remarks.file, remarks)
    return time, UNITS[named.upper()]


def timed(steps: tuple[Step, ...], limits: Limits, holds_stages: bool, remarks: Remarks) -> tuple[Step, ...]:
    """Steps in the time that only the run can tell, where there is one: none of a stage that holds others."""
    if limits.late is None:
        return steps
    if holds_stages:
        hint = "write it at each of the stages in this one"
        remarks.error(limits.late[0].at, "only the run can tell this time", hint)
    program = script.Timed(remarks.path, remarks.file, frozenset(remarks.booleans), *limits.late, steps)
    # mypy does not see the __call__ of a NamedTuple
    return (Program(program, f"timeout {spell(limits.late[0])}"),)  # type: ignore[arg-type]


def _values(option: Section, main: str, remarks: Remarks) -> dict[str, Expression]:
    """The arguments by name; one without a name is the main one."""
    values: dict[str, Expression] = {}
    for argument in option.arguments:
        name = main if argument.name is None else argument.name
        if not isinstance(name, str) or name in values:
            remarks.error(argument.at, f"{option.name}: this argument cannot be read")
        else:
            values[name] = argument.value
    return values
