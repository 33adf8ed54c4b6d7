# ruff: noqa: E501 - a script and what it says stand on one line
"""`currentBuild`, and the builds before it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from seatrial.pipeline.dialects.jenkins.groovy.build import time_span
from tests.run.jenkins import run, said

pytestmark = pytest.mark.slow


def _file(script: str) -> str:
    return f"pipeline {{ agent any\n stages {{ stage('s') {{ steps {{ script {{ {script} }} }} }} }} }}"


_LAST = (
    "def last = currentBuild.previousBuild\n"
    'echo "${last?.number} ${last?.result} ${last?.currentResult} ${currentBuild.getPreviousBuild()?.getResult()}"'
)


def test_the_build_before_is_the_last_run_of_the_project(tmp_path: Path) -> None:
    project, _ = run(tmp_path, _file(_LAST))
    assert said(project, "s") == ["null null null null"]
    run(tmp_path, _file("error 'bad'"))
    project, _ = run(tmp_path, _file(_LAST))
    assert said(project, "s") == ["2 FAILURE FAILURE FAILURE"]
    run(tmp_path, _file("unstable 'so so'"))
    others = ("Failed", "NotFailed", "Successful", "Completed", "Built")
    names = [f"previous{word}Build" for word in others]
    asked = ", ".join(f"currentBuild.{name}.number" for name in names)
    twice = "currentBuild.previousBuild.previousBuild.displayName, currentBuild.previousBuildInProgress"
    project, _ = run(tmp_path, _file(f'echo "${{[{asked}, {twice}]}}"'))
    assert said(project, "s") == ["[2, 4, 3, 4, 4, #3, null]"]


def test_mail_goes_out_once_of_builds_that_fail_one_after_the_other(tmp_path: Path) -> None:
    script = "if (currentBuild.previousBuild?.result != 'FAILURE') { mail to: 'me', subject: 'broken' }\n error 'bad'"
    sent = ["mail to me: broken" in said(run(tmp_path, _file(script))[0], "s") for _ in range(3)]
    assert sent == [True, False, False]


def test_the_run_of_another_file_is_none_before(tmp_path: Path) -> None:
    run(tmp_path, _file("error 'bad'"))
    project, _ = run(tmp_path, _file(_LAST), change=lambda one: one._replace(path="other/Jenkinsfile"))
    assert said(project, "s") == ["null null null null"]


def test_a_result_is_compared(tmp_path: Path) -> None:
    script = """def told = { ['SUCCESS', 'UNSTABLE', 'FAILURE'].collect { one ->
            [currentBuild.resultIsBetterOrEqualTo(one), currentBuild.resultIsWorseOrEqualTo(one)] } }
        echo "${told()}"
        unstable 'so so'
        echo "${told()}" """
    project, _ = run(tmp_path, _file(script))
    assert said(project, "s") == [
        "[[true, true], [true, false], [true, false]]",
        "so so",
        "[[false, true], [true, true], [true, false]]",
    ]


def test_times_are_those_of_the_run(tmp_path: Path) -> None:
    script = """def now = System.currentTimeMillis()
        def ago = now - currentBuild.startTimeInMillis
        assert ago >= 0 && ago < 600000
        assert currentBuild.timeInMillis == currentBuild.getStartTimeInMillis()
        assert currentBuild.duration >= ago && currentBuild.duration < 600000
        echo currentBuild.durationString
        echo currentBuild.previousBuild?.durationString ?: 'none' """
    assert said(run(tmp_path, _file(script))[0], "s")[1] == "none"
    current, last = said(run(tmp_path, _file(script))[0], "s")
    span = r"[\d.]+ (ms|sec|min [\d.]+ sec)"
    assert re.fullmatch(f"{span} and counting", current)
    assert re.fullmatch(span, last)


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (0, "0 ms"),
        (99, "99 ms"),
        (129, "0.12 sec"),
        (1290, "1.2 sec"),
        (2000, "2 sec"),
        (10_500, "10 sec"),
        (61_000, "1 min 1 sec"),
        (600_000, "10 min"),
        (3_660_000, "1 hr 1 min"),
        (90_000_000, "1 day 1 hr"),
        (190_800_000, "2 days 5 hr"),
        (3_000_000_000, "1 mo 4 days"),
    ],
)
def test_times_are_told_as_jenkins_tells_them(millis: int, text: str) -> None:
    assert time_span(millis) == text


def test_methods_set_what_properties_do(tmp_path: Path) -> None:
    script = """currentBuild.setDisplayName('v1'); currentBuild.setDescription('why')
        echo "${currentBuild['displayName']} ${currentBuild.description} ${currentBuild.changeSets}"
        currentBuild.setResult('UNSTABLE')"""
    project, result = run(tmp_path, _file(script))
    assert said(project, "s")[0] == "v1 why []"
    assert result.status == "unstable"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo currentBuild.nonsense", "'nonsense' of currentBuild"),
        ("currentBuild.nonsense = 1", "'nonsense' of currentBuild"),
        ("def b = currentBuild.rawBuild", "'rawBuild' of currentBuild"),
        ("echo currentBuild.getRawBuild()", "'rawBuild' of currentBuild"),
        ("currentBuild.buildVariables", "'buildVariables' of currentBuild"),
        ("currentBuild.stop()", "'stop' of currentBuild"),
        ("currentBuild.previousBuild?.changeSets", "'changeSets' of the build before"),
        ("currentBuild.getPreviousBuild().rawBuild", "'rawBuild' of the build before"),
    ],
)
def test_what_is_not_known_of_a_build_is_an_error_before_the_run(script: str, said: str) -> None:
    _, findings = parse(_file(script), "Jenkinsfile")
    expected = [("error", f"{said} is not supported in a script", 2)]
    assert [(one.severity, one.message, one.place.line) for one in findings] == expected
    assert findings[0].hint


def test_what_a_variable_hides_of_a_build_fails_where_it_is_asked(tmp_path: Path) -> None:
    _, result = run(tmp_path, _file("def b = currentBuild\n echo b.nonsense"))
    assert result.status == "failed"
    assert (
        "No such property: nonsense for class: org.jenkinsci.plugins.workflow.support"
        in result.outcomes["s"].message
    )


def test_what_is_told_otherwise_is_a_note() -> None:
    script = (
        "currentBuild.changeSets.size(); currentBuild.keepLog = true; currentBuild.previousBuild?.displayName"
    )
    _, findings = parse(_file(script), "Jenkinsfile")
    assert [one.severity for one in findings] == ["note"] * 3
