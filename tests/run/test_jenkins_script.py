# ruff: noqa: E501 - a script and what it says stand on one line
"""`script { }` of a Jenkinsfile: Groovy that decides as it runs, and the steps that it calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, RunResult

pytestmark = pytest.mark.slow


def run(tmp_path: Path, *scripts: str, beside: str = "", **sections: str) -> tuple[Project, RunResult]:
    for name in ("files", "home"):
        (tmp_path / name).mkdir(exist_ok=True)
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("data.txt", "from the commit\n")
    environment = sections.get("environment", "")
    written = "\n".join(
        f"stage('s{number}') {{\n steps {{ {script if script.startswith('steps:') else f'script {{ {script} }}'} }} }}"
        for number, script in enumerate(scripts)
    ).replace("steps:", "")
    above = f"environment {{ {environment} }}" if environment else ""
    text = f"{beside}\npipeline {{ agent any\n {above}\n stages {{ {written} }} }}"
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    return project, project.run(*pipeline.stages, dialect="jenkins")


def said(project: Project, stage: str = "s0") -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        ("def a = 1 + 2; echo \"a is ${a}\"", ["a is 3"]),
        ("def (a, b) = ['x', 'y']\n println a + b", ["xy"]),
        ("def l = []\n for (int i = 0; i < 3; i++) { l << i * 2 }\n echo \"${l}\"", ["[0, 2, 4]"]),
        ("for (x in ['a', 'b', 'c']) { if (x == 'b') continue; echo x }", ["a", "c"]),
        ("def i = 0\n while (true) { i += 1; if (i > 3) break }\n echo \"$i\"", ["4"]),
        ("switch ('b') { case 'a': echo '1'; break\n case ['b', 'c']: echo '2'\n default: echo '3' }", ["2", "3"]),
        ("['x', 'y'].each { echo it }", ["x", "y"]),
        ("[a: 1, b: 2].each { k, v -> echo \"$k=$v\" }", ["a=1", "b=2"]),
        ("[a: 1].each { echo \"${it.key} ${it.value}\" }", ["a 1"]),
        ("echo ([1, 2, 3].collect { it * it }.findAll { it > 1 }.join(','))", ["4,9"]),
        ("echo \"${[3, 1, 2].sort()} ${(1..3).sum()} ${[1, 2].any { it > 1 }}\"", ["[1, 2, 3] 6 true"]),
        ("def m = [a: [b: 'deep']]\n m.c = 5; m['d'] = 6\n echo \"${m.a.b} ${m.c + m.d} ${m.none?.x}\"", ["deep 11 null"]),
        ("def add = { x, y = 10 -> x + y }\n echo \"${add(1)} ${add(1, 2)}\"", ["11 3"]),
        ("echo 'v1.2.3'.replaceAll('[^0-9.]', '').split('\\\\.')[1]", ["2"]),
        ("def v = 'x-1' =~ /(\\w)-(\\d)/\n echo v[0][2]", ["1"]),
        ("echo (('abc' ==~ /a.c/) ? 'yes' : 'no')", ["yes"]),
        ("def x = null\n echo x ?: 'none'", ["none"]),
        ("3.times { echo \"${it}\" }", ["0", "1", "2"]),
        ("try { error 'bad' } catch (err) { echo \"caught ${err.message}\" } finally { echo 'over' }", ["caught bad", "over"]),
        ("try { throw new Exception('no') } catch (IOException e) { echo '1' } catch (Exception e) { echo e.getMessage() }", ["no"]),
        ("try { sh 'exit 4' } catch (e) { echo 'went on' }", ["went on"]),
        ("def out = sh(script: 'echo hello', returnStdout: true).trim()\n echo \"[${out}]\"", ["[hello]"]),
        ("if (sh(script: 'exit 3', returnStatus: true) == 3) { echo 'three' }", ["three"]),
        ("echo readFile('data.txt').trim() + \" ${fileExists('none')} ${fileExists 'data.txt'}\"", ["from the commit false true"]),
        ("dir('sub') { sh 'echo ${PWD##*/}'; writeFile file: 'a', text: 'x' }\n sh 'cat sub/a'", ["sub", "x"]),
        ("withEnv(['A=1']) { sh 'echo $A'; echo env.A; withEnv([\"B=${env.A}2\"]) { sh 'echo $B' } }", ["1", "1", "12"]),
        ("def r = withEnv(['A=7']) { sh(script: 'echo $A', returnStdout: true).trim() }\n echo r", ["7"]),
        ("def n = 0\n retry(3) { n++\n if (n < 3) { error 'again' }\n echo \"try $n\" }", ["again; it is tried again", "again; it is tried again", "try 3"]),
        ("stage('inner') { echo 'x' }", ["[inner]", "x"]),
        ("sleep(0 / 5); retry(4 / 2) { echo 'x' }", ["x"]),
        ("parallel(one: { echo '1' }, two: { echo '2' })", ["[one] 1", "[two] 2"]),
        ("def made = parallel(a: { 1 }, b: { 'x' }, failFast: true)\n echo \"${made}\"", ["[a:1, b:x]"]),
        ("def branches = [:]\n for (x in ['a', 'b']) { def y = x\n branches[y] = { echo y } }\n parallel branches", ["[a] a", "[b] b"]),
        ("if (isUnix()) { echo 'unix' } else { bat 'dir' }", ["unix"]),
        ("assert 1 == 1\n echo \"${5.intdiv(2)} ${7 % 3} ${10 / 4} ${'5'.toInteger() + 1}\"", ["2 1 2.5 6"]),
    ],
)  # fmt: skip
def test_a_script_does_what_it_says(tmp_path: Path, script: str, lines: list[str]) -> None:
    project, result = run(tmp_path, script)
    assert result.status == "succeeded", project.log("s0")
    found = said(project)  # branches run at once
    assert (sorted(found) if script.endswith("branches") or "parallel(" in script else found) == lines


def test_methods_and_variables_of_the_file_serve_all_scripts(tmp_path: Path) -> None:
    beside = """def version = 'none'
