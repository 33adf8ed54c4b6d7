"""`seatrial run --skip-unknown`: a Jenkinsfile with steps of plugins that nothing here has."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from seatrial.errors import BAD_INPUT, PASSED, STAGE_FAILED
from tests.cli.terminal import seatrial
from tests.conftest import Repository

JENKINSFILE = """pipeline { agent any
    stages { stage('Build') { steps {
        tellTheOthers channel: '#ci', message: 'begins'
        withKubeConfig('sonar') { sh 'echo inside' }
        frobnicate 'x'
        script { publishThings(a: 1); wrapAll { echo 'in a script' } }
        sh 'echo after'
    } } }
}
"""


def test_unknown_steps_are_errors_and_with_the_flag_recorded_skips(
    home: object, repository: Callable[..., Repository]
) -> None:
    made = repository()
    made.write("Jenkinsfile", JENKINSFILE)
    made.commit("first")
    refused = seatrial("run", "--yes", folder=made.folder)
    assert refused.code == BAD_INPUT
    assert "5 errors" in refused.err
    assert "--skip-unknown" in refused.err
    passed = seatrial("run", "--yes", "--skip-unknown", folder=made.folder)
    assert passed.code == PASSED, passed.err
    names = ("tellTheOthers", "withKubeConfig", "frobnicate", "publishThings", "wrapAll")
    assert [name for name in names if f"skipped: the step '{name}' is not known here" in passed.out] == list(
        names
    )
    record = json.loads(seatrial("run", "--yes", "--skip-unknown", "--json", folder=made.folder).out)
    assert record["stages"][0]["status"] == "succeeded"
    for line in ("inside", "in a script", "after"):
        assert line in passed.out


@pytest.mark.parametrize(
    "step", ["waitForQualityGate abortPipeline: true", "build 'other'", "script { build 'other' }"]
)
def test_a_run_that_passes_over_what_decides_elsewhere_is_unstable(
    home: object, repository: Callable[..., Repository], step: str
) -> None:
    made = repository()
    made.write(
        "Jenkinsfile",
        f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {step}; sh 'pwd' }} }} }} }}",
    )
    made.commit("first")
    assert seatrial("run", "--yes", folder=made.folder).code == BAD_INPUT
    ended = seatrial("run", "--yes", "--skip-unknown", "--json", folder=made.folder)
    assert ended.code == STAGE_FAILED
    stage = json.loads(ended.out)["stages"][0]
    assert stage["status"] == "unstable"
    assert "is not known here" in stage["message"]


@pytest.mark.parametrize("step", ["container('x') { sh 'inside' }", "libraryResource 'deploy.sh'"])
def test_what_says_what_to_do_or_where_is_never_passed_over(
    home: object, repository: Callable[..., Repository], step: str
) -> None:
    made = repository()
    made.write("Jenkinsfile", f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {step} }} }} }} }}")
    made.commit("first")
    ended = seatrial("run", "--yes", "--skip-unknown", folder=made.folder)
    assert ended.code == BAD_INPUT
    assert "is not supported" in ended.err


@pytest.mark.parametrize(
    "step", ["sh 'make'; input 'Deploy?'; sh 'deploy'", "bat 'make'", "script { input 'x' }"]
)
def test_nor_is_what_asks_or_what_only_another_system_runs(
    home: object, repository: Callable[..., Repository], step: str
) -> None:
    made = repository()
    made.write("Jenkinsfile", f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {step} }} }} }} }}")
    made.write("make", "")
    made.commit("first")
    ended = seatrial("run", "--yes", "--skip-unknown", folder=made.folder)
    assert ended.code == STAGE_FAILED
    assert "deploy" not in ended.out.partition("Deploy?")[2].partition("failed")[0]
