"""The combinations of a matrix, as GitHub's documentation has them, and the stages made of them."""

from __future__ import annotations

import pytest

from seatrial.pipeline.matrix import combinations, expand
from seatrial.pipeline.pipeline import EVALUATE, Evaluate, Matrix, Variables
from tests.pipeline.stages import needs, stage


def row(text: str) -> Variables:
    return tuple((name, value) for name, _, value in (part.partition("=") for part in text.split()))


def test_include_as_in_githubs_documentation() -> None:
    matrix = Matrix(
        axes=(("fruit", ("apple", "pear")), ("animal", ("cat", "dog"))),
        include=tuple(
            map(
                row,
                (
                    "color=green",
                    "color=pink animal=cat",
                    "fruit=apple shape=circle",
                    "fruit=banana",
                    "fruit=banana animal=cat",
                ),
            )
        ),
    )
    assert [dict(each) for each in combinations(matrix)] == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_exclude_as_in_githubs_documentation() -> None:
    matrix = Matrix(
        axes=(
            ("os", ("macos-latest", "windows-latest")),
            ("version", ("12", "14", "16")),
            ("environment", ("staging", "production")),
        ),
        exclude=(
            row("os=macos-latest version=12 environment=production"),
            row("os=windows-latest version=16"),
        ),
    )
    assert len(combinations(matrix)) == 9


def test_include_alone_is_a_list() -> None:
    assert combinations(Matrix(include=(row("a=1"), row("a=2 b=3")))) == (row("a=1"), row("a=2 b=3"))


def test_an_empty_row_excludes_nothing() -> None:
    assert len(combinations(Matrix(axes=(("a", ("1",)),), exclude=((),)))) == 1


def test_a_stage_for_each_combination() -> None:
    train = stage(
        "train",
        matrix=Matrix(axes=(("size", ("small", "large")), ("seed", ("1",)))),
        inputs=("train.py", "data/${size}.csv"),
        outputs=("model-$size/",),
        reports=("$size.xml",),
        image="python:$other",
        python="$size.txt",
    )
    (small, large, test), findings = expand((train, stage("test", "train", "lint")))
    assert not findings
    assert (small.name, large.name) == ("train (size=small, seed=1)", "train (size=large, seed=1)")
    assert small.expanded_from == "train"
    assert small.variables == (("size", "small"), ("seed", "1"))
    assert small.matrix == Matrix()
    assert small.inputs == ("train.py", "data/small.csv")
    assert small.outputs == ("model-small/",)
    assert (small.reports, small.python, small.image) == (("small.xml",), "small.txt", "python:$other")
    assert test.needs == (small.name, large.name, "lint")


def test_paths_of_an_evaluation_take_the_choice() -> None:
    evaluation = stage(
        "evaluate",
        action=EVALUATE,
        options=Evaluate("model-$size/", data="$size.csv", predictions="$size.parquet"),
        matrix=Matrix(axes=(("size", ("small",)),)),
    )
    (concrete,), _ = expand((evaluation,))
    assert concrete.options == Evaluate("model-small/", data="small.csv", predictions="small.parquet")
    assert concrete.inputs is None


def test_a_matrix_may_need_a_matrix() -> None:
    both = tuple(
        stage(name, *more, matrix=Matrix(axes=(("x", ("1", "2")),)))
        for name, more in (("a", ()), ("b", ("a",)))
    )
    stages, _ = expand(both)
    assert needs(stages)["b (x=2)"] == ("a (x=1)", "a (x=2)")


def test_nothing_to_expand_is_the_same_value() -> None:
    stages = (stage("a"),)
    assert expand(stages) == (stages, ())
    assert expand(stages)[0] is stages


HUNDRED = tuple(map(str, range(100)))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (Matrix(axes=(("a", HUNDRED), ("b", HUNDRED[:3]))), "the matrix of `t` makes more than 256 stages"),
        (
            Matrix(axes=tuple((f"a{i}", HUNDRED) for i in range(50))),
            "the matrix of `t` makes more than 256 stages",
        ),
        (Matrix(include=(row("a=1"),) * 300), "the matrix of `t` makes more than 256 stages"),
        (Matrix(axes=(("a", ("1",)),), exclude=(row("a=1"),)), "the matrix of `t` leaves no combination"),
        (Matrix(axes=(("a", ()),)), "the matrix of `t` leaves no combination"),
    ],
)
def test_matrices_that_cannot_be_run(matrix: Matrix, message: str) -> None:
    stages, findings = expand((stage("t", matrix=matrix),))
    assert [finding.message for finding in findings] == [message]
    assert [each.name for each in stages] == ["t"]


@pytest.mark.parametrize(
    "matrix",
    [
        Matrix(axes=(("a", HUNDRED[:16]), ("b", HUNDRED[:16]))),
        # 4,096 before those that are excluded, and 256 after.
        Matrix(
            axes=(("a", HUNDRED[:64]), ("b", HUNDRED[:64])),
            exclude=tuple((("a", value),) for value in HUNDRED[4:64]),
        ),
    ],
)
def test_the_largest_matrix_is_run(matrix: Matrix) -> None:
    stages, findings = expand((stage("t", matrix=matrix),))
    assert (len(stages), findings) == (256, ())


def test_matrices_that_are_too_many_together() -> None:
    many = Matrix(axes=(("a", HUNDRED), ("b", ("1", "2"))))
    stages = tuple(stage(f"s{i}", matrix=many) for i in range(51))
    same, findings = expand(stages)
    assert same is stages
    assert [finding.message for finding in findings] == [
        "the matrices of this file make more than 10000 stages"
    ]
