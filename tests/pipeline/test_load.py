"""From a file to the pipeline that is run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from seatrial.errors import BadInput, Place
from seatrial.pipeline.check import Known
from seatrial.pipeline.finding import has_errors
from seatrial.pipeline.load import candidates, complete, dialect_of, find, load, read_text
from seatrial.pipeline.pipeline import Environment, Pipeline
from tests.pipeline.stages import stage

GOOD = """\
stages:
  train:
    run: python train.py
    matrix: {size: [small, large]}
    inputs: [train.py]
    outputs: [model-$size/]
  test: {run: python test.py, inputs: [model-large/]}
"""


def test_a_pipeline_is_expanded_and_its_needs_written_out() -> None:
    loaded = load(GOOD, "seatrial.yaml")
    assert loaded.findings == ()
    assert [(each.name, each.needs) for each in loaded.pipeline.stages] == [
        ("train (size=small)", ()),
        ("train (size=large)", ()),
        ("test", ("train (size=large)",)),
    ]


def test_findings_stand_in_the_order_of_the_file_and_once() -> None:
    text = "stages:\n  a: {run: x, needs: [c]}\n  b: {run: x, rnu: y, matrix: {s: []}}\nmodle: x\n"
    loaded = load(text, "seatrial.yaml")
    assert [finding.place.line for finding in loaded.findings] == [2, 3, 3, 4]
    assert has_errors(loaded.findings)


def test_what_this_version_knows_is_asked() -> None:
    text = "stages: {a: {run: x, executor: docker, image: i}}"
    assert not load(text, "seatrial.yaml").findings
    (finding,) = load(text, "seatrial.yaml", known=Known(executors=("local",))).findings
    assert finding.place == Place("seatrial.yaml", 1, 32)


def test_a_file_without_stages_is_only_good_for_environments() -> None:
    assert [f.message for f in load("project: x", "seatrial.yaml").findings] == ["there is no stage"]
    assert load("environments: {p: {from: main}}", "seatrial.yaml").findings == ()


def test_a_dialect_may_be_said() -> None:
    assert load(GOOD, "ci.txt", "seatrial").findings == ()
    with pytest.raises(BadInput, match="there is no dialect `seatrail`") as caught:
        load(GOOD, "seatrial.yaml", "seatrail")
    assert caught.value.hint == "did you mean `seatrial`?"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("seatrial.yaml", "seatrial"),
        ("models/a/seatrial.yml", "seatrial"),
        ("seatrial.gpu.yaml", "seatrial"),
        ("nightly.seatrial.yaml", "seatrial"),
        ("Jenkinsfile", "jenkins"),
        ("ci/Jenkinsfile", "jenkins"),
        ("Jenkinsfile.nightly", "jenkins"),
        ("review.jenkinsfile", "jenkins"),
    ],
)
def test_a_file_name_says_the_dialect(path: str, name: str) -> None:
    assert dialect_of(path) == name


@pytest.mark.parametrize("path", ["ci.txt", "a/.gitlab-ci.yml", "", "seatrial", "xJenkinsfile"])
def test_other_names_say_none(path: str) -> None:
    with pytest.raises(BadInput, match="no dialect is known by the file name"):
        dialect_of(path)


def test_the_file_of_a_commit() -> None:
    assert find(["a", "Jenkinsfile", "seatrial.yaml", "x/seatrial.yaml"]) == "seatrial.yaml"
    assert find(["Jenkinsfile"]) == "Jenkinsfile"
    assert candidates(["Jenkinsfile", "seatrial.yaml", "b"]) == ("seatrial.yaml", "Jenkinsfile")


def test_no_file_names_what_was_looked_for() -> None:
    with pytest.raises(BadInput, match=r"looked for seatrial\.yaml, seatrial\.yml, Jenkinsfile") as caught:
        find(["src/a.py"])
    assert caught.value.hint == "`seatrial init` writes a seatrial.yaml"
    with pytest.raises(BadInput) as caught:
        find(["b/seatrial.yaml", "a/Jenkinsfile"])
    assert caught.value.hint == "say which with -f: a/Jenkinsfile, b/seatrial.yaml"


def test_settings_beside_another_dialect() -> None:
    foreign = Pipeline("jenkins", "Jenkinsfile", stages=(stage("Build"),))
    environment = Environment("production", Place("seatrial.yaml", 1, 1))
    settings = Pipeline("seatrial", "seatrial.yaml", "p", "m", (), (environment,), ignore=("docs/**",))
    both = complete(foreign, settings)
    assert (both.dialect, both.path, both.stages) == ("jenkins", "Jenkinsfile", foreign.stages)
    assert (both.project, both.model, both.ignore) == ("p", "m", ("docs/**",))
    assert both.environments == (environment,)
    assert complete(foreign, Pipeline("seatrial", "seatrial.yaml")) == foreign


def test_text_of_bytes() -> None:
    assert read_text("﻿é".encode(), "x") == "é"
    with pytest.raises(BadInput, match="byte 0xff is not UTF-8") as caught:
        read_text("a\nü".encode() + b"\xff", "x")
    assert caught.value.place == Place("x", 2, 2)
    with pytest.raises(BadInput, match="byte 0xfe is not UTF-8") as caught:
        read_text(b"\xef\xbb\xbfab\xfe", "x")
    assert caught.value.place == Place("x", 1, 3)


def test_nothing_heavy_is_imported_until_a_file_is_read() -> None:
    script = """
import sys
import seatrial.pipeline.pipeline, seatrial.pipeline.load, seatrial.pipeline.graph
import seatrial.pipeline.condition, seatrial.pipeline.encoding
seatrial.pipeline.load.find(["Jenkinsfile"])
heavy = {"yaml", "json", "pickle", "difflib", "dataclasses", "inspect", "seatrial.pipeline.dialects"}
heavy |= {"seatrial.pipeline.check", "seatrial.pipeline.matrix"}
print(sorted(heavy & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        ("predictions: p.csv, gates: [f1 > 0]", "beside `predictions` it has no value: `{evaluate: , "),
        ("outputs: [model/]", "`run:` is missing, which `outputs` belongs to"),
        ("serve: python serve.py", "`package:` is missing, which `serve` belongs to"),
        ("outputs: [model/], gates: [f1 > 0]", "say one of run, evaluate, package, release, approve"),
    ],
)
def test_a_stage_that_does_nothing_is_told_what_is_missing(keys: str, hint: str) -> None:
    [found] = load(f"stages:\n  a: {{{keys}}}\n", "seatrial.yaml").findings
    assert found.message == "`a` does nothing"
    assert hint in found.hint


def test_predictions_are_judged_without_a_model() -> None:
    text = "stages: {a: {evaluate: , predictions: p.csv, task: classification, gates: [accuracy > 0]}}\n"
    assert load(text, "seatrial.yaml").findings == ()


def test_a_stage_that_cannot_be_read_is_one_for_those_that_need_it() -> None:
    stages = "{train: {rnu: x}, list: [], test: {run: x, needs: [train, list, trian]}}"
    hints = {one.message: one.hint for one in load(f"stages: {stages}\n", "seatrial.yaml").findings}
    assert "`test` needs `train`, which is no stage" not in hints
    assert "`test` needs `list`, which is no stage" not in hints
    assert hints["`test` needs `trian`, which is no stage"] == "did you mean `train`?"
