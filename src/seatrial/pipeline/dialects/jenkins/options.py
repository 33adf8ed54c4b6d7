"""`options { }`: what has an effect here, what has none, what cannot be honoured."""

from __future__ import annotations

from typing import NamedTuple

from seatrial.pipeline.dialects.jenkins.blocks import UNITS
from seatrial.pipeline.dialects.jenkins.declarative import Section
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Number, Text

# Why each has no effect.
_NOTED = {
    "ansiColor": "colours are kept as the command writes them",
    "buildDiscarder": "seatrial keeps its own history",
    "disableConcurrentBuilds": "runs on one machine do not share a workspace",
    "disableResume": "a run is resumed by running it again",
    "disableRestartFromStage": "there is no restart from a stage",
    "durabilityHint": "every stage is recorded durably",
    "githubProjectProperty": "it links to a page",
    "gitLabConnection": "no forge is told",
    "newContainerPerStage": "there are no containers of Jenkins' kind",
    "overrideIndexTriggers": "there are no triggers",
    "parallelsAlwaysFailFast": "the other branches run to their end",
    "preserveStashes": "there are no stashes",
    "quietPeriod": "a run starts at once",
    "rateLimitBuilds": "runs are started by hand or by the server",
    "skipDefaultCheckout": "the workspace holds the commit from the start",
    "timestamps": "every line of a log has its time",
}
_REFUSED = {
    "checkoutToSubdirectory": "the commit lies at the root of the workspace; use dir",
    "lock": "there are no locks",
    "withCredentials": "give the secret as a variable of the environment",
    "catchError": "it is not supported yet",
    "retry": "write it in the options of a stage",
    "timeout": "write it in the options of a stage",
}
# Properties of the job, which Jenkins takes in the pipeline's options only.
_JOB_ONLY = frozenset(
    "buildDiscarder disableConcurrentBuilds disableResume disableRestartFromStage durabilityHint "  # noqa: SIM905
    "githubProjectProperty gitLabConnection newContainerPerStage overrideIndexTriggers "
    "parallelsAlwaysFailFast preserveStashes quietPeriod rateLimitBuilds skipStagesAfterUnstable".split()
)
SKIP_AFTER_UNSTABLE = "skipStagesAfterUnstable"


class Limits(NamedTuple):
    """What a stage's options ask of the runner."""

    timeout_seconds: float | None = None
    retry: int = 0


def check_pipeline_options(options: tuple[Section, ...], remarks: Remarks) -> None:
    for option in options:
        if option.name == "timeout":
            _note(option, "it limits a whole run; only a stage has a limit here", remarks)
        elif option.name != SKIP_AFTER_UNSTABLE:
            _check(option, remarks)


def stage_limits(options: tuple[Section, ...], remarks: Remarks) -> Limits:
    limits = Limits()
    for option in options:
        if option.name == "timeout":
            limits = limits._replace(timeout_seconds=_timeout_seconds(option, remarks))
        elif option.name == "retry":
            limits = limits._replace(retry=max(_retry_count(option, remarks) - 1, 0))
        elif option.name in _JOB_ONLY:
            hint = "write it in the options of the pipeline"
            remarks.error(option.at, f"the option '{option.name}' cannot stand in a stage", hint)
        else:
            _check(option, remarks)
    return limits


def _check(option: Section, remarks: Remarks) -> None:
    if option.name in _NOTED:
        _note(option, _NOTED[option.name], remarks)
    elif option.name in _REFUSED:
        message = f"the option '{option.name}' is not supported here"
        remarks.error(option.at, message, _REFUSED[option.name])
    else:
        known = _NOTED.keys() | {"timeout", "retry"}
        remarks.error(option.at, f"the option '{option.name}' is not known", did_you_mean(option.name, known))


def _note(option: Section, why: str, remarks: Remarks) -> None:
    remarks.note(option.at, f"the option '{option.name}' has no effect here: {why}")


def _retry_count(option: Section, remarks: Remarks) -> int:
    values = _values(option, "count", remarks)
    count = values.get("count")
    if isinstance(count, Number) and count.text.isdigit() and values.keys() == {"count"}:
        return int(count.text)
    remarks.error(option.at, "retry needs a number of attempts", "write retry(3)")
    return 0


def _timeout_seconds(option: Section, remarks: Remarks) -> float | None:
    values = _values(option, "time", remarks)
    time, unit = values.get("time"), values.get("unit")
    seconds = UNITS.get(unit.value.upper()) if isinstance(unit, Text) else None if unit else UNITS["MINUTES"]
    if not isinstance(time, Number) or not time.text.isdigit() or seconds is None:
        hint = "write timeout(time: 30, unit: 'MINUTES')"
        remarks.error(option.at, "timeout needs a whole number and a unit", hint)
        return None
    for name in values.keys() - {"time", "unit"}:
        remarks.error(values[name].at, f"timeout: '{name}' is not supported yet", "leave it out")
    return int(time.text) * seconds


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
