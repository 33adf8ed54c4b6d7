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


USED = "what 'query' gives is not known here, and is used"


def _passing_over(made: Repository, script: str, before: str = "", **more: str) -> tuple[int, str]:
    when = more.get("when", "")
    text = f"{before}\npipeline {{ agent any\n stages {{ stage('a') {{ {when}\n steps {{ {script} }} }} }} }}"
    made.write("Jenkinsfile", text)
    made.commit("one")
    ended = seatrial("run", "--yes", "--skip-unknown", folder=made.folder)
    return ended.code, ended.out + ended.err


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("expression { query('x') }", False),
        ("not { expression { query('x') } }", True),
        ("not { equals expected: null, actual: query('x') }", False),
        ("expression { return query('x') }", False),
    ],
)
def test_a_when_that_goes_by_what_is_passed_over_is_never_green(
    home: object, repository: Callable[..., Repository], condition: str, runs: bool
) -> None:
    code, said = _passing_over(repository(), "echo 'it runs'", when=f"when {{ {condition} }}")
    assert code == STAGE_FAILED, said
    assert USED in said and "unstable: " in said
    assert ("it runs" in said) == runs


@pytest.mark.parametrize(
    "script",
    [
        "def q = query('x'); if (q.failed) { error 'no' }; if (q) { sh 'exit 3' }",
        "if (!query('x')) { echo 'none' }",
        "while (query('x')) { sh 'exit 3' }",
        "echo(query('x') ? 'yes' : 'no')",
        "def text = query('x') ?: 'none'",
        "def both = true && query('x')",
        "switch (query('x')) { case null: echo 'none'; break }",
        "if (asked()) { sh 'exit 3' }",
        "if (state) { sh 'exit 3' }",
        "if ([1].any { query(it) }) { sh 'exit 3' }",
        "def all = parallel(one: { query('x') }); if (all.one) { sh 'exit 3' }",
        "def v = stage('b') { query('x') }",
        "def ask = { 1 } >> { query(it) } >> { it ? sh('exit 3') : null }; ask()",
    ],
)
def test_a_script_that_goes_by_what_is_passed_over_is_never_green(
    home: object, repository: Callable[..., Repository], script: str
) -> None:
    before = "def asked() { query('x') }\ndef getState() { query('x') }"
    code, said = _passing_over(repository(), f"script {{ {script} }}", before)
    assert code == STAGE_FAILED, said
    assert USED in said and "unstable: " in said


def test_what_is_passed_over_and_not_used_leaves_the_run_green(
    home: object, repository: Callable[..., Repository]
) -> None:
    script = """script { query('x'); [1, 2].each { query(it) }; asked()
        parallel(one: { query('a') }); stage('z') { query('x') } }"""
    code, said = _passing_over(repository(), script, "def asked() { query('x') }")
    assert code == PASSED, said
    assert "is used" not in said


def test_a_condition_that_marks_the_run_and_leaves_the_stage_out_leaves_it_unstable(
    home: object, repository: Callable[..., Repository]
) -> None:
    code, said = _passing_over(
        repository(), "echo 'x'", when="when { expression { unstable('not well'); false } }"
    )
    assert code == STAGE_FAILED, said
    assert "unstable: 1 skipped" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('echo "${(r as String) == null}"', "true"),
        ('String s = r; String[] t = r; echo "${s == null} ${t == null}"', "true true"),
        ("switch (r) { case null: echo 'a null'; break; default: echo 'another' }", "a null"),
        ("writeJSON file: 'x', json: [a: r, b: [r.x]]; sh 'cat x'", '{"a":null,"b":[null]}'),
        ("writeYaml file: 'x', data: [a: r]; sh 'cat x'", "a: null"),
        ("echo groovy.json.JsonOutput.toJson([a: r])", '{"a":null}'),
        ("r.x = 5; r['y'] = 6; echo 'gone on'", "gone on"),
        ('try { parallel r } catch (e) { echo "${e}" }', "parallel: no branches are in null"),
        ('[1].each { try { new Date(r.t) } catch (e) { echo "${e}" } }', "java.util.Date(null)"),
        (
            "[1].each { try { 'a'.replace('a', r.x) } catch (e) { echo \"${e}\" } }",
            "(java.lang.String, null)",
        ),
        ("[1].each { echo \"${['a'] + r.list} ${[*r.list]}\" }", "[a, null] [null]"),
        ('[1].each { try { [*: r.map] } catch (e) { echo "${e}" } }', "cannot spread the type null"),
    ],
)
def test_what_is_passed_over_is_null_wherever_it_goes(
    home: object, repository: Callable[..., Repository], line: str, said: str
) -> None:
    code, out = _passing_over(repository(), f"script {{ def r = query('x')\n {line} }}")
    assert code == STAGE_FAILED, out
    assert "unstable: " in out and said in out
