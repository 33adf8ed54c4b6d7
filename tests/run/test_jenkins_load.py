# ruff: noqa: E501 - a script and what it says stand on one line
"""`load`: scripts of the workspace, their methods and variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.jenkins import Project, RunResult, run, said

pytestmark = pytest.mark.slow

COMMON = """
import groovy.transform.Field
@Field int count = 2
limit = 7

def twice(word) { return once(word) * count }
def once(word) { sh "echo once ${word} in ${env.STAGE_NAME}"; word }
def pair(List both, sep = '-') { both.join(sep) }
def getBoth() { pair([limit, count]) }
def branches() { [one: { -> once('x') }] }
def given(Closure body) { retry(2) { body() } }
@NonCPS def unsupported() { Jenkins.instance.doStop() }

return this
"""


def loading(tmp_path: Path, *stages: str, beside: str = "", **files: str) -> tuple[Project, RunResult]:
    written = "\n".join(
        f"stage('s{number}') {{ steps {{ script {{ {stage} }} }} }}" for number, stage in enumerate(stages)
    )
    text = f"{beside}\npipeline {{ agent any\nstages {{ {written} }} }}"
    named = {f"ci/{name}.groovy": content for name, content in files.items()}
    return run(tmp_path, text, {"ci/common.groovy": COMMON, **named})


def test_methods_of_a_loaded_script_call_steps_and_one_another(tmp_path: Path) -> None:
    project, result = loading(
        tmp_path,
        "common = load 'ci/common.groovy'\n echo common.twice('ab')\n echo common.pair(['a', 'b'])\n common.given { echo 'given' }",
        "echo common.once('later')\n echo \"${common.limit} ${limit} ${common.count} ${common.both} ${common['both']}\"\n common.limit = 8; common.count = 3; echo \"${limit} ${common.both}\"; common.sh 'echo its'\n parallel common.branches()",
        beside="def common",
    )
    assert result.status == "succeeded", project.log("s0") + project.log("s1")
    assert said(project, "s0") == ["once ab in s0", "abab", "a-b", "given"]
    assert [one for one in said(project, "s1") if "+ echo" not in one] == [
        "once later in s1",
        "later",
        "7 7 2 7-2 7-2",
        "8 8-3",
        "its",
        "[one] once x in s1",
    ]


def test_a_script_may_be_statements_only_and_give_a_value(tmp_path: Path) -> None:
    project, result = loading(
        tmp_path,
        "echo load('ci/plain.groovy').trim()\n echo load('ci/common.groovy').once('direct')",
        plain="echo 'inside'\nsh(script: 'echo from sh', returnStdout: true)",
    )
    assert result.status == "succeeded", project.log("s0")
    assert said(project, "s0") == ["inside", "from sh", "once direct in s0", "direct"]


def test_a_loaded_script_is_called_by_its_method_call(tmp_path: Path) -> None:
    project, result = loading(
        tmp_path,
        "kit = load 'ci/kit.groovy'\n echo kit('z')\n def own = kit\n echo own('y', 2) + kit.call('x') + kit(1)",
        "echo kit('w')\n } \n kit 'v'\n script { ",
        kit='def call(int x) { "int" }\ndef call(x, n = 1) { echo "called ${x}"; x * n }\nreturn this',
    )
    assert result.status == "succeeded", project.log("s0") + project.log("s1")
    assert said(project, "s0") == ["called z", "z", "called y", "called x", "yyxint"]
    assert said(project, "s1") == ["called w", "w", "called v"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("load 'ci/none.groovy'", "java.nio.file.NoSuchFileException: ci/none.groovy"),
        ("load 'ci/broken.groovy'", "ci/broken.groovy:1:9: this '(' is never closed"),
        ("load 'ci/strange.groovy'", "ci/strange.groovy:2:1: the step 'strangeStep' is not supported in a script"),
        ("load('ci/common.groovy').unsupported()", "ci/common.groovy:12:29: the method '….doStop' is not supported in a script"),
        ("c = load 'ci/common.groovy'; echo c('z')", "No signature of method: call() in ci/common.groovy"),
        ("def c = 'text'; echo c('z')", "No signature of method: java.lang.String.call()"),
        ("c = null; c()", "No signature of method: c()"),
        ("load('ci/common.groovy').nothing()", "No signature of method: nothing() in ci/common.groovy"),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_fails_where_it_is_reached(tmp_path: Path, script: str, message: str) -> None:
    project, result = loading(
        tmp_path, f"echo 'before'\n {script}", broken="def a = (1", strange="\nstrangeStep()"
    )
    assert result.status == "failed"
    assert said(project, "s0")[0] == "before"
    assert message in project.log("s0") + result.outcomes["s0"].message


def test_other_files_are_noted_before_the_run() -> None:
    text = "pipeline { agent any; stages { stage('a') { steps { load 'x.groovy'; readTrusted 'y' } } } }"
    _, findings = parse(text, "Jenkinsfile")
    assert [one.message for one in findings] == [
        "load: the file is read when the run comes to it, and checked then"
    ]