def shared = [:]
def tagged(String name, suffix = 'x') { return "${name}-${suffix}" }
def build(args) { sh "echo building ${args.what}"; return 'built' }"""
    first = "version = '1.2'; shared.a = 5; echo tagged('app'); echo build(what: 'all')"
    second = "echo \"${version} ${shared.a} ${tagged('app', version)}\""
    project, result = run(tmp_path, first, second, beside=beside.replace("def version", "version"))
    assert result.status == "succeeded", project.log("s0") + project.log("s1")
    assert said(project, "s0") == ["app-x", "building all", "built"]
    assert said(project, "s1") == ["1.2 5 app-1.2"]


def test_methods_call_the_closures_that_they_are_given(tmp_path: Path) -> None:
    beside = """def given(Closure body) { return body() }
def bare(body) { body() }
def again(fn) { retry(2) { fn() } }
def asked(fn, other = { 'other' }) { if (fn(1)) { def x = fn(0); echo "${x} ${other()}" } }"""
    script = "echo given { 'given' }\n bare { echo 'bare' }\n again { echo 'again' }\n asked { it }"
    project, result = run(tmp_path, script, "steps: bare { echo 'in steps' }", beside=beside)
    assert result.status == "succeeded", project.log("s0") + project.log("s1")
    assert said(project) == ["given", "bare", "again", "0 other"]
    assert said(project, "s1") == ["in steps"]


def test_of_methods_of_one_name_the_types_and_the_number_decide(tmp_path: Path) -> None:
    beside = """def over(int x) { 'int' }
def over(String x) { 'str' }
def over(List x, y = 1) { once = sh(script: 'echo list', returnStdout: true).trim() }"""
    script = "echo over(1) + over('a') + over([]) + ['b'].collect(this.&over)[0]\n over(2.5)"
    project, result = run(tmp_path, script, beside=beside)
    assert said(project) == ["intstrliststr"]
    assert "No signature of method: over() for (java.math.BigDecimal)" in result.outcomes["s0"].message


def test_the_file_is_a_value_with_its_methods_its_variables_and_all_steps(tmp_path: Path) -> None:
    beside = (
        "tag = 'set'\ndef greet(script, who) { script.echo \"hello ${who}\" }\nString getVersion() { '1.2' }"
    )
    script = """def me = this
me.greet(me, me.tag)
me.tag = "v${me.version}"
steps.withEnv(['A=1']) { me.sh 'echo $A' }
echo "${tag} ${this.version}"""
    project, result = run(tmp_path, f'{script}"', beside=beside)
    assert result.status == "succeeded", project.log("s0")
    assert said(project) == ["hello set", "1", "v1.2 1.2"]


