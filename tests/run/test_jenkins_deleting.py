"""The steps `deleteDir` and `cleanWs` of a Jenkinsfile empty the folder they are in, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project


def jenkinsfile(steps: str) -> str:
    return f"pipeline {{ agent any; stages {{ stage('one') {{ steps {{ {steps} }} }} }} }}"


@pytest.mark.parametrize("step", ["deleteDir()", "cleanWs()"])
def test_the_folder_is_empty_and_what_is_beside_it_stays(tmp_path: Path, step: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("here/.hidden/deep.txt", "1")
    project.write("beside.txt", "2")
    look = "sh 'echo inside: $(ls -A here) top: $(ls -A)'"
    text = jenkinsfile(f"dir('here') {{ {step}; sh 'pwd' }}; {look}; {step}; {look.replace('here', '.')}")
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    assert project.run(*pipeline.stages).status == "succeeded"
    lines = [line for line in project.log("one").splitlines() if line.startswith("inside:")]
    assert lines == ["inside: top: .git beside.txt here", "inside: top:"]


def test_arguments_are_refused() -> None:
    _, findings = parse(jenkinsfile("deleteDir(true)"), "Jenkinsfile")
    assert [one.message for one in findings] == ["deleteDir takes no arguments here"]


def left_by(tmp_path: Path, steps: str, post: str = "") -> tuple[str, str, str]:
    """The status of a run, what is left in its folder `d`, and its log."""
    for name in ("files", "home"):
        (tmp_path / name).mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    for name in (
        "a.txt",
        "lib/target/x.class",
        "lib/target/deep/y.class",
        "lib/src/z.java",
        ".hidden/h",
        "keep/k",
    ):
        project.write(f"d/{name}", "1")
    look = "sh 'cd d; echo left: $(find . -mindepth 1 | LC_ALL=C sort)'"
    text = f"""pipeline {{ agent any; stages {{
        stage('one') {{ steps {{ dir('d') {{ sh 'ln -s ../.. out'; {steps} }}; {look} }}
        {post} }} }} }}"""
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    status = project.run(*pipeline.stages).status
    log = project.log("one")
    lines = [line for line in log.splitlines() if line.startswith("left:")]
    return status, lines[-1].replace("./", "") if lines else "", log


ALL = ".hidden .hidden/h a.txt keep keep/k lib lib/src lib/src/z.java lib/target lib/target/deep "
ALL += "lib/target/deep/y.class lib/target/x.class out"


@pytest.mark.parametrize(
    ("step", "gone"),
    [
        ("cleanWs deleteDirs: true, patterns: [[pattern: '**/target/**', type: 'INCLUDE']]", "lib/target"),
        ("cleanWs patterns: [[pattern: '**/target/**']]", "lib/target/deep/y.class lib/target/x.class"),
        (
            "cleanWs(patterns: [[pattern: 'out', type: 'INCLUDE'], [pattern: '*.txt', type: 'INCLUDE']])",
            "a.txt out",
        ),
        (
            "cleanWs(deleteDirs: true, patterns: [[pattern: 'keep/**', type: 'EXCLUDE'],"
            " [pattern: 'lib/', type: 'EXCLUDE']])",
            ".hidden a.txt out",
        ),
        ("script { cleanWs(patterns: [[pattern: \"${'lib'}/src/*\", type: 'INCLUDE']]) }", "lib/src/z.java"),
        ("step([$class: 'WsCleanup', patterns: [[pattern: 'lib/**']], deleteDirs: true])", "lib"),
        (
            "cleanWs(deleteDirs: true, patterns: [[pattern: '../**'], [pattern: '/**'],"
            " [pattern: 'keep/k']])",
            "keep/k",
        ),
        ("cleanWs(cleanWhenFailure: false, cleanWhenUnstable: false)", ALL),
        ("unstable 'so'; cleanWs(cleanWhenUnstable: false)", ""),
        ("cleanWs(notFailBuild: true, deleteDirs: true, disableDeferredWipeout: true)", ALL),
    ],
)
def test_what_the_patterns_mean_is_removed_and_nothing_else(tmp_path: Path, step: str, gone: str) -> None:
    _, left, log = left_by(tmp_path, step)
    away = gone.split()
    stays = [
        one for one in ALL.split() if not any(one == name or one.startswith(f"{name}/") for name in away)
    ]
    assert left == " ".join(["left:", *stays]), log
    assert (tmp_path / "files/d/a.txt").exists(), "the link that leads out was followed"


def test_a_failed_stage_is_cleaned_after_it_or_not(tmp_path: Path) -> None:
    post = "post {{ always {{ {} }}\n cleanup {{ sh 'echo left: $(ls d)' }} }}"
    kept = post.format("dir('d') { cleanWs(cleanWhenFailure: false) }")
    status, left, log = left_by(tmp_path, "error 'no'", kept)
    assert (status, left) == ("failed", "left: a.txt keep lib out")
    assert "nothing is removed: the run has failed" in log
    (tmp_path / "again").mkdir()
    cleaned = post.format("dir('d') { cleanWs(cleanWhenSuccess: false, skipWhenFailed: false) }")
    assert left_by(tmp_path / "again", "error 'no'", cleaned)[1] == "left:"


@pytest.mark.parametrize("patterns", ["[[type: 'INCLUDE']]", "'x'", "[[pattern: 'x', type: 'SOME']]"])
def test_patterns_that_mean_nothing_fail_the_stage(tmp_path: Path, patterns: str) -> None:
    for name in ("files", "home"):
        (tmp_path / name).mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    pipeline, findings = parse(jenkinsfile(f"script {{ cleanWs(patterns: {patterns}) }}"), "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    result = project.run(*pipeline.stages)
    assert result.status in ("failed", "errored")
    assert "pattern" in result.outcomes["one"].message
