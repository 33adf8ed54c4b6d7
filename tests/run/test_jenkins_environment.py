"""`environment { }` of a Jenkinsfile: its values may be any Groovy; each block is evaluated once a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, new

pytestmark = pytest.mark.slow


def run(tmp_path: Path, text: str) -> Project:
    project = new(tmp_path)
    project.write("version.txt", "1.2\n")
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    result = project.run(*pipeline.stages, finally_=pipeline.finally_, dialect="jenkins")
    assert result.status == "succeeded"
    return project


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("sh(returnStdout: true, script: 'cat version.txt').trim()", "1.2"),
        ("readFile('version.txt').trim()", "1.2"),
        ("currentBuild.getNumber()", "1"),
        ('"${currentBuild.number}"', "1"),
        ("name('x')", "<x>"),
        ('"${outside}/${name(FIRST)}"', "free/<one>"),
        ("\"${FIRST.replaceAll('[o]', '0')}\"", "0ne"),
        ('"${NOT_THERE}"', "null"),
        ("\"${V ?: 'default'}\"", "default"),
        ('"${[FIRST, 2]}"', "[one, 2]"),
    ],
)
def test_a_value_may_be_any_groovy(tmp_path: Path, value: str, said: str) -> None:
    text = f"""def outside = 'free'
        def name(x) {{ return "<${{x}}>" }}
        pipeline {{
            agent any
            environment {{
                V = {value}
                FIRST = 'one'
            }}
            stages {{ stage('s') {{ steps {{ sh 'echo "V=$V"' }} }} }}
        }}"""
    assert f"V={said}" in run(tmp_path, text).log("s").splitlines()


COUNTED = """pipeline {
    agent any
    environment {
        OUTER = sh(returnStdout: true, script: 'echo x >> ../outer; wc -l < ../outer').trim()
    }
    stages {
        stage('a') {
            environment {
                INNER = sh(returnStdout: true, script: 'echo x >> ../inner; wc -l < ../inner').trim()
                BOTH = "${OUTER}-${INNER}"
            }
            steps {
                sh 'echo a $OUTER $INNER $BOTH'
                dir('sub') { echo "in sub ${OUTER} ${INNER}" }
            }
            post { always { echo "post ${OUTER} ${INNER}" } }
        }
        stage('b') { steps { echo "b ${OUTER} ${env.INNER}" } }
    }
    post { always { echo "end ${OUTER}" } }
}"""


def test_a_block_is_evaluated_once_a_run(tmp_path: Path) -> None:
    project = run(tmp_path, COUNTED)
    said = [line for line in project.log("a").splitlines() if not line.startswith("+ ")]
    assert said == ["a 1 1 1-1", "in sub 1 1", "post 1 1"]
    assert project.log("b") == "b 1 null"
    assert project.log("finally") == "end 1"


def test_cells_of_a_matrix_have_values_of_their_own(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        stages { stage('all') { matrix {
            axes { axis { name 'OS'
                          values 'linux', 'mac' } }
            environment { SAID = sh(returnStdout: true, script: 'echo "on $OS"').trim() }
            stages { stage('say') { steps { echo "${SAID}" } } }
        } } }
    }"""
    project = run(tmp_path, text)
    assert project.log("say (OS=linux)").splitlines()[-1] == "on linux"
    assert project.log("say (OS=mac)").splitlines()[-1] == "on mac"


def test_what_fails_in_a_value_fails_the_stage(tmp_path: Path) -> None:
    text = """pipeline {
        agent any
        environment { V = sh(returnStdout: true, script: 'exit 3') }
        stages { stage('s') { steps { echo 'never' } } }
    }"""
    project = new(tmp_path)
    result = project.run(*parse(text, "Jenkinsfile")[0].stages, dialect="jenkins")
    assert result.outcomes["s"].status == "failed"
    assert "never" not in project.log("s").splitlines()


ASSIGNED = """pipeline {
    agent any
    environment { OF_FILE = 'declared' }
    stages {
        stage('a') {
            steps {
                script {
                    env.FREE = 'first'
                    env.OF_FILE = 'assigned'
                    withEnv(['FREE=block']) {
                        env.FREE = 'second'
                        echo "inside ${env.FREE}"
                        sh 'echo "shell $FREE"'
                    }
                    echo "after ${env.FREE} ${env.OF_FILE}"
                }
                withEnv(['FREE=plain']) { sh 'echo "plain $FREE"' }
                sh 'echo "stage $FREE $OF_FILE"'
            }
        }
        stage('b') {
            environment { FREE = 'inner' }
            steps { sh 'echo "b $FREE"' }
        }
    }
    post { always { sh 'echo "end $FREE $OF_FILE"' } }
}"""


