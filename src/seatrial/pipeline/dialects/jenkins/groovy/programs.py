"""Steps of plugins that run one program, and steps within the keys of a cloud, as a script calls them."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import running
from seatrial.pipeline.dialects.jenkins.groovy.machine import ABORT, Machine, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import truth
from seatrial.pipeline.step import (
    REQUIRED,
    Credential,
    Mark,
    Program,
    Scope,
    Shell,
    ShellResult,
    Steps,
    WithCredentials,
)

Values = dict[str, Value]


def run(name: str, values: Values, machine: Machine, at: Position) -> Work:
    """Run the program of a step. Raises Thrown, Unfit."""
    running.check(name, values)
    if name == running.ANSIBLE:
        code = yield from _exit_code(*running.ansible_playbook(values))
        if code:
            raise Thrown(ABORT, f"Ansible playbook execution failed: exit code {code}", at)
        return
    code = yield from _exit_code(*running.dependency_check(values, machine.variable))
    message = f"dependency-check has failed: exit code {code}"
    if code not in running.FINE and truth(values.get("stopBuild")):
        raise Thrown(ABORT, message, at)
    if code not in running.FINE:
        yield Mark(message, "failed", "failed")


def _exit_code(shell: Shell, wanted: tuple[Credential, ...]) -> Work:
    """What a command ends with that has the variables of credentials."""
    codes: list[int] = []

    def start(_scope: Scope) -> Steps:
        result = yield shell
        assert isinstance(result, ShellResult)
        codes.append(result.exit_code)

    yield WithCredentials(wanted, REQUIRED, (Program(start, shell.script),))
    return codes[-1]
