"""The gate language: what each line means, and what is said, at which column, of one that means nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seatrial.errors import BadInput, Place
from seatrial.evaluation.all_metrics import metric
from seatrial.evaluation.gate import Gate, baseline_of, is_live_metric, measured, parse
from seatrial.evaluation.labels import text
from seatrial.evaluation.metric import option_of

PLACE = Place("seatrial.yaml", 20, 9)


def gate(text: str, metric: str, comparison: str, **others: Any) -> Gate:
    return Gate(text, PLACE, metric, comparison, **others)


@pytest.mark.parametrize(
    "expected",
    [
        gate("accuracy >= 0.78", "accuracy", ">=", threshold=0.78),
        gate("accuracy>=.78", "accuracy", ">=", threshold=0.78),
        gate("accuracy > 78%", "accuracy", ">", threshold=0.78),
        gate("accuracy >= 7.8e-1", "accuracy", ">=", threshold=0.78),
        gate("recall(positive) >= 0.75", "recall", ">=", option="positive", threshold=0.75),
        gate("f1('very good') >= 0.75", "f1", ">=", option="very good", threshold=0.75),
        gate("f1(3) >= 0.75", "f1", ">=", option="3", threshold=0.75),
        gate("f1(3d) >= 0.75", "f1", ">=", option="3d", threshold=0.75),
        gate("f1(größe) >= 0.75", "f1", ">=", option="größe", threshold=0.75),
        gate("f1(micro) >= 0.75", "f1", ">=", option="micro", threshold=0.75),
        gate("f1 >= production - 0.02", "f1", ">=", baseline="production", margin=-0.02),
        gate("f1>=production-0.02", "f1", ">=", baseline="production", margin=-0.02),
        gate("f1 >= production-eu - 2pp", "f1", ">=", baseline="production-eu", margin=-0.02),
        gate('f1 >= "eu-1" + 1pp', "f1", ">=", baseline="eu-1", margin=0.01),
        gate("rmse <= production * 1.05", "rmse", "<=", baseline="production", factor=1.05),
        gate("rmse < production * 1.05 + 3", "rmse", "<", baseline="production", factor=1.05, margin=3.0),
        gate("mean_error >= -0.5", "mean_error", ">=", threshold=-0.5),
        gate("r2 >= -1", "r2", ">=", threshold=-1.0),
        gate("accuracy >= 1", "accuracy", ">=", threshold=1.0),
        gate("accuracy >= 0", "accuracy", ">=", threshold=0.0),
        gate("throughput >= 5", "throughput", ">=", threshold=5.0, live=True, number=True),
        gate("saturation <= 0.8", "saturation", "<=", threshold=0.8, live=True, number=True),
        gate("agreement >= 99%", "agreement", ">=", threshold=0.99, live=True),
        gate("accuracy >= 0.7 on every domain", "accuracy", ">=", threshold=0.7, slice_column="domain"),
        gate(
            "accuracy >= 0.7 on domain=tweets",
            "accuracy",
            ">=",
            threshold=0.7,
            slice_column="domain",
            slice_value="tweets",
        ),
        gate(
            "f1 >= production on 'my domain' = 2024",
            "f1",
            ">=",
            baseline="production",
            slice_column="my domain",
            slice_value="2024",
        ),
        gate("error_rate <= 1%", "error_rate", "<=", threshold=0.01, live=True),
        gate("error_rate <= stable + 0.5pp", "error_rate", "<=", baseline="stable", margin=0.005, live=True),
        gate("latency_p95 <= stable * 1.2", "latency_p95", "<=", baseline="stable", factor=1.2, live=True),
        gate("latency_p99 <= 250ms", "latency_p99", "<=", threshold=0.25, live=True),
        gate("f1(macro) >= 0.7", "f1", ">=", option="macro", threshold=0.7),
        gate('f1("macro") >= 0.7', "f1", ">=", option='"macro"', threshold=0.7),
        gate("recall('weighted') >= 0.7", "recall", ">=", option='"weighted"', threshold=0.7),
        gate("recall('a') >= 0.7", "recall", ">=", option="a", threshold=0.7),
        gate("latency_p50 < 1.5s", "latency_p50", "<", threshold=1.5, live=True),
        gate("accuracy >= stable - 0.02", "accuracy", ">=", baseline="stable", margin=-0.02, live=True),
    ],
    ids=lambda expected: expected.text,
)
def test_meaning(expected: Gate) -> None:
    assert parse(expected.text, PLACE) == expected


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("", 0, "a gate begins with a metric", "accuracy >= 0.78"),
        ("0.7 <= accuracy", 0, "a gate begins with a metric", ""),
        ("accurcy >= 0.7", 0, "no metric 'accurcy'", "did you mean 'accuracy'?"),
        ("eror_rate <= 1%", 0, "no metric 'eror_rate'", "did you mean 'error_rate'?"),
        ("latency_p0 <= 1s", 0, "no metric 'latency_p0'", "latency_p95"),
        ("accuracy(positive) >= 0.7", 9, "accuracy takes no 'positive'", "without parentheses"),
        ("error_rate(x) <= 1%", 11, "error_rate takes no 'x'", ""),
        ("accuracy('') >= 0.7", 9, "accuracy takes no ''", "without parentheses"),
        ("f1() >= 0.7", 3, "the parentheses are empty", "micro"),
        ("f1(a b) >= 0.7", 5, "')' is missing", "quote"),
        ("f1('a) >= 0.7", 3, "the quote ' is never closed", ""),
        ("accuracy", 8, "a comparison is missing", ">="),
        ("accuracy => 0.7", 9, "'=' is no comparison", ">="),
        ("accuracy ≥ 0.7", 9, "'≥' has no meaning here", ""),
        ("accuracy >=", 11, "a bound is missing", "production"),
        ("accuracy >= 1.2.3", 12, "'1.2.3' is no number", ""),
        ("accuracy >= 1e999", 12, "too large", ""),
        ("accuracy >= 78", 12, "between 0 and 1", "78%"),
        ("accuracy >= 100", 12, "between 0 and 1", "100%"),
        ("accuracy >= -0.1", 12, "between 0 and 1", ""),
        ("rmse <= -1", 8, "at least 0", ""),
        ("r2 >= 1.5", 6, "at most 1", ""),
        ("accuracy >= 20ms", 12, "not measured in 'ms'", "78%"),
        ("latency_p95 <= 250", 15, "needs its unit", "250ms"),
        ("latency_p95 <= 5%", 15, "not measured in '%'", "250ms"),
        ("f1 >= production - 2%", 19, "percent of what?", "write 2pp"),
        ("f1 >= production - 2%", 19, "percent of what?", "a factor: production * 0.98"),
        ("error_rate <= stable + 0.5%", 23, "percent of what?", "a factor: stable * 1.005"),
        ("f1 >= production - 2", 19, "no two values of f1 are more than 1 apart", "write 2pp"),
        ("accuracy <= production * 2 + 100pp", 29, "no two values of accuracy are more than 1 apart", ""),
        ("f1 >= NaN", 6, "nothing compares with NaN", "in quotes"),
        ("f1 >= production -", 18, "a number is missing", ""),
        ("f1 >= production * 2pp", 19, "a factor is a plain number", "1.05"),
        ("f1 >= production * 0", 19, "greater than 0", ""),
        ("f1 >= 0.7 on", 12, "'on' needs a column", "every domain"),
        ("f1 >= 0.7 on every", 18, "'on' needs a column", ""),
        ("f1 >= 0.7 on domain", 19, "which slice?", "every domain"),
        ("f1 >= 0.7 and more", 10, "'and' is left over", ""),
    ],
)
def test_errors_have_a_column_and_a_hint(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text, PLACE)
    assert message in caught.value.message
    assert repr(text) in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.place == Place("seatrial.yaml", 20, 9 + offset)


def test_a_gate_of_the_command_line_counts_its_own_columns() -> None:
    with pytest.raises(BadInput) as caught:
        parse("f1 >= ", Place("--gate"))
    assert caught.value.place == Place("--gate", 0, 7)


def test_what_is_asked_of_a_gate() -> None:
    assert baseline_of(parse("f1 >= production", PLACE)) == "production"
    assert baseline_of(parse("f1 >= 0.9", PLACE)) is None
    assert parse("f1(micro) >= 0.9", PLACE).measured == "f1(micro)"
    assert parse("f1 >= 0.9", PLACE).measured == "f1"
    assert parse("f1('micro') >= 0.9", PLACE).measured == 'f1("micro")'
    assert parse("f1 >= production", PLACE).compares
    assert parse("agreement >= 0.9", PLACE).compares
    assert not parse("f1 >= 0.9", PLACE).compares
    assert parse("queue <= 5", PLACE, ["queue"]).number
    assert is_live_metric("latency_p95")
    assert not is_live_metric("latency_p950")


def test_reading_gates_loads_no_engine() -> None:
    """`check` reads gates, and is to be quick."""
    program = (
        "import sys; from seatrial.errors import Place; from seatrial.evaluation import gate, power\n"
        "gates = [gate.parse(text, Place('x')) for text in ('f1(a) >= production * 0.9', 'rmse <= 2')]\n"
        "power.power(gates)\n"
        "print(sorted({'numpy', 'scipy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("text", "option", "value"),
    [
        ("recall(-1) >= 0.5 on neg=-1", "-1", "-1"),
        ("recall(-1.50) >= 0.5 on neg = -0.0", "-1.5", "0"),
        ("recall(1.0) >= 0.5 on size=1.0", "1", "1"),
        ("recall('1.0') >= 0.5 on size='0.50'", "1", "0.5"),
        ("recall(True) >= 0.5 on flag=FALSE", "true", "false"),
        ("recall(01) >= 0.5 on size=007", "01", "007"),
        ('recall("it\'s ""so""") >= 0.5 on x=\'"\'\'\'', 'it\'s "so"', "\"'"),
    ],
)
def test_classes_and_slices_are_written_as_labels_are_compared(text: str, option: str, value: str) -> None:
    found = parse(text, PLACE)
    assert (found.option, found.slice_value) == (option, value)


