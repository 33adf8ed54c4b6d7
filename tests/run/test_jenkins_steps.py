"""Steps of a Jenkinsfile that give a value, that run branches at once, and that ask."""

# ruff: noqa: E501 - a script reads best on one line
from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import PATH, Project, RunResult, new

pytestmark = pytest.mark.slow


def run(tmp_path: Path, steps: str, **host_env: str) -> tuple[Project, RunResult]:
    project = new(tmp_path)
    text = f"pipeline {{ agent any\n stages {{ stage('s') {{ steps {{ {steps} }} }} }} }}"
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    env = {"PATH": PATH, **host_env}
    return project, project.run(*pipeline.stages, dialect="jenkins", host_env=env)


def said(project: Project) -> list[str]:
    return [line for line in project.log("s").splitlines() if not line.startswith("+ ")]


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("""def j = readJSON text: '{"a": [1, {"b": null}], "c": 1.50}'; echo "${j.a[1].b} ${j.c} ${j.a[0] + 1}" """, ["null 1.50 2"]),
        ("""writeJSON file: 'o/x.json', json: [b: [1, 2], a: 'é']; sh 'cat o/x.json' """, ['{"b":[1,2],"a":"é"}']),
        ("""writeFile file: 'y', text: 'a: [1, x]\\nb: true\\n'; def y = readYaml file: 'y'; echo "${y.a} ${y.b}" """, ["[1, x] true"]),
        ("""def y = readYaml text: 'a: 1\\n---\\nb: 2\\n'; echo "${y.size()} ${y[1].b}" """, ["2 2"]),
        ("""writeYaml file: 'z', data: [a: [1], b: 'x']; sh 'cat z' """, ["a:", "- 1", "b: x"]),
        (
            """def p = readProperties text: 'a=1\\n# no\\n! no\\nb : two \\\\\\n  lines\\nc\\\\=d=e'; echo "${p.a}|${p.b}|${p['c=d']}" """,
            ["1|two lines|e"],
        ),
        ("""touch 'd/a.txt'; touch file: 'd/b.log'; echo "${findFiles(glob: '**/*.txt')*.path}" """, ["[d/a.txt]"]),
        ("""sh 'mkdir -p d/e n; echo 123 > d/a.txt; echo > d/e/b.txt; ln -s a.txt d/l.txt; ln -s ../d/e n/far; ln -s /etc/hosts d/out.txt; mkfifo d/p.txt'
            def found = { glob -> findFiles(glob: glob)*.path }
            echo "${found('d/*.txt')} ${findFiles(glob: 'd/l.txt')[0].length} ${found('n/**')} ${found('d\\\\*.txt').size()} ${found('/d/*')}" """,
            [
                *["findFiles: 'd/out.txt' left out: a link out of the workspace, or to nothing"] * 2,
                "[d/a.txt, d/l.txt] 4 [n/far/b.txt] 2 []",
            ],
        ),
        ("""dir('n') { sh 'mkdir ../m; touch ../m/x y; ln -s ../m in; ln -s /etc out; ln -s none off'; echo "${findFiles().collect { [it.name, it.directory] }} ${findFiles(excludes: 'o*')*.name}" } """, ["[[in, true], [off, false], [out, false], [y, false]] [in, y]"]),
        ("""dir('n') { touch 'd/a b'; sh 'mkdir e; ln -s a l'; def f = findFiles(); echo "${f*.name} ${f.length} ${f*.directory}" } """, ["[d, e, l] 3 [true, true, false]"]),
        (
            """writeFile file: 'pom.xml', text: '<project xmlns="http://maven.apache.org/POM/4.0.0"><parent><version>9</version></parent><version>1.2</version><properties><a.b>c</a.b></properties></project>'
            def p = readMavenPom(); echo "${p.version} ${p.getVersion()} ${p.packaging} ${p.parent.version} ${p.properties['a.b']} ${p.artifactId}" """,
            ["1.2 1.2 jar 9 c null"],
        ),
        ("""echo docker.withTool('docker-20') { 'in it' } """, ["in it"]),
        ("""withChecks("x") { echo "in" }; recordIssues tools: [java()]; publishChecks name: 'n' """, ["in"]),
        ("""bitbucketStatusNotify(buildState: 'FAILED'); jiraComment(issueKey: 'A-1', body: "${1 + 1}"); addBadge(text: 'x'); echo 'on' """, ["on"]),
        ("""writeFile file: 'f', text: 'x'; echo sha256('f').take(8) """, ["2d711642"]),
        ("""touch 'in/a'; zip zipFile: 'o.zip', dir: 'in'; unzip zipFile: 'o.zip', dir: 'out'; sh 'ls out' """, ["a"]),
        ("""def n = 0; waitUntil { n++; echo "turn ${n}"; n == 3 } """, ["turn 1", "turn 2", "turn 3"]),
        ("""echo tool('M3') """, ["/usr"]),
        ("""ws('elsewhere') { node('x') { script { echo 'in' } } } """, ["in"]),
        ("""properties([parameters([string(name: 'A', defaultValue: 'b')])]); echo 'on' """, ["on"]),
        ("""def d = new Date(); echo "${d.format('yyyy') > '2024'} ${d.time > 1} ${new Date(0).format("yyyy-MM-dd'T'HH:mm:ss.SSS EEE MMM h a")}" """, ["true true 1970-01-01T00:00:00.000 Thu Jan 12 AM"]),
        ("""def j = new groovy.json.JsonSlurperClassic().parseText('{"a": {"b": [1, 2]}}'); echo "${j.a.b[1]}" """, ["2"]),
        ("""echo groovy.json.JsonOutput.toJson([a: 1, b: ['x']])""", ['{"a":1,"b":["x"]}']),
        ("""try { error 'x' } catch (e) { e.printStackTrace(); echo e.getMessage() } """, ["x"]),
        ("""slackSend(color: 'good', message: "built ${1 + 1}") """, ["slackSend: built 2"]),
    ],
)  # fmt: skip
def test_steps_of_a_script(tmp_path: Path, script: str, wanted: list[str]) -> None:
    project, result = run(tmp_path, f"script {{ {script} }}")
    assert result.status == "succeeded", result.outcomes["s"].message
    assert said(project) == wanted


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("readJSON text: '{'", "net.sf.json.JSONException"),
        ("readYaml text: 'a: ['", "YAMLException"),
        ("writeFile file: 'z', text: ''; writeYaml file: 'z', data: [:]", "already exist"),
        ("bat 'dir'", "this is no Windows"),
        ("def kind = 'Unheard'; step([$class: kind])", "No such DSL method 'Unheard' found among steps"),
        ("step([testResults: 'f'])", "what it is to do has no $class"),
    ],
)
def test_what_they_throw(tmp_path: Path, script: str, message: str) -> None:
    _, result = run(tmp_path, f"script {{ {script} }}")
    assert result.status == "failed"
    assert message in result.outcomes["s"].message


