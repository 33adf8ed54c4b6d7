from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import Place
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.constructs import HOWS, Construct, Seen, constructs, counts, judge
from seatrial.pipeline.finding import NOTE, Finding, error, note, warning
from seatrial.pipeline.load import load
from tests.fuzz.constructs import agree
from tests.properties import examples

JENKINSFILE = """\
@Library('x') _
pipeline {
    agent { label 'big' }
    options { timestamps() }
    stages {
        stage('a') {
            when { branch 'main' }
            steps {
                sh "make ${env.TARGET}"
                deleteDir()
                sendPigeon 'home'
            }
            post { always { echo 'done' } }
        }
    }
}
"""
TRAVIS = """\
language: python
python: [3.10, 3.11]
sudo: false
jobs:
  include:
    - stage: last
      if: branch ~ x
      os: osx
      addons: {apt: [x]}
script: pytest
deploy:
  provider: pypi
  on: {branch: main}
"""
CIRCLECI = """\
version: 2.1
orbs: {node: circleci/node@1}
commands:
  greet:
    steps: [{run: echo hello}]
jobs:
  build:
    docker: [{image: a, user: b}]
    resource_class: small
    steps:
      - checkout
      - greet
      - node/install
      - run: {name: x, command: make}
workflows:
  w:
    jobs:
      - build: {filters: {branches: {only: main}}}
"""
FILES = {"jenkins": JENKINSFILE, "travis": TRAVIS, "circleci": CIRCLECI}


def of(dialect: str) -> dict[tuple[str, int], Construct]:
    """By name and line."""
    text = FILES[dialect]
    found = constructs(dialect, text, "x", load(text, "x", dialect).findings)
    return {(one.name, one.place.line): one for one in found}


@pytest.mark.parametrize(
    ("dialect", "name", "line", "how"),
    [
        ("jenkins", "@Library", 1, "refused"),
        ("jenkins", "pipeline", 2, "exact"),
        ("jenkins", "agent", 3, "exact"),
        ("jenkins", "agent.label", 3, "noted"),
        ("jenkins", "options.timestamps", 4, "noted"),
        ("jenkins", "when.branch", 7, "exact"),
        ("jenkins", "sh", 9, "exact"),
        ("jenkins", "GString", 9, "exact"),
        ("jenkins", "env.TARGET", 9, "exact"),
        ("jenkins", "deleteDir", 10, "emulated"),
        ("jenkins", "sendPigeon", 11, "refused"),
        ("jenkins", "post.always", 13, "exact"),
        ("travis", "language", 1, "exact"),
        ("travis", "python", 2, "emulated"),
        ("travis", "sudo", 3, "noted"),
        ("travis", "include.stage", 6, "exact"),
        ("travis", "include.if", 7, "refused"),
        ("travis", "include.os", 8, "noted"),
        ("travis", "include.addons", 9, "noted"),
        ("travis", "deploy", 11, "exact"),
        ("travis", "deploy.provider", 12, "noted"),
        ("travis", "on.branch", 13, "exact"),
        ("circleci", "orb node", 2, "refused"),
        ("circleci", "command greet", 4, "exact"),
        ("circleci", "docker.user", 8, "exact"),
        ("circleci", "job.resource_class", 9, "noted"),
        ("circleci", "steps.checkout", 11, "emulated"),
        ("circleci", "command call greet", 12, "exact"),
        ("circleci", "command call node/install", 13, "refused"),
        ("circleci", "run.command", 14, "exact"),
        ("circleci", "filters.branches", 18, "exact"),
    ],
)
def test_a_construct_is_listed_where_it_stands(dialect: str, name: str, line: int, how: str) -> None:
    assert of(dialect)[name, line].how == how


@pytest.mark.parametrize("dialect", FILES)
def test_what_is_not_exact_says_why(dialect: str) -> None:
    found = of(dialect).values()
    assert [one for one in found if (one.how != "exact") != bool(one.note)] == []


@pytest.mark.parametrize("dialect", FILES)
def test_the_report_agrees_with_the_findings(dialect: str) -> None:
    """Every message of an error is the note of something refused, and nothing else is."""
    findings = load(FILES[dialect], "x", dialect).findings
    refused = " ".join(one.note for one in of(dialect).values() if one.how == "refused")
    kept = " ".join(one.note for one in of(dialect).values() if one.how != "refused")
    errors = [one.message for one in findings if one.severity == "error"]
    assert errors
    assert [message for message in errors if message not in refused or message in kept] == []


DAMAGE = ["", "{", "}", "[", "]", ": ", "- ", "\n", "'", '"', "&a ", "*a", "<<: ", "${", "script { ", "\0"]


@pytest.mark.parametrize("dialect", FILES)
@examples(60)
@given(st.integers(0, 2**32))
def test_the_report_agrees_with_the_findings_of_a_damaged_file(dialect: str, seed: int) -> None:
    chance = random.Random(seed)
    text = FILES[dialect]
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(DAMAGE) + text[at + chance.choice((0, 0, 1, 9)) :]
    agree(dialect, text, load(text, "x", dialect).findings)


@pytest.mark.parametrize("dialect", [name for name in ALL_DIALECTS if name != "seatrial"])
@pytest.mark.parametrize("text", ["", "{", "pipeline {", "a: [", "- 1\n- 2\n", "\0", "sh 'x'\n", "jobs: 3\n"])
def test_a_file_that_cannot_be_read_is_one_thing_refused(dialect: str, text: str) -> None:
    findings = load(text, "x", dialect).findings
    found = constructs(dialect, text, "x", findings)
    assert "refused" in {one.how for one in found}


def test_a_file_of_our_own_has_none() -> None:
    assert constructs("seatrial", "stages: {a: true}\n", "seatrial.yaml") == ()


def at(line: int, column: int = 1) -> Place:
    return Place("x", line, column)


def test_a_finding_belongs_to_the_innermost_construct_around_it() -> None:
    seen = (Seen("outer", at(1), 9), Seen("inner", at(2), 4), Seen("next", at(5), 6))
    found = judge(seen, [error(at(3), "bad"), note(at(8), "so so")])
    assert [(one.name, one.how, one.note) for one in found] == [
        ("outer", "noted", "so so"),
        ("inner", "refused", "bad"),
        ("next", "exact", ""),
    ]


def test_of_those_that_begin_together_the_one_that_is_named_is_meant() -> None:
    seen = (Seen("entry", at(1), 2, ""), Seen("step.run", at(1), 2))
    assert [one.name for one in judge(seen, [error(at(1), "`run` has no command")])] == ["step.run"]
    assert [one.name for one in judge(seen, [error(at(1), "a step has one key")])] == ["entry", "step.run"]


def test_a_finding_of_no_construct_has_a_line_of_its_own() -> None:
    found = judge((Seen("a", at(5), 5),), [error(at(2), "bad")])
    assert [(one.name, one.how) for one in found] == [("file", "refused"), ("a", "exact")]


def test_the_worst_finding_decides_and_all_are_told() -> None:
    said = (warning(at(1), "one"), error(at(1), "two"), Finding(NOTE, at(1), "three"))
    (found,) = judge((Seen("a", at(1), 1),), said)
    assert (found.how, found.note) == ("refused", "one; two; three")


def test_the_counts_are_of_each_kind() -> None:
    found = judge((Seen("a", at(1), 1), Seen("b", at(2), 2, "emulated", "so")), [])
    assert counts(found) == {"exact": 1, "emulated": 1, "noted": 0, "refused": 0}
    assert tuple(counts(())) == HOWS