def test_what_a_block_or_the_file_declares_lies_over_what_scripts_assign(tmp_path: Path) -> None:
    project = run(tmp_path, ASSIGNED)
    said = [line for line in project.log("a").splitlines() if not line.startswith("+ ")]
    assert said == [
        "inside block",
        "shell block",
        "after second declared",
        "plain plain",
        "stage second declared",
    ]
    assert project.log("b").splitlines()[-1] == "b inner"
    assert project.log("finally").splitlines()[-1] == "end second declared"


NOT_BEGUN = """pipeline {
    agent any
    stages {
        stage('s') {
            %s
            steps { echo 'never' }
            post { always { echo 'after s' } }
        }
    }
    post { failure { echo 'at the end' } }
}"""


@pytest.mark.parametrize(
    "before",
    [
        "environment { V = sh(returnStdout: true, script: 'exit 3') }",
        "environment { V = nothing.here() }",
        'environment { V = "${NOT_THERE?.trim()}" }',
        "when { expression { null.length() > 1 } }",
    ],
)
def test_what_fails_before_the_steps_keeps_their_post_from_running(tmp_path: Path, before: str) -> None:
    project = new(tmp_path)
    pipeline, _ = parse(NOT_BEGUN % before, "Jenkinsfile")
    result = project.run(*pipeline.stages, finally_=pipeline.finally_, dialect="jenkins")
    assert result.outcomes["s"].status == "failed"
    assert not {"never", "after s"} & set(project.log("s").splitlines())
    assert project.log("finally") == "at the end"


HELD = """pipeline {
    agent any
    environment { ROOT = sh(returnStdout: true, script: 'echo root >> count; exit %s') }
    stages {
        stage('all') {
            environment { V = %s }
            %s { stage('one') {
                steps { echo 'never' }
                post { always { echo 'after one' } }
            } }
            post { always { echo 'after all' } }
        }
    }
    post { failure { sh 'cat count' } }
}"""
FAILING = "sh(returnStdout: true, script: 'echo inner >> count; exit 3')"


@pytest.mark.parametrize(
    ("root", "inner", "kind", "said"),
    [
        (0, FAILING, "stages", ""),
        (0, FAILING, "parallel", "after all"),
        (4, FAILING, "stages", ""),
        (4, FAILING, "parallel", ""),
        (0, "credentials('none')", "stages", ""),
        (0, "credentials('none')", "parallel", "after all"),
    ],
)
def test_the_post_of_stages_in_a_stage_is_held_by_what_holds_them(
    tmp_path: Path, root: int, inner: str, kind: str, said: str
) -> None:
    project = new(tmp_path)
    pipeline, _ = parse(HELD % (root, inner, kind), "Jenkinsfile")
    result = project.run(*pipeline.stages, finally_=pipeline.finally_, dialect="jenkins")
    assert result.status in ("failed", "errored")
    logs = (project.log(name).splitlines() for name in ("one", "all", "finally"))
    shown = [[line for line in log if not line.startswith("+ ")] for log in logs]
    evaluated = ["root"] if root or inner != FAILING else ["root", "inner"]
    assert shown == [[], [said] if said else [], evaluated]


def test_the_post_of_branches_has_nothing_of_their_environment(tmp_path: Path) -> None:
    text = """pipeline { agent any; stages { stage('all') {
        environment { V = 'inner' }
        parallel { stage('one') { steps { echo "V ${env.V}" } } }
        post { always { echo "after ${env.V}" } }
    } } }"""
    project = run(tmp_path, text)
    assert (project.log("one"), project.log("all")) == ("V inner", "after null")


def test_a_question_mark_before_a_point_is_noted_where_jenkins_passes_it_over() -> None:
    text = """pipeline { agent any; environment { V = "${X?.trim()}" }
        stages { stage('s') { steps { echo "${X?.trim()}" } } } }"""
    notes = [one for one in parse(text, "Jenkinsfile")[1] if "?." in one.message]
    assert [(one.place.line, one.severity) for one in notes] == [(1, "note")]


def test_stage_name_is_that_of_the_file(tmp_path: Path) -> None:
    text = """pipeline { agent any
        stages { stage('m') { matrix { axes { axis { name 'PY'; values '3.10', '3.11' } }
            stages { stage('t') {
                when { expression { echo "when ${env.STAGE_NAME}"; true } }
                environment { WHERE = "in ${STAGE_NAME}" }
                steps { sh 'echo "sh $STAGE_NAME"'; echo "${WHERE} ${STAGE_NAME}"
                    script { echo env.STAGE_NAME } }
                post { always { echo "post ${env.STAGE_NAME}" } } } } } } }
        post { always { sh 'echo "$STAGE_NAME"'; echo "${env.STAGE_NAME}" } } }"""
    project = run(tmp_path, text)
    found = [line for line in project.log("t (PY=3.10)").splitlines() if not line.startswith("+ ")]
    assert found == ["sh t", "in t t", "t", "post t"]
    assert project.log("When t (PY=3.10)") == "when t"
    ends = [line for line in project.log("finally").splitlines() if not line.startswith("+ ")]
    assert ends == ["Declarative: Post Actions"] * 2