def test_they_stand_in_steps_too(tmp_path: Path) -> None:
    project, result = run(tmp_path, "touch 'a'; node('x') { sh 'ls a' }; waitUntil { fileExists 'a' }")
    assert result.status == "succeeded"
    assert said(project) == ["a"]


ARCHIVE = "step([$class: 'ArtifactArchiver', artifacts: 'f', fingerprint: true])"
OTHERS = "def kind = 'hudson.tasks.Fingerprinter'; step([$class: kind, targets: 'f']); step($class: 'Mailer')"


@pytest.mark.parametrize(
    "steps", [ARCHIVE, f"script {{ {ARCHIVE}; {OTHERS} }}", "step(archiveArtifacts('f'))"]
)
def test_a_step_may_be_named_by_its_class(tmp_path: Path, steps: str) -> None:
    project, result = run(tmp_path, f"sh 'echo x > f'; {steps}")
    assert project.output(result, "s") == {"f": b"x\n"}


def test_pages_are_kept(tmp_path: Path) -> None:
    steps = "sh 'mkdir r; echo page > r/index.html'; publishHTML([reportDir: 'r', reportFiles: 'index.html'])"
    project, result = run(tmp_path, steps)
    assert project.output(result, "s") == {"r/index.html": b"page\n"}


MEETING = "while [ ! -e {other} ]; do sleep 0.05; done"


def test_branches_run_at_once(tmp_path: Path) -> None:
    steps = f"""script {{
        def got = [:]
        parallel(
            a: {{ sh 'touch a; {MEETING.format(other="b")}; echo met'; got.a = 1 }},
            b: {{ sh 'touch b; {MEETING.format(other="a")}; echo met'; got.b = 2 }}
        )
        echo "${{got.a + got.b}}"
    }}"""
    project, result = run(tmp_path, steps)
    assert result.status == "succeeded"
    lines = said(project)
    assert {"[a] met", "[b] met"} <= set(lines)
    assert lines[-1] == "3"


def test_a_branch_that_fails_fails_all_when_all_have_ended(tmp_path: Path) -> None:
    steps = "script { parallel(a: { error 'bad' }, b: { sh 'sleep 0.5; echo over' }) }"
    project, result = run(tmp_path, steps)
    assert (result.status, result.outcomes["s"].message) == ("failed", "bad")
    assert "[b] over" in said(project)


def test_the_other_branches_are_stopped_where_it_says_so(tmp_path: Path) -> None:
    steps = """script {
        try { parallel(failFast: true, a: { sh 'sleep 0.3; exit 3' }, b: { sh 'sleep 600' }) }
        catch (e) { echo 'caught' }
    }"""
    project, result = run(tmp_path, steps)
    assert result.status == "succeeded" and result.seconds < 300
    assert said(project)[-1] == "caught"


ASKED = """script {
    def given = input(message: 'Go?', parameters: [string(name: 'A', defaultValue: 'x'), choice(name: 'B', choices: ['p', 'q'])])
    echo "${given.A} ${given.B}"
    echo "${input(message: 'And?', parameters: [booleanParam(name: 'C', defaultValue: true)])}"
}"""


