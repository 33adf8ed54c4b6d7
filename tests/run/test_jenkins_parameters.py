# ruff: noqa: E501 - a script and what it says stand on one line
"""Parameters of a Jenkinsfile: their defaults, `--param`, and where the file reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.pipeline.dialects.jenkins import parse
from seatrial.pipeline.parameters import with_values
from seatrial.pipeline.pipeline import Pipeline
from tests.run.stages import Project, RunResult

pytestmark = pytest.mark.slow

PARAMETERS = """parameters {
    string(name: 'TARGET', defaultValue: 'staging', description: 'where to', trim: true)
    booleanParam(name: 'FAST', defaultValue: true)
    choice(name: 'SIZE', choices: ['small', 'large'])
    text(name: 'NOTE')
}"""


def pipeline(*stages: str, parameters: str = PARAMETERS) -> Pipeline:
    written = "\n".join(f"stage('s{number}') {{ {stage} }}" for number, stage in enumerate(stages))
    found, findings = parse(
        f"pipeline {{ agent any\n {parameters}\n stages {{ {written} }} }}", "Jenkinsfile"
    )
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    return found


def run(tmp_path: Path, found: Pipeline, **env: str) -> tuple[Project, RunResult]:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    request = project.request(*found.stages)
    request = request._replace(host_env={**request.host_env, **env})
    from seatrial.run.runner import run as run_request

    values = {one.name: one.value for one in found.parameters}
    facts = request.facts._replace(variables=values)
    try:
        return project, run_request(request._replace(pipeline=found, facts=facts), project.events.append)
    finally:
        request.journal.close()


def said(project: Project, stage: str) -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


STEPS = r"""environment { PLACE = "at-${params.TARGET}" }
steps {
    sh 'echo $TARGET $FAST $SIZE [$NOTE] $PLACE'
    echo "${params.TARGET} $TARGET ${params.FAST ? 'quick' : 'slow'} ${params.SIZE == 'large'} ${params.NOPE}"
}"""


def test_commands_and_expressions_have_the_defaults(tmp_path: Path) -> None:
    project, result = run(tmp_path, pipeline(STEPS))
    assert result.status == "succeeded"
    assert said(project, "s0") == ["staging true small [] at-staging", "staging staging quick false null"]


def test_a_value_takes_the_place_of_the_default(tmp_path: Path) -> None:
    given = (("TARGET", "first"), ("FAST", "false"), ("SIZE", "large"), ("TARGET", "live one"))
    project, result = run(tmp_path, with_values(pipeline(STEPS), given))
    assert result.status == "succeeded"
    assert said(project, "s0") == ["live one false large [] at-live one", "live one live one slow true null"]


@pytest.mark.parametrize(
    ("condition", "holds", "holds_when_given"),
    [
        ("expression { params.FAST }", True, False),
        ("expression { return !params.FAST }", False, True),
        ("expression { params.FAST == true }", True, False),
        ("expression { params.TARGET == 'staging' && params.FAST }", True, False),
        ("equals expected: 'large', actual: params.SIZE", False, True),
        ("equals expected: false, actual: params.FAST", False, True),
        ("environment name: 'SIZE', value: 'large'", False, True),
    ],
)
def test_conditions_see_them(tmp_path: Path, condition: str, holds: bool, holds_when_given: bool) -> None:
    found = pipeline(f"when {{ {condition} }}\n steps {{ echo 'ran' }}")
    given = with_values(found, (("FAST", "false"), ("SIZE", "large")))
    for one, expected, folder in ((found, holds, "a"), (given, holds_when_given, "b")):
        (tmp_path / folder).mkdir()
        project, _ = run(tmp_path / folder, one)
        assert (said(project, "s0") == ["ran"]) == expected


@pytest.mark.parametrize(
    ("name", "value", "message", "hint"),
    [
        ("TARGTE", "x", "there is no parameter 'TARGTE'", "did you mean"),
        ("FAST", "yes", "the parameter 'FAST' is true or false, not 'yes'", ""),
        ("SIZE", "huge", "the parameter 'SIZE' cannot be 'huge'", "it is one of small, large"),
    ],
)
def test_what_no_parameter_takes_is_refused(name: str, value: str, message: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        with_values(pipeline(STEPS), ((name, value),))
    assert caught.value.message == message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("parameters { }", "parameters can not be empty"),
        ("parameters { string(name: '') }", "a parameter needs a name"),
        ("parameters { string(name: 1234) }", "a parameter needs a name"),
        ("parameters { strin(name: 'A') }", "the parameter type 'strin' is not supported"),
        ("parameters { file(name: 'A') }", "the parameter type 'file' is not supported"),
        (
            "parameters { booleanParam(name: 'A', defaultValue: 'maybe') }",
            "booleanParam: 'defaultValue' must be",
        ),
        ("parameters { choice(name: 'A', choices: []) }", "choice: 'choices' must be known before"),
        ("parameters { string(name: 'A'); string(name: 'A') }", 'Duplicate build parameter name: "A"'),
    ],
)
def test_parameters_that_cannot_be_read_are_findings(parameters: str, message: str) -> None:
    text = f"pipeline {{ agent any\n {parameters}\n stages {{ stage('a') {{ steps {{ echo 'x' }} }} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    assert any(one.message.startswith(message) for one in findings if one.severity == "error"), findings


def test_choices_may_be_lines() -> None:
    (one,) = pipeline(
        "steps { echo 'x' }", parameters="parameters { choice(name: 'A', choices: 'x\\ny') }"
    ).parameters
    assert (one.value, one.choices) == ("x", ("x", "y"))


INPUT = """input { message 'Ship?'
    parameters { string(name: 'TARGET', defaultValue: 'staging'); booleanParam(name: 'FAST') } }