@pytest.mark.parametrize("option", ["", "-", "- 1", "+1"])
def test_what_is_no_class(option: str) -> None:
    with pytest.raises(BadInput, match="the parentheses are empty"):
        parse(f"recall({option}) >= 0.5", PLACE)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("positive", "recall(positive)"),
        ("-1", "recall(-1)"),
        ("a b", 'recall("a b")'),
        ("a,b", 'recall("a,b")'),
        ("x%", 'recall("x%")'),
        ("macro", 'recall("macro")'),
        ('say "x"', "recall('say \"x\"')"),
        ('it\'s "so"', 'recall("it\'s ""so""")'),
        ('"x"', "recall('\"x\"')"),
    ],
)
def test_a_measured_name(name: str, written: str) -> None:
    assert measured("recall", option_of(name, metric("recall").OPTIONS)) == written


@given(st.text(min_size=1, max_size=40) | st.text("'\"ab -1.0e+%()", min_size=1, max_size=8))
@example("'\"")
@example('"')
@example('""')
@example("-.5")
@example("True")
def test_every_measured_name_is_read_as_the_same(cell: str) -> None:
    name = text(cell)
    assert name is not None
    for found in ("recall", "auc"):
        option = option_of(name, metric(found).OPTIONS)
        gate = parse(f"{measured(found, option)} >= 0.5", PLACE)
        assert (gate.metric, gate.option) == (found, option)
        assert gate.measured == measured(found, option)
