"""`build`: another job is run here by its file, which a variable names, as secrets are named by ids."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from datetime import datetime

from seatrial.pipeline.dialects.jenkins.groovy.build import Build
from seatrial.pipeline.dialects.jenkins.groovy.machine import ABORT, INTERRUPTED, Machine, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.parameters import SKIPPING
from seatrial.pipeline.step import SEATRIAL_SHELL, Recorded, Shell, ShellResult

Values = dict[str, Value]
_PREFIX = "SEATRIAL_JOB_"


def variable_of(job: str) -> str:
    """The variable that names the file of a job."""
    return _PREFIX + re.sub(r"\W", "_", full_name(job), flags=re.ASCII).upper()


def full_name(job: str) -> str:
    """The name of a job, which may be written from the top: `/team/deploy`."""
    return job.removeprefix("/")


def is_passed_over(values: Values, machine: Machine) -> bool:
    """Whether a run that passes over what it does not know has no file of the job."""
    return not machine.variable(variable_of(written(values["job"]))) and bool(machine.variable(SKIPPING))


def run(values: Values, machine: Machine, at: Position) -> Work:
    """The build that the job came to; one that is no success fails the step, unless it is not to."""
    job = full_name(written(values["job"]))
    file = machine.variable(variable_of(job))
    if not file:
        hint = f"say which by --env {variable_of(job)}=FILE"
        raise Thrown(ABORT, f"build: no file of the job {job!r} is known here: {hint}", at)
    result = yield Shell(_script(file, values, machine), SEATRIAL_SHELL, check=False, capture=True)
    assert isinstance(result, ShellResult)
    made = Build(_recorded(result, job, at), job, f"seatrial:{job}/")
    waits, propagates = (truth(values.get(name, True)) for name in ("wait", "propagate"))
    if waits and propagates and made.result != "SUCCESS":
        message = f"{made} completed with status {made.result} (propagate: false to ignore)"
        raise Thrown(INTERRUPTED, message, at)
    return made if waits else None


def _script(file: str, values: Values, machine: Machine) -> str:
    """The commit of this run where the file is one of its own, else the checkout that the file is in."""
    is_own = not file.startswith("/")
    folder = '"$WORKSPACE"' if is_own else shlex.quote(posixpath.dirname(file))
    words = ["seatrial", "run", "-f", file, "--yes", "--json", "--skip-undeclared"]
    words += ["--commit", "HEAD"] if is_own else []
    words += [] if file.endswith((".yaml", ".yml")) else ["--dialect", "jenkins"]
    for name, value in _parameters(values.get("parameters")):
        words += ["--param", f"{name}={value}"]
    for name, value in machine.env[-1].items():
        words += ["--env", f"{name}={value}"] if name.startswith(_PREFIX) else []
    words += ["--skip-unknown"] if machine.variable(SKIPPING) else []
    return f"cd -- {folder}\n{shlex.join(words)}"


def _parameters(given: Value) -> list[tuple[str, str]]:
    listed = given if isinstance(given, list) else [given] if given else []
    if not all(isinstance(one, dict) and {"name", "value"} <= one.keys() for one in listed):
        raise Unfit("java.lang.IllegalArgumentException: build: a parameter has a name and a value")
    return [(written(one["name"]), written(one["value"])) for one in listed]


def _recorded(result: ShellResult, job: str, at: Position) -> Recorded:
    """The run as it tells of itself; where it could not begin, it has said why."""
    try:
        told = json.loads(result.output)
        started = datetime.fromisoformat(told["started"]).timestamp()
        return Recorded(told["number"], told["status"], started, started + told["seconds"])
    except (ValueError, KeyError, TypeError):
        raise Thrown(ABORT, f"build: the job {job!r} did not run: exit code {result.exit_code}", at) from None
