"""Programs of a Jenkinsfile as the steps that they come to in every run."""

from __future__ import annotations

import pytest

from seatrial.pipeline.dialects.jenkins.authored import authored
from seatrial.pipeline.step import Block, Echo, Shell, Step

FILE = """\
def tag = 'v1'
pipeline {{
    agent any
    environment {{ COLOUR = 'red' }}
    stages {{ stage('one') {{ steps {{ script {{
{body}
    }} }} }} }}
}}
"""


def steps(body: str) -> tuple[Step, ...]:
    (stage,) = authored(FILE.format(body=body), "Jenkinsfile").stages
    return stage.steps


def flat(found: tuple[Step, ...]) -> list[str]:
    said: list[str] = []
    for step in found:
        if isinstance(step, Shell):
            said.append(step.script)
        elif isinstance(step, Echo):
            said.append(step.text)
        elif isinstance(step, Block):
            said += [type(step).__name__, *flat(step.steps)]
        else:
            said.append(type(step).__name__)
    return said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sh 'make'; echo 'made'", ["make", "made"]),
        ("for (n in [1, 2]) { sh \"make ${n} ${env.COLOUR} ${tag}\" }", ["make 1 red v1", "make 2 red v1"]),
        ("dir('sub') { sh 'make' }", ["Dir", "make"]),
        ("retry(2) { sh 'make' }", ["Retry", "make"]),
        ("docker.image('busybox').inside { sh 'make' }", ["Inside", "make"]),
        ("withEnv(['COLOUR=blue']) { sh \"make ${COLOUR}\" }", ["WithEnv", "make blue"]),
    ],
)  # fmt: skip
def test_a_script_that_asks_nothing_becomes_its_steps(body: str, said: list[str]) -> None:
    assert flat(steps(body)) == ["WithEnv", *said]


@pytest.mark.parametrize(
    "body",
    [
        "def out = sh(script: 'date', returnStdout: true); echo out.tokenize(' ')[0]",
        "if (sh(script: 'test -f x', returnStatus: true) + 1 == 1) { sh 'make' }",
        "def found = readJSON text: sh(script: 'cat x', returnStdout: true); echo found.name",
        "echo String.format('%s', env.BRANCH_NAME)",
        "for (one in env.BRANCH_NAME) { echo one }",
        "def words = [(env.BRANCH_NAME): 1]; echo words.toString()",
        "if (env.BRANCH_NAME =~ /(.*)/) { echo 'it' }",
        "if (env.BUILD_URL == 'x') { echo 'it' }",  # no other system tells it
        "try { archiveArtifacts 'x' } catch (e) { sh 'repair' }",
        "retry(2) { if (env.BRANCH_NAME == 'main') { sh 'make' } }",
        "catchError(buildResult: 'SUCCESS') { try { sh 'make' } finally { sh 'clean' } }",
        "echo \"${['a', env.BRANCH_NAME].contains('b') ? new Date() : 1}\"",
        "def n = 0; retry(2) { n++; sh \"make ${n}\" }",  # each attempt does something else
        "while (true) { sh 'make' }",
        "withCredentials([string(credentialsId: 'c', variable: 'COLOUR')]) { sh \"make ${COLOUR}\" }",
        "input 'go on?'",
        "currentBuild.result = 'UNSTABLE'",
    ],
)  # fmt: skip
def test_a_script_that_hangs_on_the_run_stays_a_program(body: str) -> None:
    assert flat(steps(body)) == ["WithEnv", "Program"]


def test_what_a_script_leaves_in_one_trial_is_not_there_in_the_next() -> None:
    text = FILE.format(body='def x = [1]; x << 2; sh "make ${x.size()} ${tag}"')
    assert authored(text, "Jenkinsfile").stages == authored(text, "Jenkinsfile").stages


SHARED = """\
def first = 'one'
pipeline {{
    agent any
    environment {{ GIVEN = "${{first}}" }}
    stages {{
        stage('Sets') {{
            {when}
            steps {{
                script {{ version = '1.2'; first = 'two' }}
                echo "same $version"
            }}
            post {{ always {{ script {{ {post} }} }} }}
        }}
        stage('Reads') {{
            steps {{ sh "next $version $first $GIVEN"; echo "of the run ${{env.version}}" }}
            post {{ always {{ echo "end $version" }} }}
        }}
    }}
}}
"""


def said_by(when: str = "", post: str = "echo 'done'") -> list[list[str]]:
    stages = authored(SHARED.format(when=when, post=post), "Jenkinsfile").stages
    ends = [tuple(step for block in one.finally_ for step in block.steps) for one in stages]
    return [flat((*one.steps, *end)) for one, end in zip(stages, ends, strict=True)]


def test_what_a_script_has_set_is_read_by_its_name_outside_of_scripts() -> None:
    sets, reads = said_by()
    assert "same 1.2" in sets
    assert {"next 1.2 two one", "end 1.2"} <= {*reads}
    assert any("of the run ${version-null}" in one for one in reads)  # it is none of the environment


@pytest.mark.parametrize(
    ("when", "post"),
    [
        ("when { branch 'main' }", "echo 'done'"),  # whether it has set it hangs on the run
        ("", "first = 'three'"),
        ("", "env.version = '3'"),
    ],
)
def test_what_is_not_sure_to_be_set_stays_with_the_program(when: str, post: str) -> None:
    sets, reads = said_by(when, post)
    assert "Program" in sets
    assert not any("nothing sets it" in one for one in (*sets, *reads))
