"""What the options of a Jenkinsfile ask of many stages: limits, attempts, and the end of other branches."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, RunResult, new, statuses

pytestmark = pytest.mark.slow


def run(tmp_path: Path, text: str) -> tuple[Project, RunResult]:
    project = new(tmp_path)
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not findings
    request = project.request(*pipeline.stages, finally_=pipeline.finally_, dialect="jenkins", jobs=4)
    request = request._replace(pipeline=request.pipeline._replace(attempts=pipeline.attempts))
    from seatrial.run.runner import run as run_it

    try:
        return project, run_it(request, project.events.append)
    finally:
        request.journal.close()


def said(project: Project, stage: str) -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


COUNTED = "echo x >> tries; echo attempt $(wc -l < tries); test $(wc -l < tries) -ge 3"


def test_a_pipeline_is_tried_again_with_all_its_stages_and_its_post(tmp_path: Path) -> None:
    text = f"""pipeline {{
        agent any
        options {{ retry(4) }}
        stages {{
            stage('one') {{ steps {{ echo 'one' }} }}
            stage('two') {{ steps {{ sh '{COUNTED}' }} }}
            stage('three') {{ steps {{ echo 'three' }} }}
        }}
        post {{ always {{ echo 'end' }} }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded"
    assert said(project, "one") == ["one"] * 3
    assert said(project, "two") == ["attempt 1", "attempt 2", "attempt 3"]
    assert said(project, "three") == ["three"]
    assert said(project, "finally") == ["end"] * 3


def test_stages_in_a_stage_are_tried_again_together(tmp_path: Path) -> None:
    text = f"""pipeline {{
        agent any
        stages {{
            stage('before') {{ steps {{ echo 'before' }} }}
            stage('group') {{
                options {{ retry(3) }}
                stages {{
                    stage('one') {{ steps {{ echo 'one' }} }}
                    stage('two') {{ steps {{ sh '{COUNTED}' }} }}
                    stage('three') {{ steps {{ echo 'three' }} }}
                }}
                post {{ always {{ echo 'of group' }} }}
            }}
            stage('after') {{ steps {{ echo 'after' }} }}
        }}
    }}"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded"
    assert said(project, "before") == ["before"]
    assert said(project, "one") == ["one"] * 3
    assert said(project, "three") == ["three"]
    assert said(project, "group") == ["of group"] * 3
    assert said(project, "after") == ["after"]


def test_attempts_in_a_stage_end(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        stages { stage('group') {
            options { retry(2) }
            stages { stage('one') { steps { sh 'echo tried; exit 1' } } }
        } }
    }"""
    project, result = run(tmp_path, text)
    assert result.status == "failed"
    assert said(project, "one") == ["tried", "tried"]


def test_a_limit_counts_for_all_stages_of_the_pipeline(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        options { timeout(time: 1, unit: 'SECONDS') }
        stages {
            stage('one') { steps { sh 'sleep 0.7' } }
            stage('two') { steps { sh 'sleep 600' } }
            stage('three') { steps { echo 'never' } }
        }
        post {
            aborted { echo 'aborted' }
            failure { echo 'failure' }
        }
    }"""
    project, result = run(tmp_path, text)
    assert result.status == "cancelled"
    assert statuses(result)["three"] == "skipped"
    assert result.seconds < 300
    assert said(project, "finally") == ["aborted"]


def test_a_limit_of_a_stage_counts_for_all_that_is_in_it(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        stages {
            stage('before') { steps { sh 'sleep 0.6' } }
            stage('group') {
                options { timeout(time: %d, unit: 'SECONDS') }
                stages {
                    stage('one') { steps { sh 'sleep 0.1' } }
                    stage('two') { steps { sh 'sleep 600' } }
                }
                post { aborted { echo 'aborted' } }
            }
        }
    }"""
    for seconds in (1, 10, 100):  # the longer ones where this machine is too busy for the first stage
        project, result = run(tmp_path, text % seconds)
        if statuses(result)["one"] == "succeeded":
            break
    assert statuses(result)["one"] == "succeeded"
    assert statuses(result)["two"] == "cancelled"
    assert said(project, "group") == ["aborted"]


BRANCHES = """pipeline {
    agent any
    %s
    stages {
        stage('all') {
            %s
            parallel {
                stage('bad') { steps { sh 'until test -e begun; do sleep 0.05; done; exit 1' }
                               post { failure { echo 'bad failed' } } }
                stage('slow') {
                    stages {
                        stage('slow one') { steps { sh 'echo begun; touch begun; sleep 600; echo never' }
                                            post { aborted { echo 'one aborted' }
                                                   failure { echo 'one failed' } } }
                        stage('slow two') { steps { echo 'never' } }
                    }
                    post { always { echo 'slow over' } }
                }
            }
            post { failure { echo 'all failed' } }
        }
        stage('last') { steps { echo 'never' } }
    }
}"""


def test_other_branches_end_with_the_first_failure(tmp_path: Path) -> None:
    for number, words in enumerate([("", "failFast true"), ("options { parallelsAlwaysFailFast() }", "")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        project, result = run(folder, BRANCHES % words)
        assert result.status == "failed" and result.exit_code == 1
        assert result.seconds < 300
        found = statuses(result)
        assert (found["slow one"], found["slow two"], found["last"]) == ("cancelled", "skipped", "skipped")
        assert said(project, "slow one") == ["begun", "one aborted"]
        assert said(project, "slow") == ["slow over"]
        assert said(project, "bad")[-1] == "bad failed"
        assert said(project, "all") == ["all failed"]


def test_a_condition_of_a_branch_is_not_about_what_another_has_failed_of(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        stages { stage('all') { parallel {
            stage('bad') { steps { sh 'exit 1' } }
            stage('good') { steps { sh 'sleep 0.8' }
                            post { success { echo 'good' }
                                   failure { echo 'bad' } } }
        } } }
    }"""
    project, result = run(tmp_path, text)
    assert result.status == "failed"
    assert said(project, "good") == ["good"]


def test_a_workspace_begins_without_the_commit_where_the_file_says_so(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        options { skipDefaultCheckout() }
        stages {
            stage('one') { steps { sh 'set +x; ls | wc -l'; checkout scm; sh 'ls' } }
            stage('two') { steps { sh 'ls' } }
        }
        post { always { sh 'ls' } }
    }"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded"
    assert said(project, "one") == ["0", "seatrial.yaml"]
    assert said(project, "two") == said(project, "finally") == ["seatrial.yaml"]


def test_the_commit_lies_in_a_folder_where_the_file_says_so(tmp_path: Path) -> None:
    text = """def folder() { return 'sub' }
    pipeline {
        agent any
        options { checkoutToSubdirectory("${folder()}/dir") }
        stages { stage('one') { steps { sh 'find . -name .git -prune -o -type f -print' } } }
    }"""
    project, _ = run(tmp_path, text)
    assert said(project, "one") == ["./sub/dir/seatrial.yaml"]


def test_a_stage_with_an_agent_brings_the_commit_unless_it_says_otherwise(tmp_path: Path) -> None:
    text = """pipeline {
        agent none
        stages {
            stage('one') { agent any
                           options { skipDefaultCheckout(true) }
                           steps { sh 'set +x; ls | wc -l' } }
            stage('two') { agent any
                           steps { sh 'ls' } }
        }
    }"""
    project, _ = run(tmp_path, text)
    assert said(project, "one") == ["0"]
    assert said(project, "two") == ["seatrial.yaml"]


def test_what_a_script_sees_of_the_result(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        stages {
            stage('one') {
                steps { script {
                    echo "${currentBuild.result} ${currentBuild.currentResult}"
                    unstable 'hm'
                    echo "${currentBuild.result} ${currentBuild.currentResult}"
                } }
                post { always { echo "${currentBuild.result}" } }
            }
            stage('two') { steps { script { currentBuild.result = 'aborted' } } }
            stage('three') { steps { echo "${currentBuild.currentResult}" } }
        }
        post { aborted { echo "end ${currentBuild.result}" } }
    }"""
    project, result = run(tmp_path, text)
    assert result.status == "cancelled"
    assert said(project, "one") == ["null SUCCESS", "hm", "UNSTABLE UNSTABLE", "UNSTABLE"]
    assert said(project, "three") == ["ABORTED"]
    assert said(project, "finally") == ["end ABORTED"]


def test_the_words_of_a_limit_may_be_variables_of_what_is_around(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        environment { UNIT = 'SECONDS'; LONG = '20'; SHORT = '1' }
        options { timeout(time: "${LONG}", unit: "${UNIT}") }
        stages { stage('s') {
            options { timeout(time: env.SHORT as Integer, unit: UNIT) }
            steps { sh 'sleep 15' }
        } }
        post { aborted { echo 'it was aborted' } }
    }"""
    project, result = run(tmp_path, text)
    assert result.status == "cancelled"
    assert said(project, "finally") == ["it was aborted"]


def test_a_time_that_only_the_run_can_tell_ends_the_stage(tmp_path: Path) -> None:
    text = """def TIME = env.JOB_NAME == 'shop' ? 1 : 60
pipeline { agent any
    stages {
        stage('over') {
            options { timeout(time: TIME, unit: 'SECONDS') }
            steps { catchError { sh 'sleep 30' }; echo 'on' }
            post { always { echo 'post' } }
        }
        stage('within') {
            options { timeout(time: env.NOPE ?: TIME, unit: 'HOURS') }
            steps { echo 'on' }
        }
        stage('odd') {
            options { timeout(time: env.JOB_NAME) }
            steps { echo 'never' }
        }
    }
}"""
    for name in ("files", "home"):
        (tmp_path / name).mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    stages = tuple(one._replace(needs=()) for one in pipeline.stages)
    result = project.run(*stages, dialect="jenkins")
    statuses = {name: result.outcomes[name].status for name in ("over", "within", "odd")}
    assert statuses == {"over": "cancelled", "within": "succeeded", "odd": "failed"}
    assert "post" in project.log("over")
    assert result.outcomes["odd"].message == "timeout: shop is no whole number"
    assert "never" not in project.log("odd")


def test_the_time_of_stages_in_a_stage_is_known_before() -> None:
    inner = "stages { stage('b') { steps { echo 'x' } } }"
    stage = f"options {{ timeout(time: env.T) }}\n {inner}"
    text = f"pipeline {{ agent any; stages {{ stage('a') {{ {stage} }} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    assert [one.message for one in findings] == ["only the run can tell this time"]