def test_what_a_method_gives_is_a_property_in_steps_and_in_the_environment_too(tmp_path: Path) -> None:
    beside = 'def getTag() { "t-${env.WORD}" }\nboolean isReady() { true }\ndef isOpen() { true }'
    project, result = run(
        tmp_path,
        "steps: sh \"echo ${tag} ${ready}\"; sh 'echo $IMAGE'",
        "echo open",
        beside=beside,
        environment="WORD = 'x'; IMAGE = \"app:${tag}\"",
    )
    assert said(project) == ["t-x true", "app:t-x"]
    assert "No such property: open" in result.outcomes["s1"].message


def test_a_variable_of_the_file_that_is_declared_serves_scripts_too(tmp_path: Path) -> None:
    project, _ = run(tmp_path, "tag = 'set'", "echo tag", beside="def tag")
    assert said(project, "s1") == ["set"]


def test_variables_that_a_script_sets_are_there_for_all_that_comes_after(tmp_path: Path) -> None:
    script = "env.TAG = \"t-${env.WORD}\"; sh 'echo $TAG'; echo env.TAG"
    project, result = run(
        tmp_path, script, "steps: sh 'echo then $TAG'; echo \"and ${env.TAG}\"", environment="WORD = 'x'"
    )
    assert result.status == "succeeded", project.log("s1")
    assert said(project, "s0") == ["t-x", "t-x"]
    assert said(project, "s1") == ["then t-x", "and t-x"]


@pytest.mark.parametrize(
    ("script", "status", "message"),
    [
        (
            "currentBuild.result = 'UNSTABLE'; echo currentBuild.currentResult",
            "unstable",
            "currentBuild.result",
        ),
        ("currentBuild.result = 'FAILURE'", "failed", "currentBuild.result"),
        ("error 'it broke'", "failed", "it broke"),
        ("throw new RuntimeException('no')", "failed", "RuntimeException: no"),
        ("sh 'exit 5'", "failed", "`exit 5` ended with exit code 5"),
        ("nothing.trim()", "failed", "No such property: nothing"),
        ("def x = null\n x.size()", "failed", "Cannot invoke method size() on null object"),
        ("def x = 'a'\n x.each(5)", "failed", "No signature of method"),
        ("def f = { -> f() }\n def g\n g = { g() }\n g()", "failed", "calls within calls, 60 deep"),
        ("def s = 'x'\n while (true) { s = s + s }", "failed", "a value of more than"),
        ("while (true) { }", "failed", "takes more than"),
        ("def l = [1] * 1000000000", "failed", "[1] * 1000000000"),
        ("def n = 10 ** 10000000", "failed", "10 ** 10000000"),
        ("echo String.format('%0999999999d', 1)", "failed", "a width of more than three digits"),
        ("echo 'x' * 1000000000", "failed", "x * 1000000000"),
        (
            "if (true) { def f = { echo 'x' } }\n f()",
            "failed",
            "No such DSL method 'f' found among steps (line 6)",
        ),
        ("def m = [f: { echo 'x' }]; f()", "failed", "No such DSL method 'f' found among steps"),
        ("def me = this; me.nothing()", "failed", "No such DSL method 'nothing' found among steps"),
        ("timeout(5)", "failed", "timeout step must be called with a body"),
        ("sleep(1) { }", "failed", "sleep step takes no body"),
    ],
)
def test_how_a_script_ends(tmp_path: Path, script: str, status: str, message: str) -> None:
    project, result = run(tmp_path, script)
    assert result.status == status, project.log("s0")
    assert message in result.outcomes["s0"].message


