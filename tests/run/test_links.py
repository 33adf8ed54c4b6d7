"""Links that commands put in the place of what is ours: nothing is read or written through one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine import IMAGE
from tests.run.jenkins import run
from tests.run.stages import new, stage, statuses

pytestmark = pytest.mark.slow

KEPT = {"d/file.txt": "of the commit\n", "r.xml": "<testsuite tests='1'><testcase name='a'/></testsuite>\n"}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the user's, with a file that also the commit has."""
    folder = tmp_path / "outside"
    (folder / "d").mkdir(parents=True)
    (folder / "file.txt").write_text("precious\n")
    (folder / "d/file.txt").write_text("precious\n")
    (folder / "r.xml").write_text(KEPT["r.xml"])
    return folder


def is_untouched(folder: Path) -> bool:
    texts = [(folder / name).read_text() for name in ("file.txt", "d/file.txt")]
    return texts == ["precious\n"] * 2 and len(list(folder.iterdir())) == 3


def pipeline(steps: str, agent: str = "any") -> str:
    return f"pipeline {{ agent {agent}\nstages {{ stage('One') {{ steps {{ {steps} }} }} }} }}"


@pytest.mark.parametrize("step", ["unstash 'kept'", "checkout scm"])
def test_a_folder_takes_the_place_of_a_link(tmp_path: Path, outside: Path, step: str) -> None:
    steps = f"stash includes: 'd/**', name: 'kept'\nsh 'rm -r d; ln -s {outside} d'\n{step}\nsh 'test ! -L d'"
    _, result = run(tmp_path, pipeline(steps), KEPT)
    assert result.status == "succeeded", result.outcomes["One"].message
    assert is_untouched(outside)


STEPS = (
    "writeFile file: 'x', text: 'y'",
    "writeFile file: 'd/file.txt', text: 'y'",
    "checkout scm",
    "stash 'all'",
    "archiveArtifacts '**'",
    "junit 'r.xml'",
    "dir('d') { echo 'inside' }",
)
MOVE = 'mv "$PWD" "$PWD-2" && ln -s {} "$PWD"'


@pytest.mark.parametrize("step", STEPS)
def test_a_link_in_the_place_of_the_workspace_is_refused(tmp_path: Path, outside: Path, step: str) -> None:
    _, result = run(tmp_path, pipeline(f"sh '{MOVE.format(outside)}'\n{step}"), KEPT)
    assert result.status == "errored"
    assert "a link stands in the place of the workspace" in result.outcomes["One"].message
    assert is_untouched(outside)


@pytest.mark.usefixtures("docker")
@pytest.mark.parametrize("step", STEPS)
def test_a_container_reaches_nothing_outside_by_a_link(tmp_path: Path, outside: Path, step: str) -> None:
    agent = f"{{ docker {{ image '{IMAGE}' }} }}"
    _, result = run(tmp_path, pipeline(f"sh '{MOVE.format(outside)}'\n{step}", agent), KEPT)
    assert result.status in ("errored", "failed")
    assert not result.outcomes["One"].outputs
    assert is_untouched(outside)


def test_a_report_is_not_read_through_a_link(tmp_path: Path, outside: Path) -> None:
    _, result = run(tmp_path, pipeline(f"sh 'ln -s {outside}/r.xml out.xml'\njunit 'out.xml'"), KEPT)
    assert result.status == "errored"
    assert "a link leads out of its folder: 'out.xml'" in result.outcomes["One"].message


def test_a_script_that_goes_by_a_file_finds_a_place_of_its_own(tmp_path: Path) -> None:
    own = "sh '''#!/bin/sh\necho fine'''"
    _, result = run(tmp_path, pipeline(f"sh 'cd ..; for n in $(seq 400); do mkdir -p $n; done'\n{own}"))
    assert result.status == "succeeded", result.outcomes["One"].message


def test_what_is_handed_on_takes_the_place_of_a_link_in_a_clone(tmp_path: Path, outside: Path) -> None:
    project = new(tmp_path)
    project.write("a.txt", "read\n")
    (project.files / "made").symlink_to(outside)
    one = stage("one", "echo new > made/file.txt", inputs=("a.txt",), outputs=("made/file.txt",))
    two = stage(
        "two",
        "cat made/file.txt; git status --short",
        inputs=("a.txt",),
        needs=("one",),
        git=True,
        cache=False,
    )
    result = project.run(one, two)
    assert statuses(result) == {"one": "succeeded", "two": "succeeded"}, result.outcomes["two"].message
    assert project.log("two").startswith("new\n D made")
    assert is_untouched(outside)
