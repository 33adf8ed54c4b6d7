"""Bare names in arguments that nothing in the file sets: they fail the step when it runs."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import credentials
from seatrial.pipeline.dialects.jenkins.evaluator import reads
from seatrial.pipeline.dialects.jenkins.program import Command
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Name
from seatrial.pipeline.dialects.jenkins.variables import NAMES

# What every process gets, beside Jenkins' variables.
_ALWAYS_SET = frozenset({*NAMES, "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR"})


def warn_in(command: Command, names: set[str], remarks: Remarks) -> None:
    for _, value in command.arguments:
        warn(value, names, remarks)
    for step in command.steps:
        warn_in(step, names | credentials.names(command.credentials), remarks)


def warn(value: Expression, names: set[str], remarks: Remarks) -> None:
    """A bare name that nothing sets fails the step when it runs: say so before."""
    for read in reads(value):
        if isinstance(read, Name) and read.text not in names | _ALWAYS_SET:
            message = f"nothing in this file sets '{read.text}': the step fails unless the run has it"
            remarks.warning(read.at, message, _hint(read.text, names))


def _hint(name: str, names: set[str]) -> str:
    hint = did_you_mean(name, names | set(NAMES))
    if hint.startswith("did you mean"):
        return hint
    return f"seatrial run --env {name}=… where Jenkins sets it; if the shell should read it, write \\${name}"
