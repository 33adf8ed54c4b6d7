"""Any bytes as a gate or as a file of predictions: a value or BadInput, never another exception."""

from __future__ import annotations

# What `evaluate` imports late is imported here, before a fuzzer starts its clock.
import scipy.special  # noqa: F401

import seatrial.evaluation.compare
import seatrial.evaluation.dataset
import seatrial.evaluation.judge
import seatrial.evaluation.record
import seatrial.evaluation.tables.csv
import seatrial.evaluation.tables.jsonl
import seatrial.evaluation.tables.parquet
import seatrial.evaluation.task  # noqa: F401
from seatrial.errors import BadInput, Place
from seatrial.evaluation.evaluate import Request, evaluate
from seatrial.evaluation.gate import parse
from seatrial.evaluation.power import power
from seatrial.evaluation.record import from_json, to_json
from tests.fuzz.place import folder

PLACE = Place("seatrial.yaml", 1, 1)
FORMATS = (".csv", ".jsonl", ".parquet", ".csv.gz", ".jsonl.gz")
TASKS = ("", "classification", "regression")
GATES = {
    "classification": ("accuracy >= 0.5", "f1 >= production - 0.02", "recall(a) >= production * 0.9"),
    "regression": ("rmse <= 1", "r2 >= production", "mean_absolute_error <= production * 1.05"),
    "": (),
}


def fuzz_gate(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        gate = parse(text, PLACE)
    except BadInput as error:
        assert error.message
        assert error.place is not None
        assert 1 <= error.place.column <= len(text) + 1
        return
    assert gate.text == text
    assert (gate.threshold is None) == bool(gate.baseline)
    power([gate])


def fuzz_dataset(data: bytes) -> None:
    """The first byte chooses the format and the task; the rest is the file."""
    choice, content = data[:1] or b"\0", data[1:]
    ending = FORMATS[choice[0] % len(FORMATS)]
    task = TASKS[choice[0] // len(FORMATS) % len(TASKS)]
    path = folder() / f"predictions{ending}"
    path.write_bytes(content)
    gates = tuple((gate, PLACE) for gate in GATES[task])
    try:
        evaluation = evaluate(Request(path, baselines={"production": path}, gates=gates, task=task))
    except BadInput as error:
        assert error.message
        assert error.place is not None
        return
    assert evaluation.n > 0
    assert from_json(to_json(evaluation)) == evaluation
