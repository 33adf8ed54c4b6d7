"""`waitForQualityGate`: the server of SonarQube is asked for the analysis of this run, as Jenkins asks it."""

from __future__ import annotations

import shlex

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.blocks import SONARQUBE_TOKEN as TOKEN
from seatrial.pipeline.dialects.jenkins.groovy import documents
from seatrial.pipeline.dialects.jenkins.groovy.machine import ABORT, Function, Machine, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.step import (
    OFFERED,
    REQUIRED,
    SEATRIAL_SHELL,
    Credential,
    Echo,
    Program,
    Scope,
    Shell,
    Steps,
    WithCredentials,
)

# The scanner leaves it beside its work; that of the last analysis counts.
_REPORT = """cd -- "${WORKSPACE:-.}"
find . -name report-task.txt -type f -exec ls -t {} + | { read -r file && cat -- "$file"; } || :"""
# No token stands in the words of a command, which anybody on the machine may read.
_ASK = """command -v curl >/dev/null || {{ echo 'waitForQualityGate needs curl' >&2; exit 127; }}
if [ -n "${{{token}:-}}" ]; then printf 'user = "%s:"\\n' "${token}"; fi |
    curl --config - --silent --show-error --fail --proto =http,https --url {url}"""
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.25, 10.0


class Gate(NamedTuple):
    """What the step gives to a script."""

    status: str


def wait_for_gate(
    values: dict[str, Value], _closure: Function | None, machine: Machine, at: Position
) -> Work:
    """The status of the gate once the server has it; one that is not OK fails the step, where it is to."""
    text = yield from documents.output(_REPORT)
    report = yield from documents.STEPS["readProperties"][1]({"text": text}, at)
    task, server = report.get("ceTaskId"), machine.variable("SONAR_HOST_URL")
    if not task:
        message = "No previous SonarQube analysis found: there is no report-task.txt of a scanner"
        raise Thrown("java.lang.IllegalStateException", message, at)
    address = (server or report.get("serverUrl", "")).rstrip("/")
    found: list[str] = []
    asking = Program(_Asking(address, task, found, at), f"the quality gate of {task}")  # type: ignore[arg-type]
    yield WithCredentials(
        _token(values, server), REQUIRED if values.get("credentialsId") else OFFERED, (asking,)
    )
    if truth(values.get("abortPipeline")) and found[-1] != "OK":
        raise Thrown(ABORT, f"Pipeline aborted due to quality gate failure: {found[-1]}", at)
    return Gate(found[-1])


def _token(values: dict[str, Value], server: str | None) -> tuple[Credential, ...]:
    """Only the server that somebody has named gets it, not one that a file of the workspace names."""
    id_ = written(values.get("credentialsId") or TOKEN)
    return (Credential(id_, TOKEN, "value"),) if server else ()


class _Asking(NamedTuple):
    """The program that asks until the analysis is done."""

    server: str
    task: str
    found: list[str]
    at: Position

    def __call__(self, _scope: Scope) -> Steps:
        seconds = _FIRST_WAIT_SECONDS
        while (done := (yield from self._ask(f"ce/task?id={self.task}", "task")))["status"] != "SUCCESS":
            if done["status"] in ("FAILED", "CANCELED"):
                message = f"SonarQube analysis '{self.task}' failed: {done['status']}"
                raise Thrown("java.lang.IllegalStateException", message, self.at)
            yield Shell(f"sleep {seconds:g}", SEATRIAL_SHELL)
            seconds = min(seconds * 1.5, _LONGEST_WAIT_SECONDS)
        query = f"qualitygates/project_status?analysisId={done.get('analysisId')}"
        status = (yield from self._ask(query, "projectStatus"))["status"]
        yield Echo(f"SonarQube task '{self.task}' completed. Quality gate is '{status}'")
        self.found.append(status)

    def _ask(self, query: str, part: str) -> Work:
        """A part of what the server answers, which has a status."""
        url = f"{self.server}/api/{query}"
        text = yield from documents.output(_ASK.format(token=TOKEN, url=shlex.quote(url)))
        answer = documents.json_of(text, self.at)
        of = answer.get(part) if isinstance(answer, dict) else None
        if not isinstance(of, dict) or not isinstance(of.get("status"), str):
            raise Thrown("java.lang.IllegalStateException", f"{url} does not tell a status", self.at)
        return of
