"""`seatrial run --skip-unknown`: a Jenkinsfile with steps of plugins that nothing here has."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from seatrial.errors import BAD_INPUT, PASSED, STAGE_FAILED
from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize("step", ["build 'other'", "script { build 'other' }"])
def test_a_run_that_passes_over_a_job_whose_file_it_does_not_know_is_unstable(
    home: object, repository: Callable[..., Repository], step: str
) -> None:
    made = repository()
    made.write(
        "Jenkinsfile",
        f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {step}; sh 'pwd' }} }} }} }}",
    )
    made.commit("first")
    assert seatrial("run", "--yes", folder=made.folder).code == STAGE_FAILED
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


LIBRARY = """@Library('ours') import ours.Tool
pipeline { agent any
    options { notifyAll('#ci') }
    stages { stage('a') { steps { script {
        def pool = getPool()
        pool.agents[0].prepare(x: 1)
        def tool = new Tool(this)
        tool.install()
        if (pool.isLarge()) { echo 'large' }
        release.promote('x') { sh 'echo inside' }
        pool.nodes.each { sh 'exit 3' }
        for (one in pool.nodes) { sh 'exit 3' }
        echo "version ${pool.version}, ${pool == null}"
    } } } }
}
"""


def test_the_objects_of_a_library_that_is_passed_over_are_passed_over_with_it(
    home: object, repository: Callable[..., Repository]
) -> None:
    made = repository()
    made.write("Jenkinsfile", LIBRARY)
    made.commit("first")
    refused = seatrial("run", "--yes", folder=made.folder)
    assert refused.code == BAD_INPUT
    assert "the method 'release.promote' is not supported" in refused.err
    assert "'new Tool' is not supported" in refused.err
    ended = seatrial("run", "--yes", "--skip-unknown", folder=made.folder)
    assert ended.code == STAGE_FAILED, ended.err  # a library does work elsewhere: the run is unstable
    told = [line.partition("skipped: ")[2] for line in ended.out.splitlines() if "skipped: the" in line]
    methods = ("getPool.agents.0.prepare", "Tool.install", "getPool.isLarge", "release.promote")
    named = [
        "step 'library'",
        "option 'notifyAll'",
        "step 'getPool'",
        *(f"method '{one}'" for one in methods),
    ]
    told = [one for one in dict.fromkeys(told) if one]
    assert told == [f"the {one} is not known here" for one in (*named, "method 'getPool.nodes.each'")]
    for line in ("inside", "version null, true"):
        assert line in ended.out
    assert "large" not in ended.out.replace("isLarge", "") and "exit 3" not in ended.out


@pytest.mark.parametrize(
    "line",
    [
        "Thread.currentThread().sleep(1)",
        "Jenkins.instance.getItem('x')",
        "new java.io.Rocket('x')",
        "currentBuild.rawBuild.project",
        "new hudson.model.Thing()",
        "Elsewhere.go()",
    ],
)
def test_what_java_and_jenkins_have_is_not_passed_over_with_a_library(
    home: object, repository: Callable[..., Repository], line: str
) -> None:
    made = repository()
    made.write(
        "Jenkinsfile",
        "@Library('ours') _\npipeline { agent any\n stages { stage('a') { steps { script { "
        f"{line} }} }} }} }} }}",
    )
    made.commit("first")
    ended = seatrial("run", "--yes", "--skip-unknown", folder=made.folder)
    assert ended.code == BAD_INPUT
    assert "is not supported" in ended.err


def test_what_the_file_has_is_not_taken_for_what_a_library_has(
    home: object, repository: Callable[..., Repository]
) -> None:
    made = repository()
    script = "def text = 'x'; try { text.frob() } catch (e) { echo \"caught ${e.message}\" }"
    made.write(
        "Jenkinsfile",
        "@Library('ours') _\npipeline { agent any\n stages { stage('a') { steps { script { "
        f"{script} }} }} }} }} }}",
    )
    made.commit("first")
    ended = seatrial("run", "--yes", "--skip-unknown", folder=made.folder)
    assert "caught No signature of method: java.lang.String.frob()" in ended.out
