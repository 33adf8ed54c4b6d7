"""Jobs and findings of a `.travis.yml`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.pipeline.dialects.travis import parse
from seatrial.pipeline.pipeline import Pipeline
from seatrial.pipeline.writers.losses import common
from tests.properties import examples


def read(text: str) -> tuple[Pipeline, list[str]]:
    pipeline, findings = parse(text, ".travis.yml")
    return pipeline, [f"{one.place.line}:{one.place.column} {one.severity}" for one in findings]


def names(text: str) -> list[str]:
    return [stage.name for stage in read(text)[0].stages]


PYTHON = "language: python\nscript: pytest\n"


def test_the_axes_are_multiplied_and_env_varies_fastest() -> None:
    text = PYTHON + "python: [3.9, 3.10]\nenv: [A=1, 'A=2 B=x']\n"
    assert names(text) == [
        "python 3.9, A=1",
        "python 3.9, A=2, B=x",
        "python 3.10, A=1",
        "python 3.10, A=2, B=x",
    ]


def test_what_is_excluded_goes_and_the_implied_job_goes_where_entries_are_added() -> None:
    excluded = "python: [3.9, 3.10]\nmatrix:\n  exclude:\n  - python: 3.9\n"
    assert names(PYTHON + excluded) == ["python 3.10"]
    assert names(PYTHON + "jobs:\n  include:\n  - name: a\n  - name: b\n") == ["a", "b"]


def test_where_all_would_be_excluded_the_entries_stay() -> None:
    text = PYTHON + "python: 3.11\njobs:\n  exclude: [python: 3.11]\n"
    entries = "  include: [{name: a, python: 3.11}, {name: b, python: 3.11}]\n"
    assert names(text + entries) == ["a", "b"]
    assert read(text + entries)[1] == ["5:12 warning"]
    assert names(text + entries.replace("b, python: 3.11", "b")) == ["b"]  # which does not say it


def test_a_stage_waits_for_the_jobs_of_the_one_before() -> None:
    text = (
        "script: make\nlanguage: c\nstages: [build, deploy]\njobs:\n  include:\n"
        "  - {stage: deploy, name: d}\n  - {stage: build, name: a}\n  - {name: b}\n"
        "  allow_failures:\n  - name: b\n"
    )
    found = {stage.name: stage for stage in read(text)[0].stages}
    assert list(found) == ["a", "b", "d"]
    assert found["d"].needs == ("a", "b")
    assert [stage.may_fail for stage in found.values()] == [False, True, False]
    assert all(stage.effects and not stage.cache for stage in found.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import: a.yml\n" + PYTHON, "1:1 error"),
        ("sudo: required\n" + PYTHON, "1:1 note"),
        ("os: osx\n" + PYTHON, "1:5 error"),
        ("os: [linux, osx]\n" + PYTHON, "1:13 warning"),
        (PYTHON + "env:\n  global:\n  - secure: abc\n", "5:5 note"),
        (PYTHON + "env:\n  TOKEN: {secure: abc}\n", "4:3 note"),
        (PYTHON + "deploy:\n  provider: pypi\n", "4:3 warning"),
        ("language: dart\n", "1:1 error"),
        (PYTHON + "if: branch ~ x\n", "3:12 error"),
        (PYTHON + "if: branch =~ (x\n", "3:15 warning"),
        (PYTHON + "jobs: 3\n", "3:7 error"),
        (PYTHON + "jobs:\n- scirpt: x\n", "4:3 warning"),
        (PYTHON + "jobs:\n- dist: xenial\n", "4:3 note"),
        (PYTHON + "jobs: {include: [3]}\n", "3:18 warning"),
        (PYTHON + "scirpt: x\n", "3:1 warning"),
        (PYTHON + "env:\n- A=1 B='/home/travis/x'\n", "4:10 warning"),
    ],
)
def test_what_is_said_and_where(text: str, said: str) -> None:
    assert said in read(text)[1]


def test_a_writer_tells_that_a_cache_is_lost() -> None:
    pipeline, _ = read(PYTHON + "cache: pip\n")
    assert "what `test` caches is not kept from run to run" in [loss.message for loss in common(pipeline)]


@examples(200)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#?, \n~=()$") | st.text())
def test_no_text_raises(text: str) -> None:
    parse(text, ".travis.yml")
    parse(PYTHON + "env:\n  - " + text + "\nif: " + text, ".travis.yml")
