"""Jobs of CircleCI as the commands that their author wrote."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.pipeline import step as steps
from seatrial.pipeline.dialects.circleci.authored import authored
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import Archive, Shell, Step

FILE = """\
version: 2.1
jobs:
  build:
    machine: {{image: "ubuntu-2204:current"}}
    steps:
      - checkout
{steps}
workflows: {{main: {{jobs: [build]}}}}
"""
OURS = "circleci/functions"


def stage(*steps: str) -> Stage:
    text = FILE.format(steps="\n".join(f"      - {step}" for step in steps))
    (found,) = authored(text, ".circleci/config.yml").stages
    return found


def is_ours(one: Stage) -> bool:
    return any(isinstance(step, Shell) and OURS in step.script for step in one.steps)


def test_commands_have_their_names_and_shells() -> None:
    one = stage("run: make", "run: {name: test it, command: make test, shell: /bin/sh}")
    first, second = one.steps
    assert isinstance(first, Shell) and isinstance(second, Shell)
    assert (first.script, first.shell, first.name) == ("make", ("/bin/bash", "-eo", "pipefail"), "")
    assert (second.script, second.shell, second.name) == ("make test", ("/bin/sh",), "test it")


def test_what_runs_in_any_case_stands_at_the_end() -> None:
    one = stage("run: make", "run: {command: tell, when: on_fail}", "run: {command: clean, when: always}")
    ends = {block.condition: [step.script for step in block.steps] for block in one.finally_}  # type: ignore[union-attr]
    assert ends == {"failure": ["tell"], "always": ["clean"]}


@pytest.mark.parametrize(
    "step",
    [
        "run: circleci-agent step halt",
        "run: {command: serve, background: true}",
        "when: {condition: {equal: [main, << pipeline.git.branch >>]}, steps: [{run: make}]}",
    ],
)
def test_a_job_that_is_more_than_its_commands_keeps_what_runs_here(step: str) -> None:
    assert is_ours(stage("run: make", step))
    assert not is_ours(stage("run: make"))


def test_so_does_one_whose_commands_go_on_after_what_runs_in_any_case() -> None:
    assert is_ours(stage("run: {command: clean, when: always}", "run: make"))


def test_what_is_waited_for_by_way_of_another_is_no_need() -> None:
    text = """\
version: 2.1
jobs: {a: &job {machine: true, steps: [checkout, {run: make}]}, b: *job, c: *job}
workflows: {main: {jobs: [a, {b: {requires: [a]}}, {c: {requires: [b]}}]}}
"""
    found = {one.name: (one.needs, one.accepts) for one in authored(text, ".circleci/config.yml").stages}
    assert found == {"a": ((), ()), "b": (("a",), ()), "c": (("b",), ())}


@pytest.mark.parametrize("folder", ["", "~/code/here", "{tmp}/srv/app"])
def test_the_folder_that_a_command_names_is_a_link_to_the_commit(folder: str, tmp_path: Path) -> None:
    folder = folder.replace("{tmp}", str(tmp_path))
    said = FILE.replace("    steps:", f"    working_directory: {folder}\n    steps:", 1) if folder else FILE
    text = said.format(steps=f"      - run: cat {folder or '~/project'}/x y")
    (found,) = authored(text, ".circleci/config.yml").stages
    commit, home = tmp_path / "commit", tmp_path / "home"
    commit.mkdir()
    home.mkdir()
    (commit / "x").write_text("there ")
    (commit / "y").write_text("and here")
    scripts = [step.script for step in found.steps if isinstance(step, Shell)]
    for _ in range(2):  # a machine may have the link of an earlier run
        ran = [
            subprocess.run(
                ["bash", "-eo", "pipefail", "-c", one],
                cwd=commit,
                env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for one in scripts
        ]
        assert ran == ["", "there and here"]


ODD = """\
version: 2.1
jobs:
  build:
    machine: true
    steps:
      - checkout
      - run: mkdir -p 'o ut/a b' && cd 'o ut' && touch 'a b/x' 'c;d' ./-e f1
      - persist_to_workspace: {root: "o ut", paths: ["a b", "c;d", "-e", "f[12]", "no$(touch pwned)*"]}
  use:
    machine: true
    steps:
      - attach_workspace: {at: "x $(touch pwned)"}
workflows: {main: {jobs: [build, {use: {requires: [build]}}]}}
"""


def test_names_of_folders_and_files_are_no_words_of_a_shell(tmp_path: Path) -> None:
    text = ODD.replace(', "no$(touch pwned)*"', "")
    assert ran(text, tmp_path) == [0, 0, 0]
    there = tmp_path / "x $(touch pwned)"
    assert {str(one.relative_to(there)) for one in there.rglob("*")} == {"a b", "a b/x", "c;d", "-e", "f1"}
    assert ran(ODD, tmp_path)[1] != 0  # there is no such file
    assert not any("pwned" in one.name and one != there for one in tmp_path.rglob("*"))


def ran(text: str, folder: Path) -> list[int]:
    stages = authored(text, ".circleci/config.yml").stages
    scripts = [step.script for one in stages for step in one.steps if isinstance(step, Shell)]
    words = ["bash", "-eo", "pipefail", "-c"]
    return [subprocess.run([*words, script], cwd=folder, timeout=60).returncode for script in scripts]


def test_a_folder_in_the_home_is_found_there() -> None:
    text = ODD.replace("x $(touch pwned)", "~/in here")
    *_, use = authored(text, ".circleci/config.yml").stages
    assert [one.script for one in use.steps if isinstance(one, Shell)] == [
        "mkdir -p ~/'in here' && cp -R .workspace/*/. ~/'in here'"
    ]


@pytest.mark.parametrize(
    ("path", "patterns"),
    [
        ("LICENSE", ("LICENSE", "LICENSE/**")),  # a file or a folder
        ("build.d", ("build.d", "build.d/**")),
        ("~/project/out/", ("out", "out/**")),
        (".", ("**",)),
        ("/tmp/out", ("/tmp/out",)),
    ],
)
def test_a_file_is_kept_and_so_is_a_folder(path: str, patterns: tuple[str, ...]) -> None:
    one = stage("run: make", f"store_artifacts: {{path: {path}}}")
    assert kept(one) == [Archive(patterns, (), False)]


def kept(one: Stage) -> list[Step]:
    return [step for block in one.finally_ for step in block.steps]


def test_reports_are_found_in_the_folder_of_the_job() -> None:
    assert kept(stage("run: make", "store_test_results: {path: .}")) == [
        steps.Tests(("**/*.xml",), False, False)
    ]