def test_steps_with_groovy_in_their_arguments_need_no_script(tmp_path: Path) -> None:
    beside = "def name() { 'ada' }\ndef greet(who) { sh \"echo hello ${who}\" }"
    steps = (
        "steps: greet('you'); echo \"${name()} ${currentBuild.currentResult} ${[1, 2].collect { it + 1 }}\""
    )
    project, result = run(tmp_path, steps, beside=beside)
    assert result.status == "succeeded", project.log("s0")
    assert said(project) == ["hello you", "ada SUCCESS [2, 3]"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("kubectl 'x'", "the step 'kubectl' is not supported in a script"),
        ("this.kubectl 'x'", "the step 'kubectl' is not supported in a script"),
        ("steps.kubectl('x')", "the step 'kubectl' is not supported in a script"),
        ("docker.withServer('tcp://x') { }", "the method 'docker.withServer' is not supported in a script"),
        ("def d = new Socket()", "'new Socket' is not supported in a script"),
        ("'x'.frobnicate()", "frobnicate' is not supported in a script"),
        ("System.exit(0)", "the method 'System.exit' is not supported in a script"),
        ("Jenkins.instance.x()", "is not supported in a script"),
    ],
)
def test_what_no_script_can_do_here_is_said_before_the_run(script: str, message: str) -> None:
    text = f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ script {{ {script} }} }} }} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    assert any(message in one.message for one in findings if one.severity == "error"), findings


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("expression { return env.FLAG == 'yes' || params.X }", True),
        ("expression { env.FLAG.toUpperCase().startsWith('Y') }", True),
        ("expression { ['no', 'maybe'].contains(env.FLAG) }", False),
        ("expression { wanted(env.FLAG) }", True),
        ("not { expression { wanted('x') } }", True),
        ("allOf { branch 'main'; expression { def x = env.FLAG; return x.size() == 3 } }", True),
        ("anyOf { branch 'none'; expression { counted > 1 } }", True),
        ("expression { env.LATER == 'set before' }", True),
    ],
)
def test_a_condition_may_be_any_groovy(tmp_path: Path, condition: str, runs: bool) -> None:
    beside = "counted = 0\ndef wanted(x) { return x == 'yes' }"
    first = "env.LATER = 'set before'; counted = 2"
    for name in ("files", "home"):
        (tmp_path / name).mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    text = f"""{beside}
pipeline {{ agent any
    environment {{ FLAG = 'yes' }}
    stages {{
        stage('first') {{ steps {{ script {{ {first} }} }} }}
        stage('second') {{ when {{ {condition} }}
            steps {{ echo 'ran' }} }}
    }}
}}"""
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    facts = project.request(*pipeline.stages).facts._replace(branch="main")
    result = project.run(*pipeline.stages, dialect="jenkins", facts=facts)
    assert result.outcomes["second"].status == ("succeeded" if runs else "skipped"), result.outcomes["second"]
    assert said(project, "second") == (["ran"] if runs else [])


@pytest.mark.parametrize(
    ("condition", "status", "message"),
    [
        ("expression { nothing.size() > 1 }", "failed", "No such property: nothing"),
        ("expression { Integer.parseInt(env.HOME_NOT) > 1 }", "failed", "NumberFormatException"),
    ],
)
def test_a_condition_that_cannot_be_decided_ends_its_stage(
    tmp_path: Path, condition: str, status: str, message: str
) -> None:
    for name in ("files", "home"):
        (tmp_path / name).mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    text = f"""pipeline {{ agent any
    stages {{ stage('s') {{ when {{ {condition} }}
        steps {{ echo 'ran' }} }} }}
}}"""
    pipeline, _ = parse(text, "Jenkinsfile")
    result = project.run(*pipeline.stages, dialect="jenkins")
    assert (result.outcomes["s"].status, said(project, "s")) == (status, [])
    assert message in result.outcomes["s"].message


ENDLESS = """pipeline { agent any
    stages { stage('s') { options { timeout(time: 1, unit: 'SECONDS') }
        steps { script { def n = 0; while (true) { n++ } } }
        post { aborted { echo 'aborted' } } } } }"""


def test_a_script_that_only_computes_ends_with_the_time_of_its_stage(tmp_path: Path) -> None:
    project = Project(tmp_path / "home", tmp_path / "files", [])
    for folder in (project.home, project.files):
        folder.mkdir()
    project.write("seatrial.yaml", "")
    pipeline, _ = parse(ENDLESS, "Jenkinsfile")
    result = project.run(*pipeline.stages, dialect="jenkins")
    assert result.status in ("cancelled", "failed")
    assert "the time of the stage is over" in result.outcomes["s"].message


def test_the_name_and_the_description_of_the_build_are_kept_for_the_run(tmp_path: Path) -> None:
    told = 'echo "${currentBuild.displayName} ${currentBuild.description}"'
    script = f"{told}\n currentBuild.displayName = 'X'; currentBuild.description = 'why'\n {told}"
    project, result = run(tmp_path, script, f"{told}; sh 'echo $BUILD_DISPLAY_NAME'")
    assert result.status == "succeeded", project.log("s0")
    assert (said(project), said(project, "s1")) == (["#1 null", "X why"], ["X why", "X"])