steps { echo "to ${TARGET} ${params.FAST}" }"""


def test_what_an_input_asks_for_can_be_said_ahead(tmp_path: Path) -> None:
    found = with_values(pipeline(INPUT, parameters=""), (("TARGET", "live"),))
    project, result = run(tmp_path, found, SEATRIAL_APPROVE="Approve s0")
    assert result.status == "succeeded"
    assert said(project, "s0") == ["to live false"]


ASKING = """steps { script {
    echo "before ${env.WHERE}"
    def given = input(message: 'Go?', parameters: [
        choice(name: 'WHERE', choices: ['here', 'there']), string(name: 'WHO', defaultValue: 'Ada')])
    echo "${given.WHERE} ${given.WHO}"
    echo "${input(message: 'Sure?', parameters: [booleanParam(name: 'SURE', defaultValue: true)])}"
} }"""


def test_what_a_script_asks_for_can_be_said_ahead(tmp_path: Path) -> None:
    found = with_values(pipeline(ASKING, parameters=""), (("WHERE", "there"), ("SURE", "false")))
    project, result = run(tmp_path, found, SEATRIAL_APPROVE="Approve s0")
    assert result.status == "succeeded"
    assert said(project, "s0") == [
        "before null",
        "WHO has its default, 'Ada': --param WHO=… gives another",
        "there Ada",
        "false",
    ]


LATE = """
def kinds = [pub: 'debug', shop: 'release']
boolean isOurs = env.JOB_NAME == 'shop'
pipeline { agent any
    parameters {
        string(name: 'KIND', defaultValue: kinds[env.JOB_NAME])
        booleanParam(name: 'OURS', defaultValue: isOurs)
        string(name: 'PLAIN', defaultValue: 'plain')
    }
    stages {
        stage('one') { steps { sh 'echo $KIND $OURS $PLAIN'
            echo "${params.KIND} ${params.OURS ? 'yes' : 'no'}" } }
        stage('asked') { when { expression { params.OURS } }
            steps { echo 'ours' } }
        stage('equal') { when { equals expected: 'release', actual: params.KIND }
            steps { echo 'released' } }
    }
}"""


@pytest.mark.parametrize(
    ("given", "plain", "shown", "others"),
    [
        ((), "release true plain", "release yes", ["ours", "released"]),
        ((("KIND", "mine"), ("OURS", "false")), "mine false plain", "mine no", []),
        ((("KIND", ""),), "true plain", " yes", ["ours"]),
    ],
)
def test_a_default_that_only_the_run_can_tell_is_worked_out_at_its_beginning(
    tmp_path: Path, given: tuple[tuple[str, str], ...], plain: str, shown: str, others: list[str]
) -> None:
    found, findings = parse(LATE, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    project, result = run(tmp_path, with_values(found, given))
    assert result.status == "succeeded"
    assert said(project, "one") == [plain, shown]
    lines = [line for name in ("asked", "equal") for line in said(project, name)]
    assert [line for line in lines if line in ("ours", "released")] == others


def test_a_question_cannot_have_a_default_that_only_the_run_can_tell() -> None:
    asked = "input { message 'Ship?'; parameters { string(name: 'A', defaultValue: env.JOB_NAME) } }\n"
    text = f"pipeline {{ agent any; stages {{ stage('a') {{ {asked} steps {{ echo 'x' }} }} }} }}"
    _, findings = parse(text, "Jenkinsfile")
    assert [one.message for one in findings] == ["string: 'defaultValue' must be known before the run"]


_MAP = """parameters {
    string(name: 'A', defaultValue: 'x')
    booleanParam(name: 'B', defaultValue: true)
    string(name: 'C', defaultValue: "${'o' + 'k'}")
}"""


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        ('echo "${params}"', ["[A:x, B:true, C:ok]"]),
        ('params.each { k, v -> echo "$k=$v" }', ["A=x", "B=true", "C=ok"]),
        ('for (one in params) { echo "${one.key} ${one.value}" }', ["A x", "B true", "C ok"]),
        ('echo "${params.findAll { it.value == true }} ${params.size()} ${params.keySet()}"', ["[B:true] 3 [A, B, C]"]),
        ("echo \"${params.getOrDefault('NO', 'd')} ${params.get('NO')} ${params.NO} ${params.HOME}\"", ["d null null null"]),
        ("echo \"${params['A']} ${params.containsKey('B')} ${params.containsKey('b')} ${'A' in params}\"", ["x true false true"]),
        ('def m = [D: 1] + params; m.A = 2; echo "$m ${params.A} ${params instanceof Map}"', ["[D:1, A:2, B:true, C:ok] x true"]),
        ("def p = params; echo p.collect { k, v -> \"$k:$v\" }.join(',')", ["A:x,B:true,C:ok"]),
        ("try { params.A = 1 } catch (UnsupportedOperationException e) { echo 'fixed' }", ["fixed"]),
        ("try { params.put('A', 1) } catch (UnsupportedOperationException e) { echo 'fixed' }", ["fixed"]),
        ("try { params << [A: 1] } catch (UnsupportedOperationException e) { echo 'fixed' }", ["fixed"]),
        ("echo env.getEnvironment().A; try { env.keySet() } catch (MissingMethodException e) { echo e.message.take(37) }", ["x", "No signature of method: org.jenkinsci"]),
    ],
)  # fmt: skip
def test_the_parameters_are_a_map_that_nothing_is_put_into(
    tmp_path: Path, script: str, lines: list[str]
) -> None:
    project, result = run(tmp_path, pipeline(f"steps {{ script {{ {script} }} }}", parameters=_MAP))
    assert result.status == "succeeded", result.outcomes
    assert project.log("s0").splitlines() == lines
