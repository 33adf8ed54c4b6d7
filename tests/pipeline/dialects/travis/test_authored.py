"""Jobs of Travis as the lines that their author wrote."""

from __future__ import annotations

import pytest

from seatrial.pipeline.dialects.travis.authored import authored
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import LeaveOut, Program, Shell


def stages(text: str) -> tuple[Stage, ...]:
    return authored(text, ".travis.yml").stages


def script(text: str) -> str:
    (stage,) = stages(text)
    first = stage.steps[0]
    assert isinstance(first, Shell)
    return first.script


def test_one_line_is_the_script() -> None:
    assert script("language: minimal\nscript: make\n") == "make\n"


def test_lines_end_the_job_or_count_as_there() -> None:
    text = "language: minimal\ninstall: [make deps, a && b, cd x]\nscript: [make, 'make test; tell']\n"
    wanted = "make deps\na && b || exit\n{ cd x\n} || exit\n"
    wanted += 'status=0\nmake || status=1\n{ make test; tell\n} || status=1\nexit "$status"\n'
    assert script(text) == wanted


@pytest.mark.parametrize(("version", "module"), [("2.7", "virtualenv"), ("3.11", "venv")])
def test_python_2_has_no_venv(version: str, module: str) -> None:
    made = script(f"language: python\npython: '{version}'\ninstall: skip\nscript: make\n")
    assert made.startswith(f"python{version} -m {module} ~/virtualenv\n. ~/virtualenv/bin/activate\n")


@pytest.mark.parametrize(
    "more",
    [
        "script: travis_terminate 1",
        "script: echo $TRAVIS_JOB_WEB_URL",
        "script: make\ndeploy: {provider: script, script: ship}",
    ],
)
def test_a_job_that_is_more_than_its_lines_keeps_what_runs_here(more: str) -> None:
    assert "_travis_end" in script(f"language: minimal\n{more}\n") or "travis_terminate()" in script(
        f"language: minimal\n{more}\n"
    )


def test_a_job_that_may_fail_under_a_condition_stays_a_program() -> None:
    text = "language: minimal\nscript: make\njobs: {allow_failures: [{if: branch = dev}]}\n"
    assert isinstance(stages(text)[0].steps[0], Program)


def test_a_job_of_another_system_is_left_out() -> None:
    first, second = stages("language: minimal\nos: [linux, osx]\nscript: make\n")
    assert not isinstance(first.steps[0], LeaveOut)
    assert second.steps == (LeaveOut("it wants `os: osx`"),)


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("branches: {only: [main]}", "branch == 'main'"),
        ("branches: {except: [/^wip-/]}", "not (branch matches '^wip-' or tag matches '^wip-')"),
        ("if: tag IS present AND type = push", "(tag and event == 'push')"),
        ("if: branch IN (a, b)", "(branch == 'a' or branch == 'b')"),
    ],
)
def test_a_condition_is_said_in_the_words_of_when(said: str, when: str) -> None:
    (stage,) = stages(f"language: minimal\nscript: make\n{said}\n")
    assert (stage.when.replace('"', "'"), stage.decision) == (when, None)


@pytest.mark.parametrize("said", ["env(X) = yes", "commit_message =~ /x/", "branch =~ /a\\z/", "fork = true"])
def test_what_when_cannot_say_stays_a_decision(said: str) -> None:
    (stage,) = stages(f"language: minimal\nscript: make\nif: {said}\n")
    assert stage.when == "" and stage.decision is not None
