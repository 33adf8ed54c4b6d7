"""Steps with a block: their evaluated arguments → the effect around what stands in the block. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.pipeline.dialects.jenkins import showing
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, Names, Undetermined
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import is_number, truth, written
from seatrial.pipeline.step import (
    OFFERED,
    REQUIRED,
    Block,
    Catch,
    Credential,
    Dir,
    Limit,
    Retry,
    Step,
    WithCredentials,
    WithEnv,
)

Values = Mapping[str, object]

UNITS = {
    "NANOSECONDS": 1e-9,
    "MICROSECONDS": 1e-6,
    "MILLISECONDS": 1e-3,
    "SECONDS": 1.0,
    "MINUTES": 60.0,
    "HOURS": 3600.0,
    "DAYS": 86400.0,
}
# Around these nothing is different here.
PLAIN = frozenset(
    ("timestamps", "ansiColor", "lock", "gitlabCommitStatus", "withMaven", "nodejs", *showing.BLOCKS)
)
SONARQUBE, SONARQUBE_TOKEN = "withSonarQubeEnv", "SONAR_AUTH_TOKEN"
NAMES = frozenset(("dir", "retry", "timeout", "catchError", "warnError", SONARQUBE, *PLAIN))
# Jenkins' words for what a run, or a stage, has come to; ours are those of `seatrial.run.action`.
RESULTS = {
    "SUCCESS": "succeeded",
    "UNSTABLE": "unstable",
    "FAILURE": "failed",
    "NOT_BUILT": "skipped",
    "ABORTED": "cancelled",
}


def block(name: str, at: Position, values: Values, steps: tuple[Step, ...]) -> Block:
    """The effect of a step with a block; one that changes nothing here holds its steps. Raises Failure."""
    if name == "dir":
        return Dir(string(name, at, "path", values), steps)
    if name == "retry":
        return Retry(_count(at, values), steps)
    if name == "timeout":
        return Limit(seconds(name, at, values, "MINUTES"), steps)
    if name == "catchError":
        return _catch_error(at, values, steps)
    if name == "warnError":
        catches = truth(values.get("catchInterruptions", True))
        return Catch(written(values["message"]), "unstable", "unstable", catches, steps)
    if name == SONARQUBE:
        return _beside_sonarqube(values, steps)
    return WithEnv((), steps)


def _beside_sonarqube(values: Values, steps: tuple[Step, ...]) -> Block:
    """What Jenkins has in its settings is said by who runs it: the server by --env, its token as a secret."""
    id_ = values.get("credentialsId")
    token = Credential(written(id_ or SONARQUBE_TOKEN), SONARQUBE_TOKEN, "value")
    name = ("SONAR_CONFIG_NAME", written(values.get("installationName") or ""))
    env = (name, ("SONAR_MAVEN_GOAL", "sonar:sonar"))
    return WithCredentials((token,), REQUIRED if id_ else OFFERED, (WithEnv(env, steps),))


def _catch_error(at: Position, values: Values, steps: tuple[Step, ...]) -> Catch:
    message = values.get("message")
    return Catch(
        "" if message is None else written(message),
        _result(at, values.get("buildResult", "FAILURE")),
        _result(at, values.get("stageResult", "SUCCESS")),
        truth(values.get("catchInterruptions", True)),
        steps,
    )


def _result(at: Position, value: object) -> str:
    if value is None:
        return "succeeded"
    found = RESULTS.get(written(value).upper())
    if found is None:
        known = ", ".join(RESULTS)
        raise Failure(at, f"catchError: a result is one of {known}, not {written(value)}")
    return found


def overrides(at: Position, given: object, names: Names) -> dict[str, str]:
    """The variables of `withEnv`: NAME=value; PATH+ANY=folder puts it before what PATH has.

    Raises Failure, and Undetermined where that is not known yet.
    """
    found: dict[str, str] = {}
    for one in given if isinstance(given, list) else [given]:
        name, equals, value = written(one).partition("=")
        name, plus, _ = name.partition("+")
        if not (isinstance(one, str) and name and equals):
            raise Failure(at, f"withEnv: {written(one)} is not NAME=value")
        if plus:
            before = found.get(name, names.lookup(name))
            if before is None and not names.complete:
                raise Undetermined
            value = f"{value}:{before}" if before else value
        found[name] = value
    return found


def seconds(step: str, at: Position, values: Values, unit: str) -> float:
    """A `time` in its `unit`, which is the given one where none is named. Raises Failure."""
    time, named = _number(values["time"]), str(values.get("unit", unit)).upper()
    if not isinstance(time, int | float) or isinstance(time, bool) or time < 0 or named not in UNITS:
        raise Failure(at, f"{step}: {written(time)} {named} is no time")
    return time * UNITS[named]


def _number(value: Any) -> Any:
    """A quotient that is whole (`60 / 2`) is a decimal in Groovy, and as good as the number."""
    is_quotient = is_number(value) and not isinstance(value, int | float)
    return int(value) if is_quotient and value == int(value) else value


def string(step: str, at: Position, name: str, values: Values) -> str:
    """An argument that has to be a string. Raises Failure."""
    value = values[name]
    if not isinstance(value, str):
        raise Failure(at, f"{step}: '{name}' must be a string, not {written(value)}")
    return value


def _count(at: Position, values: Values) -> int:
    value = _number(values["count"])
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Failure(at, f"retry: 'count' must be a number from 1 on, not {written(value)}")
    return value
