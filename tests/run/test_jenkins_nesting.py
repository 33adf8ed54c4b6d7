"""Stages within stages of a Jenkinsfile: one after the other, at the same time, and the cells of a matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, RunResult

pytestmark = pytest.mark.slow


def run(tmp_path: Path, stages: str, **fields: object) -> tuple[Project, RunResult]:
    for name in ("files", "home"):
        (tmp_path / name).mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("commit.txt", "from the commit\n")
    pipeline, findings = parse(f"pipeline {{ agent any\n stages {{ {stages} }} }}", "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    return project, project.run(*pipeline.stages, dialect="jenkins", **fields)


def said(project: Project, stage: str) -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


def statuses(result: RunResult) -> dict[str, str]:
    return {name: one.status for name, one in result.outcomes.items()}


NESTED = """stage('Build') {
    environment { LEVEL = 'outer'; KEPT = 'yes' }
    stages {
        stage('Compile') { steps { sh 'echo $LEVEL $KEPT; echo compiled > out' } }
        stage('Link') { environment { LEVEL = 'inner' }
            steps { sh 'echo $LEVEL $KEPT; cat out; %s' } }
        stage('Strip') { steps { echo 'strip' } }
    }
    post { always { echo 'post always' }
        success { echo 'post success' }
        failure { echo 'post failure' } }
}
stage('After') { steps { echo 'after' } }"""


def test_stages_within_a_stage_run_in_order_with_what_it_has(tmp_path: Path) -> None:
    project, result = run(tmp_path, NESTED % "true")
    assert list(statuses(result).items()) == [
        (name, "succeeded") for name in ("Compile", "Link", "Strip", "Build", "After")
    ]
    assert said(project, "Compile") == ["outer yes"]
    assert said(project, "Link") == ["inner yes", "compiled"]
    assert said(project, "Build") == ["post always", "post success"]


def test_what_comes_after_the_stages_runs_also_when_one_of_them_fails(tmp_path: Path) -> None:
    project, result = run(tmp_path, NESTED % "exit 3")
    assert statuses(result) == {
        "Compile": "succeeded",
        "Link": "failed",
        "Strip": "skipped",
        "Build": "succeeded",
        "After": "skipped",
    }
    assert said(project, "Build") == ["post always", "post failure"]


def test_nothing_comes_after_stages_that_were_never_begun(tmp_path: Path) -> None:
    project, result = run(tmp_path, "stage('First') { steps { sh 'exit 1' } }\n" + NESTED % "true")
    assert set(statuses(result).values()) == {"failed", "skipped"}
    assert said(project, "Build") == []


def test_a_condition_of_the_outer_stage_holds_for_all_within(tmp_path: Path) -> None:
    stages = """stage('Outer') { when { branch 'release' }
        stages { stage('A') { steps { echo 'a' } }
                 stage('B') { when { branch 'main' }
                     steps { echo 'b' } } }
        post { always { echo 'post' } } }
    stage('After') { steps { echo 'after' } }"""
    _, result = run(tmp_path, stages)
    assert statuses(result) == {"A": "skipped", "B": "skipped", "Outer": "skipped", "After": "succeeded"}


PARALLEL = """stage('Prepare') { steps { sh 'echo ready > ready' } }
stage('Tests') { parallel {
    stage('One') { steps { sh 'cat ready; touch one; %s' }
        post { always { echo 'post one' } } }
    stage('Two') { stages {
        stage('Two A') { steps { sh 'touch two; %s' } }
        stage('Two B') { steps { echo 'two b' } } } }
} }
stage('After') { steps { sh 'ls' } }"""


def test_branches_run_at_the_same_time_in_the_workspace_of_the_others(tmp_path: Path) -> None:
    meet = "for i in $(seq 1200); do test -e {} && exit 0; sleep 0.1; done; exit 1"
    project, result = run(tmp_path, PARALLEL % (meet.format("two"), meet.format("one")), jobs=2)
    assert set(statuses(result).values()) == {"succeeded"}
    assert said(project, "One") == ["ready", "post one"]
    assert said(project, "After") == ["commit.txt", "one", "ready", "two"]


def test_a_branch_that_fails_lets_the_others_end_and_stops_what_follows(tmp_path: Path) -> None:
    project, result = run(tmp_path, PARALLEL % ("exit 1", "true"))
    assert statuses(result) == {
        "Prepare": "succeeded",
        "One": "failed",
        "Two A": "succeeded",
        "Two B": "succeeded",
        "After": "skipped",
    }
    assert said(project, "One")[-1] == "post one"


def test_a_branch_with_an_agent_of_its_own_has_the_commit_and_gets_the_rest_by_a_stash(
    tmp_path: Path,
) -> None:
    stages = """stage('Make') { steps {
        sh 'echo made > made; echo x > commit.txt'
        stash name: 'm', includes: 'made'
    } }
    stage('Tests') { parallel {
        stage('Here') { steps { sh 'cat commit.txt; ls' } }
        stage('There') { agent any
            steps { sh 'cat commit.txt; ls'; unstash 'm'; sh 'cat made' } }
    } }"""
    project, result = run(tmp_path, stages)
    assert result.status == "succeeded"
    assert said(project, "Here") == ["x", "commit.txt", "made"]
    assert said(project, "There") == ["from the commit", "commit.txt", "made"]


MATRIX = """stage('All') { matrix {
    axes {
        axis { name 'OS'; values 'linux', 'mac' }
        axis { name 'PY'; values '3.11', '3.12' }
    }
    excludes { exclude { axis { name 'OS'; values 'mac' }
                         axis { name 'PY'; notValues '3.12' } } }
    environment { TAG = "${OS}-${PY}" }
    stages {
        stage('Build') { steps { sh 'echo $OS $PY' } }
        stage('Test') { when { environment name: 'OS', value: 'linux' }
            steps { echo "test ${TAG}" } }
    }
    post { always { echo "over ${OS}" } }
} }
stage('After') { steps { echo 'after' } }"""


def test_a_matrix_is_a_branch_for_each_cell_that_is_not_excluded(tmp_path: Path) -> None:
    project, result = run(tmp_path, MATRIX)
    assert result.status == "succeeded"
    cells = ["OS=linux, PY=3.11", "OS=linux, PY=3.12", "OS=mac, PY=3.12"]
    assert {name for name in statuses(result) if name.startswith("Build")} == {
        f"Build ({one})" for one in cells
    }
    assert said(project, "Build (OS=mac, PY=3.12)") == ["mac 3.12"]
    assert said(project, "Test (OS=linux, PY=3.12)") == ["test linux-3.12"]
    assert statuses(result)["Test (OS=mac, PY=3.12)"] == "skipped"
    assert said(project, "Matrix - OS = 'linux', PY = '3.11'") == ["over linux"]
    assert statuses(result)["After"] == "succeeded"


def test_stages_of_one_name_are_told_apart_by_where_they_are(tmp_path: Path) -> None:
    stages = """stage('A') { stages { stage('Test') { steps { echo 'a' } } } }
    stage('B') { stages { stage('Test') { steps { echo 'b' } } } }"""
    project, result = run(tmp_path, stages)
    assert list(statuses(result)) == ["A / Test", "B / Test"]
    assert said(project, "B / Test") == ["b"]


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ("matrix { stages { stage('x') { steps { echo 'x' } } } }", 'Missing required section "axes"'),
        ("matrix { axes { axis { name 'A'; values 'b' } } }", 'Missing required section "stages"'),
        (
            "matrix { axes { axis { name 'A' } }\n stages { stage('x') { steps { echo 'x' } } } }",
            "an axis needs a name and values",
        ),
        ("parallel { }", "No stages specified"),
    ],
)
def test_what_cannot_be_read_is_a_finding(stage: str, message: str) -> None:
    _, findings = parse(f"pipeline {{ agent any\n stages {{ stage('a') {{ {stage} }} }} }}", "Jenkinsfile")
    assert any(one.message.startswith(message) for one in findings if one.severity == "error"), findings
