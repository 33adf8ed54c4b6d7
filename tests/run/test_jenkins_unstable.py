"""What marks a run of a Jenkinsfile without ending it, what follows from that, and blocks of steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, RunResult

POST = "; ".join(
    f"{one} {{ echo 'post {one}' }}"
    for one in ("always", "success", "unsuccessful", "unstable", "failure", "aborted", "cleanup")
)


def run(tmp_path: Path, *stages: str, options: str = "") -> tuple[Project, RunResult]:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    written = "\n".join(f"stage('s{number}') {{ {stage} }}" for number, stage in enumerate(stages))
    pipeline, findings = parse(
        f"pipeline {{ agent any\n {options}\n stages {{ {written} }} }}", "Jenkinsfile"
    )
    assert not [one for one in findings if one.severity == "error"], findings
    return project, project.run(*pipeline.stages)


def said(project: Project, stage: str) -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


def statuses(result: RunResult) -> list[str]:
    return [one.status for one in result.outcomes.values()]


def test_what_is_unstable_goes_on_and_so_do_the_stages_after_it(tmp_path: Path) -> None:
    first = f"steps {{ unstable 'a test is flaky'; echo 'goes on' }}\n post {{ {POST} }}"
    project, result = run(tmp_path, first, f"steps {{ echo 'two' }}\n post {{ {POST} }}")
    assert statuses(result) == ["unstable", "succeeded"]
    assert (result.status, result.exit_code) == ("unstable", 1)
    posts = ["post always", "post unsuccessful", "post unstable", "post cleanup"]
    assert said(project, "s0") == ["a test is flaky", "goes on", *posts]
    assert said(project, "s1") == ["two", *posts], "a condition is held against the run so far"


def test_stages_after_an_unstable_one_are_left_out_where_the_file_says_so(tmp_path: Path) -> None:
    options = "options { skipStagesAfterUnstable() }"
    stages = ("steps { unstable 'x' }", "steps { echo 'two' }", "steps { echo 'three' }")
    _, result = run(tmp_path, *stages, options=options)
    assert statuses(result) == ["unstable", "skipped", "skipped"]
    assert result.outcomes["s1"].message == "it needs s0, which was unstable"


@pytest.mark.parametrize(
    ("arguments", "of_run", "of_stages"),
    [
        ("", "failed", ["failed", "succeeded"]),
        ("buildResult: 'UNSTABLE', stageResult: 'UNSTABLE'", "unstable", ["unstable", "succeeded"]),
        ("buildResult: 'SUCCESS', stageResult: 'FAILURE'", "succeeded", ["failed", "succeeded"]),
        ("buildResult: null, stageResult: null", "succeeded", ["succeeded", "succeeded"]),
        ("message: 'it broke', buildResult: 'SUCCESS'", "succeeded", ["succeeded", "succeeded"]),
    ],
)
def test_an_error_that_is_caught_marks_the_run_and_the_stage_as_said(
    tmp_path: Path, arguments: str, of_run: str, of_stages: list[str]
) -> None:
    first = f"steps {{ catchError({arguments}) {{ sh 'exit 7'; echo 'never' }}; echo 'goes on' }}"
    project, result = run(tmp_path, first, "steps { echo 'two' }")
    assert (result.status, statuses(result)) == (of_run, of_stages)
    log = said(project, "s0")
    assert "never" not in log
    assert log[-1] == "goes on"
    assert ("it broke: `exit 7` ended with exit code 7" in log) == ("it broke" in arguments)


def test_a_warning_of_an_error_is_unstable(tmp_path: Path) -> None:
    project, result = run(tmp_path, "steps { warnError('lint') { sh 'exit 1' }; echo 'goes on' }")
    assert (result.status, statuses(result)) == ("unstable", ["unstable"])
    assert said(project, "s0") == ["lint: `exit 1` ended with exit code 1", "goes on"]


def test_an_error_after_the_mark_fails_the_stage_and_the_rest_does_not_run(tmp_path: Path) -> None:
    project, result = run(
        tmp_path, f"steps {{ unstable 'x'; sh 'exit 1' }}\n post {{ {POST} }}", "steps {echo 'two'}"
    )
    assert (result.status, statuses(result)) == ("failed", ["failed", "skipped"])
    posts = ["post always", "post unsuccessful", "post failure", "post cleanup"]
    assert [line for line in said(project, "s0") if line.startswith("post")] == posts


def test_a_mark_in_post_counts_for_the_conditions_after_it(tmp_path: Path) -> None:
    post = "always { unstable 'late' }\n success { echo 'success' }\n unstable { echo 'unstable' }"
    project, result = run(tmp_path, f"steps {{ echo 'one' }}\n post {{ {post} }}")
    assert (result.status, said(project, "s0")) == ("unstable", ["one", "late", "unstable"])


@pytest.mark.parametrize(
    ("inside", "status", "goes_on"),
    [
        ("catchError { timeout(time: 100, unit: 'MILLISECONDS') { sh 'sleep 30' } }", "cancelled", True),
        (
            "catchError(catchInterruptions: false) "
            "{ timeout(time: 100, unit: 'MILLISECONDS') { sh 'sleep 30' } }",
            "cancelled",
            True,
        ),
        ("timeout(time: 100, unit: 'MILLISECONDS') { catchError { sh 'sleep 30' } }", "cancelled", True),
        (
            "timeout(time: 100, unit: 'MILLISECONDS') "
            "{ catchError(catchInterruptions: false) { sh 'sleep 30' } }",
            "failed",
            False,
        ),
        ("timeout(1) { timeout(time: 1, unit: 'HOURS') { sh 'true' } }", "succeeded", True),
    ],
)
def test_a_time_that_is_over_is_an_interruption(
    tmp_path: Path, inside: str, status: str, goes_on: bool
) -> None:
    project, result = run(tmp_path, f"steps {{ {inside}; echo 'goes on' }}\n post {{ {POST} }}")
    assert result.status == status
    log = said(project, "s0")
    assert ("goes on" in log) == goes_on
    assert ("post aborted" in log) == (status != "succeeded")


def test_variables_of_a_block_lie_over_those_of_the_environment_and_end_with_it(tmp_path: Path) -> None:
    stage = r"""environment { A = 'stage'; B = "${HOME}" }
    steps {
        withEnv(['A=block', 'C=more', 'PATH+TOOLS=/opt/tools']) {
            sh 'echo $A $C ${PATH%%:*}'
            echo "env: ${env.A} ${env.C}"
            withEnv(["A=${env.A} within"]) { sh 'echo $A'; dir('sub') { sh 'echo $A ${PWD##*/}' } }
            retry(2) { sh 'echo again $C' }
        }
        sh 'echo $A ${C:-none} ${PATH%%:*}'
    }
    post { always { withEnv(['A=post']) { sh 'echo $A' }; sh 'echo $A' } }"""
    project, result = run(tmp_path, stage)
    assert result.status == "succeeded"
    log = said(project, "s0")
    assert log[:5] == [
        "block more /opt/tools",
        "env: block more",
        "block within",
        "block within sub",
        "again more",
    ]
    assert log[5].startswith("stage none /")
    assert "tools" not in log[5]
    assert log[6:] == ["post", "stage"]


def test_blocks_that_change_nothing_run_what_they_hold(tmp_path: Path) -> None:
    inner = "milestone 1; timestamps { ansiColor('xterm') { lock('x') { echo 'inside'; sh 'exit 3' } } }"
    project, result = run(tmp_path, f"steps {{ {inner} }}")
    assert (result.status, said(project, "s0")) == ("failed", ["inside"])


def test_sleep_takes_its_time(tmp_path: Path) -> None:
    project, result = run(
        tmp_path, "steps { sh 'date +%s%N'; sleep(time: 300, unit: 'MILLISECONDS'); sh 'date +%s%N' }"
    )
    before, after = (int(line) for line in said(project, "s0"))
    assert result.status == "succeeded"
    assert after - before >= 300_000_000


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("catchError('x') { sh 'x' }", "catchError takes only arguments with a name"),
        ("catchError(buildResult: 'GOOD') { sh 'x' }", "catchError: a result is one of SUCCESS"),
        ("withEnv('A=1') { sh 'x' }", "withEnv: 'overrides' must be a list"),
        ("withEnv(['A']) { sh 'x' }", "withEnv: A is not NAME=value"),
        ("timeout('5') { sh 'x' }", "timeout: 'time' must be a number"),
        ("timeout(time: 5, unit: 'WEEKS') { sh 'x' }", "timeout: 5 WEEKS is no time"),
        ("timeout(5)", 'Expected a block with the "timeout" step'),
    ],
)
def test_what_cannot_be_meant_is_refused(step: str, message: str) -> None:
    _, findings = parse(
        f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {step} }} }} }} }}", "Jenkinsfile"
    )
    assert any(one.message.startswith(message) for one in findings if one.severity == "error"), findings
