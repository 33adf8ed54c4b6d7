"""Variables that only a run has, in the scripts of a Jenkinsfile for another system."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins.authored import authored
from seatrial.pipeline.pipeline import Pipeline
from seatrial.pipeline.step import Block, Echo, Mark, Program, Shell, Step

ODD = "/odd bin:/usr/bin:/bin"
FILE = """\
pipeline {
    agent any
    parameters { string(name: 'WHERE', defaultValue: 'x'); booleanParam(name: 'FAST', defaultValue: true) }
    environment { %s }
    stages { stage('Build') { steps { %s } } }
}
"""


def of(steps: str, environment: str = "A = 'a'") -> Pipeline:
    return authored(FILE % (environment, steps), "Jenkinsfile")


def all_of(steps: tuple[Step, ...]) -> list[Step]:
    return [one for step in steps for one in ((*all_of(step.steps),) if isinstance(step, Block) else (step,))]


def said(steps: str, environment: str) -> str:
    """What a shell says that runs the one command."""
    (command,) = (one for one in all_of(of(steps, environment).stages[0].steps) if isinstance(one, Shell))
    env = {"PATH": "/usr/bin:/bin", "WHERE": "over there", "SEATRIAL_RUN_NUMBER": "7", **dict(command.env)}
    words = ["sh", "-e", "-c", command.script]
    return subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("steps", "environment", "out"),
    [
        ('sh "echo ${BUILD_NUMBER}"', "A = 'a'", "7\n"),
        ('sh "echo \'a  ${params.WHERE}\'"', "A = 'a'", "a  over there\n"),
        ('sh "echo \\"a  ${env.WHERE}\\""', "A = 'a'", "a  over there\n"),
        ("sh 'echo $BUILD_ID'", "A = 'a'", "7\n"),
        ("sh 'echo $T'", 'T = "it\'s $A `x` \\"${BUILD_NUMBER}\\""; A = \'a\'', "it's a `x` \"7\"\n"),
        ("sh 'echo $PATH $T'", 'PATH = "/odd bin:${PATH}"; T = "${PATH}!"', f"{ODD} {ODD}!\n"),
        ('echo "no. ${BUILD_NUMBER} of ${A}"', "A = 'a'", "no. 7 of a\n"),
        ("withEnv([\"B=${BUILD_NUMBER}\"]) { sh 'echo $B' }", "A = 'a'", "7\n"),
        ('sh "cat <<END\\n${params.WHERE}  \\\\ # x\\nEND"', "A = 'a'", "over there  \\ # x\n"),
        ("sh 'echo $A'", "A = \"${params.FAST ? 'yes' : 'no'}\"", "no\n"),
    ],
)  # fmt: skip
def test_a_shell_reads_what_only_the_run_can_tell(steps: str, environment: str, out: str) -> None:
    assert said(steps, environment) == out


@pytest.mark.parametrize(
    ("body", "out"),
    [
        ("echo \"it is ${v}\"", "it is 7\n"),
        ("v2 = v } ; echo \"it is ${v2}\"; script { echo 'end'", "it is 7\nend\n"),
        ("error \"it is ${v}\"", "it is 7\n"),
    ],
)  # fmt: skip
def test_what_a_command_has_printed_is_told_again(body: str, out: str, tmp_path: Path) -> None:
    before = "def v = sh(script: 'echo 7', returnStdout: true).trim()"
    told = ""
    for step in all_of(of(f"script {{ {before}; {body} }}").stages[0].steps):
        assert isinstance(step, Shell | Echo | Mark)
        if isinstance(step, Shell):
            words = ["sh", "-e", "-c", step.script]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
            told += done.stdout + done.stderr
        told += f"{step.text}\n" if isinstance(step, Echo) else ""
    assert told == out


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("env.WHERE == 'over there'", True),
        ("env.WHERE != 'over there'", False),
        ("env.WHERE.startsWith('over')", True),
        ("env.WHERE.endsWith('here') && !env.WHERE.contains('x')", True),
        ("env.WHERE ==~ /over .*/", True),
        ("env.WHERE ==~ /over/", False),
        ("env.WHERE in ['x', 'over there']", True),
        ("params.FAST || params.WHERE", True),
        ("!env.WHERE", False),
        ("env.WHERE.toUpperCase().replace(' ', '_').take(6) == 'OVER_T'", True),
        ("env.WHERE.substring(0, 4) == 'over' ? env.BUILD_NUMBER == '7' : false", True),
    ],
)
def test_a_shell_asks_what_only_the_run_can_tell(asked: str, answer: bool) -> None:
    found = said(f"script {{ if ({asked}) {{ sh 'echo yes' }} else {{ sh 'echo no' }} }}", "A = 'a'")
    assert found == ("yes\n" if answer else "no\n")


@pytest.mark.parametrize(
    "steps",
    [
        'sh "#!/bin/bash\\necho ${BUILD_NUMBER}"',
        'sh "echo ${BUILD_NUMBER.toInteger() + 1}"',
        'dir("${BUILD_NUMBER}") { sh "ls" }',
    ],
)
def test_what_is_decided_by_it_stays_a_program(steps: str) -> None:
    assert any(isinstance(one, Program) for one in all_of(of(steps).stages[0].steps))


def test_a_variable_that_no_other_system_has_is_told() -> None:
    steps = all_of(of("sh 'curl $BUILD_URL $GIT_COMMIT'").stages[0].steps)
    told = [one.message for one in steps if isinstance(one, Mark)]
    assert told == ["the variable `BUILD_URL` of Jenkins, which `Build` reads"]
