"""What a Jenkinsfile means: stages, variables, programs; and that no text makes reading raise."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import Place
from seatrial.pipeline.condition import OUTCOMES
from seatrial.pipeline.dialects.jenkins import FILENAMES, NAME, parse
from seatrial.pipeline.dialects.jenkins.declarative import CONDITIONS
from seatrial.pipeline.finding import Finding, has_errors
from seatrial.pipeline.pipeline import Pipeline, Stage
from seatrial.pipeline.step import Dir, Echo, Effect, Fail, Program, Scope, Shell, Step
from tests.fuzz.jenkins import fuzz_jenkinsfile
from tests.pipeline.dialects.jenkins.printed import GOLDENS
from tests.properties import examples

# The file that everybody starts from, letter for letter.
STARTER = """\
# Jenkinsfile
pipeline {
    agent any
    stages {
        stage('Build') {
            steps {
                echo 'Building model...'
                sh './build.sh'
            }
        }
        stage('Test') {
            steps {
                echo 'Testing model...'
                sh './test.sh'
            }
        }
    }
}
"""


def clean(text: str) -> Pipeline:
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not has_errors(findings), findings
    return pipeline


def errors(text: str) -> list[str]:
    return [finding.message for finding in parse(text, "Jenkinsfile")[1] if finding.severity == "error"]


def pipeline(steps: str = "echo 'x'", around: str = "", in_stage: str = "") -> str:
    stage = f"stage('one') {{\n{in_stage}\nsteps {{\n{steps}\n}} }}"
    return f"pipeline {{\nagent any\n{around}\nstages {{ {stage} }} }}"


def effects(step: Step, **env: str) -> list[Effect]:
    """What a step does, programs run, folders opened."""
    if isinstance(step, Program):
        return [one for effect in step.start(Scope(env)) for one in effects(effect, **env)]
    if isinstance(step, Dir):
        return [one for inner in step.steps for one in effects(inner, **env)]
    return [step]


def test_the_starter() -> None:
    found, findings = parse(STARTER, "Jenkinsfile")
    assert [(finding.severity, finding.place) for finding in findings] == [
        ("note", Place("Jenkinsfile", 1, 1))
    ]
    assert [stage.name for stage in found.stages] == ["Build", "Test"]
    build, test = found.stages
    assert (build.needs, test.needs) == ((), ("Build",))
    assert build.place == Place("Jenkinsfile", 5, 9)
    echo, shell = build.steps
    assert echo == Echo("Building model...")
    assert isinstance(shell, Shell)
    assert (shell.script, shell.shell) == ("./build.sh", ("/bin/sh", "-xe"))
    assert shell.place == Place("Jenkinsfile", 8, 17)


def test_every_stage_shares_the_workspace_has_effects_and_is_not_kept() -> None:
    for stage in clean(STARTER).stages:
        assert (stage.workspace, stage.effects, stage.cache, stage.inputs) == ("jenkins", True, False, None)


def test_the_names() -> None:
    assert (NAME, FILENAMES) == ("jenkins", ("Jenkinsfile",))


def test_conditions_are_those_of_the_runner_in_its_order() -> None:
    assert tuple("not_built" if name == "notBuilt" else name for name in CONDITIONS) == OUTCOMES


def stage_of(text: str) -> Stage:
    (stage,) = clean(text).stages
    return stage


def test_a_settled_environment_is_plain_data() -> None:
    stage = stage_of(
        pipeline('sh "run ${B}"', "environment { A = 'x'; B = \"${A}-1\" }", "environment { A = 'inner' }")
    )
    assert dict(stage.env) == {"A": "inner", "B": "x-1"}
    (shell,) = stage.steps
    assert isinstance(shell, Shell)
    assert shell.script == "run x-1"


def test_an_environment_of_the_run_goes_to_every_shell_of_the_stage() -> None:
    stage = stage_of(
        pipeline("sh 'a'\ndir('d') { sh \"b ${A}\" }", 'environment { A = "n${BUILD_NUMBER}"; B = "${A}!" }')
    )
    (program,) = stage.steps
    first, second = effects(program, BUILD_NUMBER="7")
    assert isinstance(first, Shell)
    assert isinstance(second, Shell)
    assert (first.script, dict(first.env)) == ("a", {"A": "n7", "B": "n7!"})
    assert (second.script, dict(second.env)) == ("b n7", {"A": "n7", "B": "n7!"})


def test_a_variable_that_names_itself_means_the_one_outside() -> None:
    around, within = 'environment { PATH = "/a:${PATH}" }', 'environment { PATH = "/b:${env.PATH}" }'
    (program,) = stage_of(pipeline("sh 'x'", around, within)).steps
    (shell,) = effects(program, PATH="/bin")
    assert isinstance(shell, Shell)
    assert shell.env == (("PATH", "/b:/a:/bin"),)


def test_an_inner_variable_of_the_run_hides_a_settled_outer_one() -> None:
    stage = stage_of(pipeline('echo "$A"', "environment { A = 'x' }", 'environment { A = "${env.B}" }'))
    assert stage.env == ()
    assert effects(stage.steps[0], B="run") == [Echo("run")]


def test_an_unknown_name_fails_the_step_where_it_stands_and_is_warned_of() -> None:
    found, findings = parse(pipeline("echo 'before'\necho \"a ${NOPE}\""), "Jenkinsfile")
    (stage,) = found.stages
    assert [(one.severity, one.place.line) for one in findings] == [("warning", 8)]
    assert effects(stage.steps[0]) == [Echo("before")]
    (failed,) = effects(stage.steps[1])
    message = "groovy.lang.MissingPropertyException: No such property: NOPE for class: groovy.lang.Binding"
    assert failed == Fail(f"{message} (Jenkinsfile:8:11)")


def test_single_quotes_go_to_the_shell_as_they_are() -> None:
    scripts = [
        step.script
        for step in stage_of(pipeline("sh 'a $X ${Y}'\nsh \"\\$X\"")).steps
        if isinstance(step, Shell)
    ]
    assert scripts == ["a $X ${Y}", "$X"]


@pytest.mark.parametrize(
    ("arguments", "check", "capture"),
    [
        ("'x'", True, False),
        ("script: 'x', returnStatus: true", False, False),
        ("script: 'x', returnStdout: true", True, True),
        ("script: 'x', returnStatus: false", True, False),
    ],
)
def test_what_sh_returns(arguments: str, check: bool, capture: bool) -> None:
    (shell,) = stage_of(pipeline(f"sh {arguments}")).steps
    assert isinstance(shell, Shell)
    assert (shell.check, shell.capture) == (check, capture)


def test_the_pipelines_post_sees_its_environment() -> None:
    text = pipeline(around="environment { A = 'x' }\npost { always { sh 'a'; dir('d') { sh 'b' } } }")
    ((block),) = clean(text).finally_
    shells = [one for step in block.steps for one in effects(step)]
    assert [one.env for one in shells if isinstance(one, Shell)] == [(("A", "x"),)] * 2


def test_a_stages_post_sees_the_stages_environment() -> None:
    text = pipeline(in_stage='environment { A = "${env.B}" }\npost { failure { echo "$A" } }')
    (block,) = stage_of(text).finally_
    assert [one for step in block.steps for one in effects(step, B="b")] == [Echo("b")]


def test_programs_can_be_kept_and_compared() -> None:
    text = pipeline('sh "a ${BUILD_NUMBER}"')
    found = clean(text)
    assert pickle.loads(pickle.dumps(found)) == found == clean(text)


def test_a_programs_source_says_what_it_does() -> None:
    (program,) = stage_of(pipeline('sh "a ${BUILD_NUMBER}"', "environment { A = '1' }")).steps
    assert isinstance(program, Program)
    assert program.source == "A = '1'\nsh(script: \"a ${BUILD_NUMBER}\")"


def test_a_folder_can_hang_on_the_run_and_its_steps_wait_for_their_turn() -> None:
    (program,) = stage_of(pipeline('dir("d${BUILD_NUMBER}") { echo \'a\'; echo "${NOPE}" }')).steps
    assert isinstance(program, Program)
    (folder,) = program.start(Scope({"BUILD_NUMBER": "1"}))
    assert isinstance(folder, Dir)
    assert folder.path == "d1"
    first, second = effects(folder)
    assert first == Echo("a")
    assert isinstance(second, Fail)


def test_a_value_of_the_run_that_is_no_string_fails_the_step() -> None:
    (program,) = stage_of(pipeline("sh env.SCRIPT")).steps
    (failed,) = effects(program)
    assert failed == Fail("sh: 'script' must be a string, not null (Jenkinsfile:7:1)")


def test_values_do_not_grow_without_bound() -> None:
    laughs = "\n".join(f'A{n} = "${{A{n - 1}}}${{A{n - 1}}}"' for n in range(1, 60))
    (message,) = errors(pipeline(around=f"environment {{ A0 = 'ha'\n{laughs} }}"))
    assert message == "a value of more than 4,000,000 characters"


def test_a_long_row_of_variables_costs_no_stack() -> None:
    row = "\n".join(f'A{n} = "${{A{n - 1}}}"' for n in range(1, 2000))
    assert dict(stage_of(pipeline(around=f"environment {{ A0 = 'x'\n{row} }}")).env)["A1999"] == "x"


MISSING = "groovy.lang.MissingMethodException: No signature of method"
CONCATENATED = "Environment variable values to be concatenated together must be single or double quoted"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no pipeline block"),
        ("// nothing", "there is no pipeline block"),
        ("pipeline 'x'", "Expected a block for pipeline"),
        ("node { }", "a scripted pipeline is not supported: there is no pipeline block"),
        ("pipeline { agent any }", 'Missing required section "stages"'),
        ("pipeline { agent any; stages }", 'Missing required section "stages"'),
        ("pipeline { agent any; stages { } }", "No stages specified"),
        ("pipeline { stages { stage('a') { steps { echo 'a' } } } }", 'Missing required section "agent"'),
        (pipeline(around="agent none"), "Multiple occurrences of the agent section"),
        (pipeline(around="environment { }"), "No variables specified for environment"),
        (pipeline(around="environment 'x'"), "Expected a block for environment"),
        (pipeline(around="options { }"), "options can not be empty"),
        (pipeline(in_stage="agent { }"), "No agent type specified"),
        (pipeline(in_stage="agent { labell 'x' }"), 'Invalid agent type "labell" specified'),
        (
            pipeline(in_stage="agent { kubernetes { yaml 'y' } }"),
            "agent { kubernetes } is not supported",
        ),
        (pipeline().replace("stage('one')", "stage"), "Expected a stage name but did not find any"),
        (
            pipeline("sh 'a'.substring(9)"),
            "java.lang.StringIndexOutOfBoundsException: begin 9, end 1, length 1",
        ),
        (pipeline(around="environment { A = 'x' + FOO }"), CONCATENATED),
        (pipeline(around="options { timestamps }"), "Expected an option"),
        (pipeline(around="options { timestamps { } }"), "option definitions cannot have blocks"),
        (pipeline(in_stage="agent { label }"), 'Expected to find key "value"'),
        (pipeline("sh { }"), 'Missing required parameter: "script"'),
        (pipeline("echo('x') { }"), "the step 'echo' takes no block"),
        (pipeline("sh script: 'x', script: 'y'"), 'Duplicate parameter "script" of sh'),
        (pipeline("sh script: 'x', returnStatus: 'yes'"), "sh: 'returnStatus' must be true or false"),
        (
            pipeline(in_stage="options { timeout(time: 5, colour: true) }"),
            "timeout: 'colour' is not supported yet",
        ),
        (pipeline(around="triggers { }"), "triggers can not be empty"),
        (pipeline(around="triggers { banana('x') }"), "the trigger 'banana' is not known"),
        (pipeline(around="triggers { cron('x') { echo 'y' } }"), "trigger definitions cannot have blocks"),
        (pipeline(around="triggers { cron() }"), 'Missing required parameter: "spec"'),
        (pipeline(around="triggers { upstream(what: 'x') }"), 'Invalid parameter "what" of upstream'),
        (pipeline(around="triggers { cron(f { 'x' }) }"), "cron: this must be a string"),
        (pipeline(around="triggers { [a: 'b'] }"), "Expected a trigger"),
        (
            pipeline(around="triggers { cron('1 * * * *'); cron('2 * * * *') }"),
            'Duplicate trigger name: "cron"',
        ),
        (pipeline(around="tools { maven }"), "Expected a tool and its name"),
        (pipeline(around="tools { banana 'x' }"), "the tool 'banana' is not known"),
        (pipeline("parallel()"), "parallel has no branches"),
        (pipeline("parallel(a: { echo 'x' }, slow: true)"), "Expected a block for the branch 'slow'"),
        (pipeline("parallel(a: { echo 'x' }, failFast: 'x')"), "parallel: 'failFast' must be true or false"),
        (pipeline("echo 'a'\nparallel(a: { echo 'x' })"), "the step 'parallel' stands alone in steps"),
        (pipeline("timeout(9223372036854775808) { echo 'x' }"), "timeout: 'time' is too large a number"),
        (
            pipeline(in_stage="tools { maven 'x' }\nparallel { stage('a') { steps { echo 'x' } } }"),
            '"tools" is not allowed in stage "one" as it contains parallel stages',
        ),
        (
            pipeline(in_stage="parallel { stage('a') { parallel { stage('b') { steps { echo 'x' } } } } }"),
            "Parallel stages or branches can only be included in a top-level stage",
        ),
        (pipeline(in_stage="matrix { axes { }\nstages { } }"), "axes can not be empty"),
        (
            pipeline(in_stage="input { message 'a'\nmessage 'b' }"),
            "Multiple occurrences of the message section",
        ),
        (
            pipeline("withEnv(['A=b']) { recordIssues qualityGates: [] }"),
            "the step 'recordIssues' is not supported yet",
        ),
        (pipeline(in_stage="parallel { stage('x') { steps { shh 'x' } } }"), "the step 'shh' is not known"),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    assert message in errors(text)


def test_findings_come_in_the_order_of_the_file_each_once() -> None:
    for path in GOLDENS.glob("*.Jenkinsfile"):
        findings: tuple[Finding, ...] = parse(path.read_text(encoding="utf-8"), "Jenkinsfile")[1]
        assert list(findings) == sorted(findings, key=lambda one: one.place)
        assert len(set(findings)) == len(findings)


WORDS = """
pipeline { } ( ) [ ] agent any stages stage('a') steps sh echo 'x' "${ } " ''' / $/ \\ -> ? : ?: . ?. = +
environment post always dir def class if else for while switch case try catch @ # // /* */ 1 .5 0x env.A $a
"""
FRAGMENTS = st.sampled_from([*WORDS.split(), "\n", "\r", "\t", " ", "\0", "\ufeff", "\ud800", "𝕏"])


@examples(60)
@given(st.lists(FRAGMENTS | st.text(max_size=3), max_size=60))
def test_no_text_makes_reading_raise(fragments: list[str]) -> None:
    fuzz_jenkinsfile(" ".join(fragments).encode("utf-8", "replace"))


@examples(60)
@given(st.sampled_from(sorted(GOLDENS.glob("*.Jenkinsfile"))), st.data())
def test_a_broken_file_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    text = path.read_bytes()
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(begin + 40, len(text))))
    fuzz_jenkinsfile(text[:begin] + data.draw(FRAGMENTS).encode("utf-8", "replace") + text[end:])


def test_a_parameter_whose_name_only_jenkins_knows_is_left_out_with_a_warning() -> None:
    text = pipeline(
        around="""parameters { string(name: "${env.JOB_NAME}", defaultValue: 'x')
            string(name: 'a-b', defaultValue: 'y') }"""
    )
    found, findings = parse(text, "Jenkinsfile")
    assert [(one.severity, one.message) for one in findings] == [
        ("warning", "only Jenkins knows the name of this parameter")
    ]
    assert [(one.name, one.value) for one in found.parameters] == [("a-b", "y")]
