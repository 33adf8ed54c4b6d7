"""An evaluation from files to verdict: the numbers, what refuses a model, and the record that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pytest
from pyarrow import parquet
from scipy import stats

from seatrial.errors import BadInput, Place
from seatrial.evaluation.evaluate import Request, evaluate
from seatrial.evaluation.record import Comparison, Confusion, Evaluation, SliceLoss, from_json, to_json
from seatrial.evaluation.verdict import Check, GateResult, Measurement

PLACE = Place("seatrial.yaml", 12, 9)
DOMAINS = ("movies", "nyt", "tweets")

Judge = Callable[..., Evaluation]


def flip(labels: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    return np.where(wrong, np.where(labels == "pos", "neg", "pos"), labels)


def table(path: Path, **columns: Any) -> Path:
    rows = zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True)
    path.write_text(",".join(columns) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judge 900 examples, 300 a domain; the candidate is `wrong` on a share of each, evenly spread."""

    def run(
        gates: tuple[str, ...] = (),
        *,
        wrong: tuple[float, ...] = (0.1, 0.1, 0.1),
        production: tuple[float, ...] | None = (0.2, 0.2, 0.2),
        n: int = 900,
        **options: Any,
    ) -> Evaluation:
        number = np.arange(n)
        label = np.where(number % 2 == 0, "pos", "neg")
        domain = np.asarray(DOMAINS)[number % 3]

        def predicted(shares: tuple[float, ...]) -> np.ndarray:
            share = np.asarray(shares)[number % 3]
            return flip(label, (number // 3) % 100 < 100 * share)

        data = table(tmp_path / "data.csv", id=number, label=label, domain=domain)
        ours = table(tmp_path / "ours.csv", id=number[::-1], prediction=predicted(wrong)[::-1])
        theirs = (
            table(tmp_path / "theirs.csv", id=number, prediction=predicted(production))
            if production
            else None
        )
        request = Request(
            predictions=ours,
            data=data,
            baselines={"production": theirs},
            gates=tuple((gate, PLACE) for gate in gates),
            slices=("domain",),
            task="classification",
        )
        return evaluate(request._replace(**options))

    return run


def verdicts(evaluation: Evaluation) -> list[str]:
    return [result.verdict for result in evaluation.gates]


def test_a_better_model_passes(judge: Judge) -> None:
    gates = (
        "accuracy >= 0.85",
        "recall(pos) >= 0.8",
        "f1 >= production - 0.02",
        "precision(pos) >= production * 0.95",
        "accuracy >= 0.8 on every domain",
        "accuracy >= production on domain=tweets",
    )
    found = judge(gates)
    assert verdicts(found) == ["pass"] * 6
    assert found.judgement == ("pass", "all 6 gates pass", False)
    assert (found.task, found.n, found.confidence, found.inconclusive) == (
        "classification",
        900,
        "95%",
        "refuse",
    )
    assert found.confusion == Confusion(("neg", "pos"), ((405, 45), (45, 405)))
    assert [check.slice for check in found.gates[4].checks] == [
        "domain=movies",
        "domain=nyt",
        "domain=tweets",
    ]
    assert found.gates[4].reason == "all 3 slices pass"


def test_measurements(judge: Judge) -> None:
    found = judge()
    by_name = {measured.metric: measured for measured in found.measurements}
    assert list(by_name) == [
        "accuracy",
        "f1",
        "precision",
        "recall",
        *(f"{rate}({label})" for label in ("neg", "pos") for rate in ("f1", "precision", "recall")),
    ]
    accuracy = by_name["accuracy"]
    assert (accuracy.estimate, accuracy.n, accuracy.method) == (0.9, 900, "Clopper-Pearson")
    exact = stats.binomtest(810, 900).proportion_ci(0.95, method="exact")
    assert (accuracy.low, accuracy.high) == pytest.approx((exact.low, exact.high))
    assert by_name["precision(pos)"].n == 450
    assert {(m.metric, m.slice): m.estimate for m in found.slices}["accuracy", "domain=nyt"] == 0.9
    assert found.judgement.verdict == "not applicable"
    assert any("macro average" in note for note in found.notes)


def test_a_worse_model_is_refused_with_the_slices_that_got_worse(judge: Judge) -> None:
    found = judge(("accuracy >= production - 0.02",), wrong=(0.2, 0.25, 0.6))
    (gate,) = found.gates
    assert (gate.verdict, gate.place) == ("fail", PLACE)
    (check,) = gate.checks
    assert check.bound == pytest.approx(0.78)
    assert check.high is not None
    assert check.high < check.bound
    assert check.measurement.baseline == 0.8
    assert check.measurement.difference == pytest.approx(-0.15)
    (comparison,) = found.comparisons
    assert comparison.environment == "production"
    losses = [(lost.slice, round(lost.loss, 9), lost.claimed) for lost in comparison.worse]
    assert losses == [("domain=tweets", 0.4, True), ("domain=nyt", 0.05, True)]


def test_a_slice_that_is_worse_by_chance_is_not_claimed(judge: Judge) -> None:
    found = judge(wrong=(0.2, 0.2, 0.21))
    (lost,) = found.comparisons[0].worse
    assert (lost.slice, lost.claimed) == ("domain=tweets", False)


def test_not_enough_evidence_says_how_much_more(judge: Judge) -> None:
    found = judge(("accuracy >= 0.88",), n=300)
    (check,) = found.gates[0].checks
    assert check.verdict == "inconclusive"
    assert check.more == 2000  # 300 (2.8 * .0173 / .02)^2 - 300 = 1,464; Clopper-Pearson's is a little wider
    assert check.reason.startswith("0.9 (0.86")
    assert check.reason.endswith(", bar 0.88: about 2,000 more examples would decide")
    assert found.judgement.verdict == "inconclusive"


def test_the_number_of_examples_is_of_the_file_not_of_the_class(judge: Judge) -> None:
    """recall(pos) counts half of the examples, so twice as many are needed."""
    (recall,) = judge(("recall(pos) >= 0.88",), n=600).gates[0].checks
    (accuracy,) = judge(("accuracy >= 0.88",), n=300).gates[0].checks
    assert recall.measurement.n == accuracy.measurement.n == 300
    assert recall.more is not None
    assert accuracy.more is not None
    assert recall.more in (3000, 4000)


def test_where_all_of_few_are_right_no_handful_more_is_promised_to_decide(
    judge: Judge,
) -> None:
    """10 of 10 against .8: of 17 the interval is above it (.025 ** (1/17) = .805), and not of 12."""
    (check,) = judge(("accuracy >= 0.8",), n=10, wrong=(0.0, 0.0, 0.0)).gates[0].checks
    assert (check.verdict, check.more) == ("inconclusive", 40)
    assert verdicts(judge(("accuracy >= 0.8",), n=10 + check.more, wrong=(0.0, 0.0, 0.0))) == ["pass"]


def test_a_hopeless_number_is_not_shown(judge: Judge) -> None:
    (check,) = judge(("accuracy >= 0.8999",)).gates[0].checks
    assert (check.verdict, check.more) == ("inconclusive", None)
    assert "about" not in check.reason


def test_the_first_release(judge: Judge) -> None:
    found = judge(("f1 >= production - 0.02", "accuracy >= 0.85"), production=None)
    assert verdicts(found) == ["not applicable", "pass"]
    assert found.gates[0].reason == "production has no revision to compare with"
    assert found.judgement.verdict == "pass"
    alone = judge(("f1 >= production - 0.02",), production=None)
    assert (alone.judgement.verdict, alone.judgement.needs_first) == ("inconclusive", True)
    assert alone.comparisons == ()


def test_a_failure_among_many_is_corrected(judge: Judge) -> None:
    """63 of 300 wrong, at least 84% right asked for: beyond .025 alone, but not beyond .025 / 3."""
    alone = judge(("accuracy >= 0.84 on domain=nyt",), wrong=(0.0, 0.21, 0.0))
    among = judge(("accuracy >= 0.84 on every domain",), wrong=(0.0, 0.21, 0.0))
    assert verdicts(alone) == ["fail"]
    assert verdicts(among) == ["inconclusive"]
    assert "domain=nyt" in among.gates[0].reason
    assert "may be chance" in among.gates[0].reason


def test_no_data_is_inconclusive(judge: Judge) -> None:
    found = judge(("accuracy >= 0.5 on domain=twets",))
    assert verdicts(found) == ["inconclusive"]
    assert found.gates[0].reason.endswith("no examples with domain 'twets'; did you mean 'tweets'?")


def test_point(judge: Judge) -> None:
    gates = ("accuracy >= 0.9", "accuracy > 0.9", "f1 >= production * 1.12", "f1 >= production + 0.11")
    found = judge(gates, confidence="point")
    assert verdicts(found) == ["pass", "fail", "pass", "fail"]
    assert found.gates[0].reason == "0.9, bar 0.9"
    assert found.gates[0].checks[0].low == found.gates[0].checks[0].high == 0.9
    assert not any(
        lost.claimed for lost in judge(wrong=(0.9, 0.9, 0.9), confidence="point").comparisons[0].worse
    )


def test_more_confidence_is_a_wider_interval(judge: Judge) -> None:
    usual, wide = judge().measurements[0], judge(confidence="99%").measurements[0]
    assert usual.low is not None
    assert wide.low is not None
    assert wide.low < usual.low


@pytest.mark.parametrize(
    ("gate", "message", "hint"),
    [
        ("error_rate <= 1%", "measured on live traffic", "environment"),
        ("accuracy >= stable", "measured on live traffic", "stable"),
        ("rmse <= 2", "rmse does not fit the task classification", "accuracy"),
        ("f1 >= producton", "no predictions of 'producton'", "did you mean 'production'?"),
        ("f1(Pos) >= 0.9", "no label is 'Pos'", "did you mean 'pos'?"),
        ("auc >= 0.9", "the predictions of the candidate have no scores", "score"),
    ],
)
def test_gates_that_cannot_be_asked(judge: Judge, gate: str, message: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        judge((gate,))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.place == PLACE


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inconclusive": "maybe"}, "inconclusive: 'maybe'"),
        ({"confidence": "sure"}, "'sure' is no confidence"),
        ({"task": "ranking"}, "there is no task 'ranking' to judge"),
        ({"columns": (("ID", "key"),)}, "there is no column 'ID' to rename"),
        ({"columns": (("id", ""),)}, "id has no name"),
        ({"slices": ("region",)}, "there is no column 'region'"),
    ],
)
def test_options_that_mean_nothing(judge: Judge, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        judge(**options)


def scored(path: Path, name: str, label: np.ndarray, noise: float) -> Path:
    random = np.random.default_rng(9)
    score = (label == "yes") + random.normal(0, noise, len(label))
    guess = np.where(score > 0.5, "yes", "no")
    return table(path / name, label=label, prediction=guess, score=score)


def test_auc(tmp_path: Path) -> None:
    label = np.where(np.arange(400) % 4 == 0, "yes", "no")
    ours, theirs = scored(tmp_path, "ours.csv", label, 0.5), scored(tmp_path, "theirs.csv", label, 1.0)
    gates = tuple((gate, PLACE) for gate in ("auc >= 0.8", "auc >= production", "auc(no) <= 0.5"))
    found = evaluate(Request(ours, baselines={"production": theirs}, gates=gates))
    assert verdicts(found) == ["pass"] * 3
    assert "auc takes 'yes' as the positive class" in found.notes
    theirs.write_text("prediction\n" + "no\n" * 400)
    with pytest.raises(BadInput, match="the predictions of production have no scores"):
        evaluate(Request(ours, baselines={"production": theirs}, gates=gates))


def test_auc_of_a_slice(tmp_path: Path) -> None:
    """In "b" all labels are the same, so no pair can be ranked."""
    label = ["yes", "no", "yes", "no", "yes", "yes"]
    columns = {"label": label, "prediction": label, "score": [0.9, 0.1, 0.8, 0.85, 0.5, 0.6]}
    path = table(tmp_path / "p.csv", **columns, part=["a", "a", "a", "a", "b", "b"])
    other = table(tmp_path / "b.csv", prediction=label, score=[0.9, 0.95, 0.8, 0.7, 0.5, 0.6])
    gates = (("auc >= production on every part", PLACE),)
    found = evaluate(Request(path, baselines={"production": other}, gates=gates))
    first, second = found.gates[0].checks
    assert (first.measurement.estimate, first.measurement.baseline) == (0.75, 0.5)
    assert (second.verdict, second.reason) == ("inconclusive", "it has no value on these examples")


def test_a_class_that_is_called_like_an_average(tmp_path: Path) -> None:
    """Of 40 of the class `macro` 36 are found, of 60 others 48: recalls of 0.9 and 0.8, their mean 0.85."""
    label = ["macro"] * 40 + ["other"] * 60
    prediction = ["macro"] * 36 + ["other"] * 4 + ["other"] * 48 + ["macro"] * 12
    path = table(tmp_path / "p.csv", label=label, prediction=prediction)

    def judged(gate: str) -> Evaluation:
        return evaluate(Request(path, gates=((gate, PLACE),), confidence="point"))

    for gate, verdict, value in (
        ("recall('macro') >= 0.9", "pass", 0.9),
        ("recall(macro) >= 0.9", "fail", 0.85),
        ("recall(other) >= 0.9", "fail", 0.8),
    ):
        found = judged(gate)
        assert found.judgement.verdict == verdict, gate
        assert found.gates[0].checks[0].measurement.estimate == pytest.approx(value)
    values = {one.metric: one.estimate for one in found.measurements}
    assert values['recall("macro")'] == pytest.approx(0.9)
    assert values["recall(other)"] == pytest.approx(0.8)
    with pytest.raises(BadInput) as caught:
        judged("recall('micro') >= 0.9")
    assert caught.value.hint == "without quotes it is the average: recall(micro)"


def test_a_class_that_a_baseline_never_predicts(tmp_path: Path) -> None:
    label = ["a", "b"] * 50
    path = table(tmp_path / "p.csv", label=label, prediction=label)
    other = table(tmp_path / "b.csv", prediction=["b"] * 100)
    gates = (("precision(a) >= production", PLACE), ("recall(a) >= production", PLACE))
    precision, recall = evaluate(Request(path, baselines={"production": other}, gates=gates)).gates
    assert (precision.verdict, precision.reason) == (
        "inconclusive",
        "there is nothing of the class 'a' to count",
    )
    assert recall.verdict == "pass"


def test_auc_of_three_classes_needs_the_positive_one(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", label=[1, 2, 3], prediction=[1, 2, 3], score=[1, 2, 3])
    with pytest.raises(BadInput, match="which of 3 classes is the positive one"):
        evaluate(Request(path, gates=(("auc >= 0.9", PLACE),)))
    found = evaluate(Request(path, gates=(("auc(3) >= 0.1", PLACE),)))
    assert found.gates[0].checks[0].measurement.estimate == 1.0


def regression(folder: Path, n: int = 1000, **options: Any) -> Evaluation:
    random = np.random.default_rng(7)
    label = random.normal(10, 3, n)
    year = 2001 + np.arange(n) % 4
    ours = table(folder / "r.csv", label=label, prediction=label + random.normal(0, 1, n), year=year)
    theirs = table(folder / "b.csv", prediction=label + random.normal(0, 1.3, n))
    return evaluate(Request(ours, baselines={"production": theirs}, slices=("year",))._replace(**options))


def test_a_regression(tmp_path: Path) -> None:
    texts = (
        "mean_absolute_error <= 0.9",
        "max_error <= 6",
        "rmse <= production * 0.95",
        "r2 >= 0.8",
        "mean_error <= 0.15",
        "mean_error >= -0.15",
        "r2 >= production",
        "rmse <= 1.3 on every year",
    )
    found = regression(tmp_path, gates=tuple((text, PLACE) for text in texts))
    assert found.task == "regression"
    assert verdicts(found) == ["pass"] * 8
    assert found.confusion is None
    assert "at most 0.3% of inputs exceed it, 95% confidence" in found.gates[1].reason
    assert [measured.metric for measured in found.measurements] == [
        "max_error",
        "mean_absolute_error",
        "mean_error",
        "r2",
        "rmse",
    ]
    assert len(found.slices) == 20


def test_few_examples_cannot_pass_a_level_of_errors(tmp_path: Path) -> None:
    found = regression(tmp_path, n=150, gates=(("mean_absolute_error <= 5", PLACE),))
    (check,) = found.gates[0].checks
    assert check.verdict == "inconclusive"
    assert "fewer than 200 examples cannot show it" in check.reason
    assert check.more == 50
    (open_one,) = regression(tmp_path, n=20, gates=(("mean_absolute_error <= 0.9", PLACE),)).gates[0].checks
    assert (open_one.verdict, open_one.more) == ("inconclusive", 200)
    assert verdicts(regression(tmp_path, n=150, gates=(("mean_absolute_error <= 0.1", PLACE),))) == ["fail"]
    assert verdicts(regression(tmp_path, n=1, gates=(("rmse <= 5", PLACE),))) == ["inconclusive"]


@pytest.mark.parametrize(
    ("label", "prediction", "task"),
    [
        ([0, 1, 2], [0, 1, 1], "classification"),
        (["a", "b"], ["a", "a"], "classification"),
        ([1.5, 2.0], [1, 2], "regression"),
        ([1, 2], [1.1, 2.0], "regression"),
        (list(range(60)), list(range(60)), "regression"),
    ],
)
def test_the_task_is_told_from_the_columns(tmp_path: Path, label: Any, prediction: Any, task: str) -> None:
    found = evaluate(Request(table(tmp_path / "p.csv", label=label, prediction=prediction)))
    assert found.task == task
    assert any(note.startswith(f"taken for a {task}") for note in found.notes)


def test_the_record_is_json_and_comes_back(judge: Judge, tmp_path: Path) -> None:
    gates = ("f1 >= production - 0.02", "accuracy >= 0.99 on every domain", "recall(pos) >= 0.9")
    for found in (judge(gates, wrong=(0.3, 0.1, 0.2)), regression(tmp_path), regression(tmp_path, n=1)):
        text = json.dumps(to_json(found), allow_nan=False)
        assert from_json(json.loads(text)) == found


@pytest.mark.parametrize("record", [None, {}, [], {"version": 2}, {"version": 1}, {"version": 1, "task": 3}])
def test_what_is_no_record(record: Any) -> None:
    with pytest.raises(BadInput, match="verdict"):
        from_json(record)


def test_every_field_of_the_record_is_documented(judge: Judge) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "verdict.md").read_text()
    record = to_json(judge(("accuracy >= 0.5",)))
    fields = {*record}
    for kind in (GateResult, Check, Measurement, Comparison, SliceLoss, Confusion):
        fields |= set(kind._fields)
    assert not {field for field in fields if f"`{field}`" not in page}


@pytest.mark.parametrize(
    ("n", "ours", "theirs", "gate", "verdict"),
    [
        (100, 90, 92, "accuracy >= old - 0.02", "pass"),
        (100, 90, 92, "accuracy > old - 2pp", "fail"),
        (100, 57, 59, "accuracy >= old - 2pp", "pass"),
        (100, 56, 59, "accuracy >= old - 2pp", "fail"),
        (100, 57, 95, "accuracy >= old * 0.6", "pass"),
        (10**6, 569_999, 590_000, "accuracy >= old - 2pp", "fail"),
    ],
)
def test_points_at_the_bar(tmp_path: Path, n: int, ours: int, theirs: int, gate: str, verdict: str) -> None:
    number = np.arange(n)
    label = np.where(number % 2, "a", "b")

    def predicted(right: int) -> np.ndarray:
        return np.where(number < right, label, np.where(number % 2, "b", "a"))

    new, old = tmp_path / "new.parquet", tmp_path / "old.parquet"
    parquet.write_table(arrow.table({"label": label, "prediction": predicted(ours)}), new)
    parquet.write_table(arrow.table({"prediction": predicted(theirs)}), old)
    request = Request(new, baselines={"old": old}, gates=((gate, PLACE),), confidence="point")
    assert evaluate(request).judgement.verdict == verdict


def test_shares_are_at_most_1(tmp_path: Path) -> None:
    """Weights that add up to a bit more than 1: 1/49 + … and its like."""
    for classes in range(2, 30):
        label = np.repeat(np.arange(classes), np.arange(1, classes + 1))
        found = evaluate(
            Request(
                table(tmp_path / "p.csv", label=label, prediction=label),
                gates=(("precision(weighted) >= 0.1", PLACE), ("f1(weighted) >= 0.1", PLACE)),
                task="classification",
            )
        )
        for measured in found.measurements:
            assert measured.estimate is not None
            assert 1 - 1e-12 < measured.estimate <= 1.0, measured


def test_errors_too_small_for_an_interval_are_refused(tmp_path: Path) -> None:
    label = np.linspace(0, 1e-98, 300)
    path = table(tmp_path / "p.csv", label=label, prediction=label + 1e-100)
    with pytest.raises(BadInput, match="largest error is 1e-100, which is too small"):
        evaluate(Request(path, task="regression"))
    exact = evaluate(Request(table(tmp_path / "q.csv", label=label, prediction=label), task="regression"))
    assert {measured.metric: measured.estimate for measured in exact.measurements}["rmse"] == 0


def test_gates_tell_the_task(tmp_path: Path) -> None:
    """A hundred classes that are numbers look like quantities; ten quantities look like classes."""
    many, few = np.arange(400) % 100, np.arange(400) % 10
    classes = table(tmp_path / "classes.csv", label=many, prediction=many)
    quantities = table(tmp_path / "quantities.csv", label=few, prediction=few)
    for path, gate, task in (
        (classes, "accuracy >= 0.5", "classification"),
        (quantities, "rmse <= 0.5", "regression"),
    ):
        found = evaluate(Request(path, gates=((gate, PLACE),), confidence="point"))
        assert (found.task, found.judgement.verdict) == (task, "pass")
        assert not any("taken for" in note for note in found.notes)
    assert evaluate(Request(classes)).task == "regression"  # where no gate tells
    with pytest.raises(BadInput, match="does not fit the task") as caught:
        evaluate(Request(classes, gates=(("accuracy >= 0.5", PLACE),), task="regression"))
    assert "--task classification" in caught.value.hint


@pytest.mark.parametrize("scores", [[0.1, None, 0.3, 0.4], [[0.1, 0.9]] * 4, ["x", "", "y", "z"]])
def test_scores_that_nobody_needs_do_not_block(tmp_path: Path, scores: list[Any]) -> None:
    path = tmp_path / "p.parquet"
    label = ["a", "b", "a", "b"]
    parquet.write_table(arrow.table({"label": label, "prediction": label, "score": scores}), path)
    found = evaluate(Request(path, gates=(("accuracy >= 0.5", PLACE),), confidence="point"))
    assert found.judgement.verdict == "pass"
    assert "auc" not in {measured.metric for measured in found.measurements}
    assert [note for note in found.notes if note.startswith("the scores of p.parquet were not used")]
    with pytest.raises(BadInput, match="'score'"):
        evaluate(Request(path, gates=(("auc >= 0.5", PLACE),)))