def test_a_person_is_asked_in_a_script(tmp_path: Path) -> None:
    project, result = run(tmp_path, ASKED, SEATRIAL_APPROVE="Approve s")
    assert result.status == "succeeded"
    assert said(project) == [
        "A has its default, 'x': --param A=… gives another",
        "B has its default, 'p': --param B=… gives another",
        "x p",
        "C has its default, 'true': --param C=… gives another",
        "true",
    ]


def test_nobody_to_ask_is_a_no_which_a_script_may_catch(tmp_path: Path) -> None:
    project, result = run(tmp_path, "script { try { input 'Go?' } catch (e) { echo 'no' } }")
    assert result.status == "succeeded"
    assert said(project) == ["no"]


DIRECTIVES = """pipeline {
    agent any
    environment { WHO = 'Ada' }
    stages {
        stage('one') {
            input {
                message "Go on, ${WHO}?"
                parameters { string(name: 'TARGET', defaultValue: 'staging') }
            }
            steps { echo "to ${TARGET}" }
        }
        stage('group') {
            input { message 'All of it?' }
            stages { stage('inner') { steps { echo 'inner' } } }
        }
        stage('two') { steps { input message: "Last, ${WHO}?"
                               echo 'two' } }
    }
}"""


def answered(tmp_path: Path, names: str) -> tuple[Project, RunResult]:
    project = new(tmp_path)
    pipeline, findings = parse(DIRECTIVES, "Jenkinsfile")
    assert not findings
    env = {"PATH": PATH, "SEATRIAL_APPROVE": names}
    return project, project.run(*pipeline.stages, dialect="jenkins", host_env=env)


def test_a_person_is_asked_before_a_stage_with_words_of_the_run(tmp_path: Path) -> None:
    project, result = answered(tmp_path, "Approve one, Approve group, Approve two")
    assert result.status == "succeeded"
    said = {name: project.log(name).splitlines() for name in ("one", "inner", "two")}
    assert said == {"one": ["to staging"], "inner": ["inner"], "two": ["two"]}
    assert "TARGET has its default, 'staging'" in project.log("Approve one")


@pytest.mark.parametrize(
    ("names", "ran"),
    [("", []), ("Approve one", ["one"]), ("Approve one, Approve group", ["one", "inner"])],
)
def test_nobody_to_ask_is_a_no(tmp_path: Path, names: str, ran: list[str]) -> None:
    project, result = answered(tmp_path, names)
    assert result.status == "failed"
    assert [name for name in ("one", "inner") if project.log(name)] == ran
    assert "two" not in project.log("two").splitlines()


ENDLESS = "def s = 'a' * 40 + 'b'"


@pytest.mark.parametrize(
    "use",
    ["s ==~ /(a+)+/", "s.replaceAll(/(a|a)*c/, '')", "(s =~ /(a*)*c/).find()", "s.split('(a+)+c')"],
)
def test_no_regular_expression_takes_for_ever(tmp_path: Path, use: str) -> None:
    _, result = run(
        tmp_path, f"timeout(time: 1, unit: 'SECONDS') {{ script {{ {ENDLESS}; echo \"${{{use}}}\" }} }}"
    )
    assert result.status == "cancelled"
    assert result.seconds < 300


def test_a_regular_expression_that_only_looks_so_is_used(tmp_path: Path) -> None:
    project, result = run(
        tmp_path, "script { echo \"${'1.22.333.4444.55555.666666' ==~ /(\\d+\\.)+\\d+/}\" }"
    )
    assert result.status == "succeeded"
    assert said(project) == ["true"]


def test_what_only_tells_a_forge_or_stands_beside_a_checkout_does_nothing(tmp_path: Path) -> None:
    steps = (
        "step([$class: 'GitHubCommitStatusSetter', contextSource: [$class: 'X']])\n"
        "step([$class: 'Mailer', recipients: 'a@b.example', notifyEveryUnstableBuild: false])\n"
        "cleanBeforeCheckout(); script { pullRequest.comment(\"no ${1 + 1}\"); pullRequest.addLabel('x') }"
    )
    steps += "; sh 'echo $USER $LOGNAME; id -un'"
    text = f"pipeline {{ agent any; stages {{ stage('a') {{ steps {{ {steps} }} }} }} }}"
    for name in ("files", "home"):
        (tmp_path / name).mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    pipeline, findings = parse(text, "Jenkinsfile")
    assert {one.severity for one in findings} == {"note"}
    assert [one.message.split(" has ")[0] for one in findings] == [
        "'GitHubCommitStatusSetter'",
        "'Mailer'",
        "'cleanBeforeCheckout'",
        "'pullRequest.comment'",
        "'pullRequest.addLabel'",
    ]
    assert project.run(*pipeline.stages, dialect="jenkins").status == "succeeded"
    named, user = [line for line in project.log("a").splitlines() if not line.startswith("+ ")]
    assert named == f"{user} {user}"
