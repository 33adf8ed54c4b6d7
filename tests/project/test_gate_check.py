"""What `check` says of gates that wait for labels."""

from __future__ import annotations

import pytest

from seatrial.errors import Place
from seatrial.pipeline.load import load
from seatrial.project.gate_check import gate_findings

FILE = """\
project: p
environments:
  production:
    from: [main]
    canary: [5%]
{more}    gates:
      - error_rate <= 1%
{gates}"""
CANARY, SHADOW = "canary: [5%]", "shadow: 50%"
ACCURACY = "      - accuracy >= stable - 0.02\n"


def findings(more: str = "", gates: str = "", strategy: str = CANARY) -> list[tuple[str, Place, str]]:
    file = FILE.replace(CANARY, strategy).format(more=more, gates=gates)
    loaded = load(file, "seatrial.yaml")
    return [(one.severity, one.place, one.message) for one in gate_findings(loaded.pipeline)]


GATES = (
    "accuracy >= stable - 0.02",
    "precision(spam) >= 0.9",
    "recall(spam) >= 0.9",
    "f1(spam) >= stable - 0.1",
    "mean_error <= 1",
    "mean_absolute_error <= stable * 1.1",
    "rmse <= 4",
)


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_on_labels_needs_predictions(gate: str) -> None:
    [(severity, place, message)] = findings(gates=f"      - {gate}\n")
    assert (severity, place.line, place.column) == ("error", 8, 9)
    assert gate in message
    for source in ("header", "labels"):
        assert findings(f"    predictions: {{from: {source}}}\n", f"      - {gate}\n") == []


@pytest.mark.parametrize("gate", ["agreement >= 0.95", "drift <= 0.1"])
def test_a_gate_on_pairs_of_answers_needs_them_from_the_header_and_a_shadow(gate: str) -> None:
    gates, header = f"      - {gate}\n", "    predictions: {from: header}\n"
    for more in ("", "    predictions: {from: labels}\n"):
        [(severity, _, message)] = findings(more, gates, SHADOW)
        assert (severity, "nothing keeps" in message) == ("error", True)
    assert findings(header, gates, SHADOW) == []
    [(_, _, message)] = findings(header, gates)
    assert message == f"with `canary` no two revisions answer the same requests: {gate!r}"


def test_a_shadow_has_no_labels() -> None:
    header = "    predictions: {from: header}\n"
    [(severity, place, message)] = findings(header, ACCURACY, SHADOW)
    assert (severity, place.line, place.column) == ("error", 9, 9)
    assert message == "gate 'accuracy >= stable - 0.02': nobody labels the answers to copies"
    assert findings(gates="      - latency_p95 <= stable * 1.2\n", strategy=SHADOW) == []


def test_gates_on_requests_need_none() -> None:
    assert findings(gates="      - latency_p95 <= 100ms\n") == []


def test_a_gate_that_cannot_be_read_is_one_finding() -> None:
    assert len(findings(gates="      - accuracy >=\n")) == 1


def test_mature_after_is_for_gates_on_labels() -> None:
    [(severity, place, message)] = findings("    mature_after: 2d\n")
    assert (severity, place.line, place.column) == ("warning", 6, 19)
    assert "mature_after" in message
    more = "    mature_after: 2d\n    predictions: {from: header}\n"
    assert findings(more, ACCURACY) == []


def test_predictions_are_kept_until_their_labels_are_mature() -> None:
    more = "    mature_after: 40d\n    predictions: {from: header}\n"
    [(severity, place, message)] = findings(more, ACCURACY)
    assert (severity, place.line) == ("warning", 6)
    assert "forgotten before" in message
    assert findings(more.replace("header", "header, keep: 40d"), ACCURACY) == []


EVALUATION = """\
project: p
stages:
  e:
    evaluate:
    predictions: p.csv
    task: {task}
    gates: ["{gate}"]
"""


@pytest.mark.parametrize(
    ("task", "gate"),
    [("classification", "rmse <= 3"), ("regression", "accuracy >= 0.9"), ("regression", "f1(a) >= 0.5")],
)
def test_a_gate_fits_its_task(task: str, gate: str) -> None:
    pipeline = load(EVALUATION.format(task=task, gate=gate), "seatrial.yaml").pipeline
    [found] = gate_findings(pipeline)
    assert found.message == f"the gate {gate!r} does not fit the task {task}"
    assert (found.severity, found.place.line, found.place.column) == ("error", 7, 13)
    other = {"classification": "regression", "regression": "classification"}[task]
    assert list(gate_findings(load(EVALUATION.format(task=other, gate=gate), "seatrial.yaml").pipeline)) == []
