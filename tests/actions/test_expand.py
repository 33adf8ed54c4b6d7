from __future__ import annotations

import pytest

from seatrial.actions.expand import environments_of, expanded
from seatrial.errors import BadInput, Place
from seatrial.pipeline.pipeline import COMMAND, EVALUATE, PREDICT, Evaluate, Gate, Predict, Stage

PLACE = Place("seatrial.yaml", 3, 5)
LIVE = "sha256:" + "a" * 64


def evaluation(name: str, *gates: str, **options: str) -> Stage:
    given = {"evaluated": "model/", "predict": "predict.sh", "data": "test.csv", **options}
    found = Evaluate(**given, gates=tuple(Gate(text, PLACE) for text in gates))  # type: ignore[arg-type]
    return Stage(
        name, PLACE, EVALUATE, options=found, needs=("train",), inputs=("predict.sh",), python="r.txt"
    )


TRAIN = Stage("train", PLACE, COMMAND, outputs=("model/",))


def test_a_pipeline_without_evaluation_stays_as_it_is() -> None:
    assert expanded((TRAIN,), lambda _: LIVE) == (TRAIN,)


def test_the_candidate_predicts_and_so_does_what_is_live() -> None:
    stage = evaluation("evaluate", "accuracy >= 0.8", "f1 >= production - 0.02", "recall >= staging")
    train, candidate, production, judged = expanded(
        (TRAIN, stage), lambda name: LIVE if name == "production" else ""
    )
    assert train is TRAIN
    assert (candidate.name, candidate.action) == ("predict@candidate", PREDICT)
    assert candidate.options == Predict("predict.sh", "test.csv", "model/")
    assert (candidate.needs, candidate.inputs, candidate.python) == (("train",), ("predict.sh",), "r.txt")
    assert production.name == "predict@production"
    assert production.options == Predict("predict.sh", "test.csv", "model/", LIVE, "production")
    assert judged.needs == ("train", "predict@candidate", "predict@production")
    assert isinstance(judged.options, Evaluate)
    assert judged.options.baselines == (("production", LIVE), ("staging", ""))


def test_several_evaluations_have_predictions_of_their_own() -> None:
    stages = (evaluation("short", "f1 >= 0.5"), evaluation("long", "f1 >= 0.5"))
    names = [stage.name for stage in expanded(stages, lambda _: "")]
    assert names == ["predict@candidate@short", "short", "predict@candidate@long", "long"]


def test_given_predictions_need_no_stage() -> None:
    stage = evaluation("evaluate", "f1 >= production", predict="", data="", predictions="answers.csv")
    (judged,) = expanded((stage,), lambda _: LIVE)
    assert isinstance(judged.options, Evaluate)
    assert judged.options.baselines == (("production", LIVE),)
    assert judged.needs == ("train",)


def test_an_environment_is_asked_for_once() -> None:
    asked: list[str] = []

    def live(name: str) -> str:
        asked.append(name)
        return LIVE

    stage = evaluation("evaluate", "f1 >= production", "recall >= production", "accuracy >= 0.5")
    expanded((stage,), live)
    assert asked == ["production"]


def test_live_gates_name_no_environment() -> None:
    options = evaluation("evaluate", "error_rate <= stable + 0.5pp").options
    assert isinstance(options, Evaluate)
    assert environments_of(options) == ()


@pytest.mark.parametrize("text", ["accuracy", "accuracy >= candidate"])
def test_what_cannot_be_planned_is_bad_input_at_its_place(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        expanded((evaluation("evaluate", text),), lambda _: LIVE)
    assert caught.value.place is not None
    assert caught.value.place.line == 3
