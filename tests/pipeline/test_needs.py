"""The needs that follow from what a stage reads."""

from __future__ import annotations

import pytest

from seatrial.pipeline.needs import imply, plain, reads
from seatrial.pipeline.pipeline import EVALUATE, PACKAGE, RELEASE, Evaluate, Package, Release
from tests.pipeline.stages import needs, stage

TRAIN = stage("train", outputs=("model/",))
PREPARE = stage("prepare", outputs=("data/clean/train.csv", "data/clean/test.csv"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("model/", ("train",)),
        ("model", ("train",)),
        ("./model", ("train",)),
        ("model/weights.bin", ("train",)),
        ("model/*.bin", ("train",)),
        ("model*", ("train",)),
        ("models/", ()),
        ("mod", ()),
        ("data/", ("prepare",)),
        ("data/clean/*.csv", ("prepare",)),
        ("data/**", ("prepare",)),
        ("data/*.csv", ()),
        ("data/clean/other.csv", ()),
        ("*.csv", ()),
        ("**/*.csv", ("prepare",)),
        ("/model/", ()),
        ("s3://bucket/model/", ()),
    ],
)
def test_an_input_that_another_stage_makes_is_a_need(path: str, expected: tuple[str, ...]) -> None:
    assert needs(imply((TRAIN, PREPARE, stage("use", inputs=(path,)))))["use"] == expected


def test_said_needs_stand_first_and_none_stands_twice() -> None:
    use = stage("use", "lint", "train", inputs=("data/clean/test.csv", "data/clean/train.csv", "model/"))
    assert needs(imply((stage("lint"), TRAIN, PREPARE, use)))["use"] == ("lint", "train", "prepare")


def test_a_stage_never_needs_itself() -> None:
    assert imply((stage("grow", inputs=("model/",), outputs=("model/",)),))[0].needs == ()


def test_a_stage_that_reads_the_whole_tree_reads_no_output() -> None:
    assert imply((TRAIN, stage("test")))[1].needs == ()


def test_evaluation_and_package_read_what_they_name() -> None:
    evaluation = stage("evaluate", action=EVALUATE, options=Evaluate("model/", data="data/clean/test.csv"))
    package = stage("package", action=PACKAGE, options=Package("model/", include=("data/clean/train.csv",)))
    found = needs(imply((TRAIN, PREPARE, evaluation, package)))
    assert found["evaluate"] == found["package"] == ("train", "prepare")
    assert reads(evaluation) == ("model/", "data/clean/test.csv")


def test_a_release_needs_the_packages_unless_it_names_one() -> None:
    small, large = (
        stage(name, action=PACKAGE, options=Package(f"{name}/"), expanded_from=name[0])
        for name in ("small", "large")
    )
    release = stage("release", action=RELEASE, options=Release("production"))
    assert needs(imply((small, large, release)))["release"] == ("small", "large")
    assert needs(imply((small, large, release._replace(needs=("large",)))))["release"] == ("large",)


def test_plain_paths() -> None:
    assert [plain(path) for path in ("./a/", "a", "a/b/")] == ["a", "a", "a/b"]
