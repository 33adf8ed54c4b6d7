# ruff: noqa: E501 - a script and what it says stand on one line
"""Code beside the pipeline block runs before it, once, and decides whether the pipeline begins at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from seatrial.pipeline.step import Mark
from tests.run.jenkins import run, said

FIRST = "Before the pipeline"
PIPELINE = """
pipeline { agent any
    stages { stage('s0') { steps { sh 'echo plain'; echo "kind ${kind}" } } }
    post { always { echo 'after' } } }
"""


def test_it_runs_before_all_stages_and_gives_them_variables(tmp_path: Path) -> None:
    beside = """
    kind = 'none'
    def told() { echo "told ${kind}" }
    if (env.BUILD_NUMBER) { kind = 'numbered' }
    script { told() }
    ['a', 'b'].each { echo it }
    """
    project, result = run(tmp_path, beside + PIPELINE)
    assert result.status == "succeeded"
    assert said(project, FIRST) == ["told numbered", "a", "b"]
    assert said(project, "s0") == ["plain", "kind numbered"]
    assert list(result.outcomes) == [FIRST, "s0", "finally"]


def test_where_it_fails_nothing_of_the_pipeline_runs_not_even_post(tmp_path: Path) -> None:
    _, result = run(tmp_path, "kind = 'x'\nif (kind == 'x') { error 'not today' }" + PIPELINE)
    assert result.status == "failed"
    assert {name: one.status for name, one in result.outcomes.items()} == {FIRST: "failed", "s0": "skipped"}
    assert "not today" in str(result.outcomes[FIRST])


def test_a_return_leaves_the_pipeline_out(tmp_path: Path) -> None:
    _, result = run(
        tmp_path, "kind = 'x'\nif (env.BUILD_NUMBER) { echo 'enough'; return }\nerror 'no'" + PIPELINE
    )
    assert {name: one.status for name, one in result.outcomes.items()} == {FIRST: "skipped", "s0": "skipped"}
    assert result.status == "succeeded"


def test_a_property_of_the_job_gives_parameters() -> None:
    text = """properties([buildDiscarder(logRotator(numToKeepStr: '2')), parameters([string(name: 'WHO', defaultValue: 'me'),
        booleanParam(name: 'DEEP', defaultValue: true)])])
    pipeline { agent any; stages { stage('a') { steps { echo "${params.WHO} ${DEEP}" } } } }"""
    pipeline, findings = parse(text, "Jenkinsfile")
    assert [(one.name, one.value) for one in pipeline.parameters] == [("WHO", "me"), ("DEEP", "true")]
    assert [one.message for one in findings] == ["'properties' has no effect here but for its parameters"]
    assert len(pipeline.stages) == 1


def test_what_only_the_run_can_tell_is_not_taken_for_known() -> None:
    """A variable has no value before the run where code that asks the run may give it another."""
    text = """def minutes = 5
    echo 'hello'
    if (env.SLOW) { minutes = 50 }
    pipeline { agent any; stages { stage('a') { options { timeout(MINUTES) } ; steps { echo 'x' } } } }"""
    known = parse(
        text.replace("MINUTES", "minutes").replace("if (env.SLOW) { minutes = 50 }", ""), "Jenkinsfile"
    )
    assert known[0].stages[-1].timeout_seconds == 300
    asked, _ = parse(text.replace("MINUTES", "minutes"), "Jenkinsfile")
    assert asked.stages[-1].timeout_seconds is None


@pytest.mark.parametrize("library", ["@Library('x') _", "library 'x@main'", "library(identifier: 'x@main', retriever: modernSCM([$class: 'G']))"])  # fmt: skip
def test_a_shared_library_is_passed_over_with_its_steps_where_one_asks_for_it(library: str) -> None:
    text = f"{library}\npipeline {{ agent any; stages {{ stage('a') {{ steps {{ itsStep() }} }} }} }}"
    pipeline, findings = parse(text, "Jenkinsfile")
    assert isinstance(mark := pipeline.stages[0].steps[0], Mark)
    assert (mark.run, mark.message) == ("unstable", "skipped: the step 'library' is not known here")
    assert [(one.message, one.skippable) for one in findings if one.severity == "error"] == [
        ("shared libraries are not supported: their steps are unknown", True),
        ("the step 'itsStep' is not known", True),
    ]


def test_code_after_the_pipeline_is_refused() -> None:
    text = "pipeline { agent any; stages { stage('a') { steps { echo 'x' } } } }\ndef f() { 1 }\necho 'after'"
    _, findings = parse(text, "Jenkinsfile")
    assert [str(one.place) for one in findings] == ["Jenkinsfile:3:1"]
    assert findings[0].message == "code after the pipeline block is not supported"


def test_variables_are_found_whatever_their_capital_letters(tmp_path: Path) -> None:
    """As Jenkins' `env` has them, in scripts and in the arguments of steps."""
    text = """pipeline { agent any; environment { Own_Name = 'own' }; stages { stage('a') { steps {
        echo "${env.own_name} ${env.OWN_NAME}"
        script { echo "${env.workspace == env.WORKSPACE} ${env.own_NAME} ${build_number}" } } } } }"""
    project, result = run(tmp_path, text)
    assert result.status == "succeeded", project.log("a")
    assert said(project, "a") == ["own own", "true own 1"]
