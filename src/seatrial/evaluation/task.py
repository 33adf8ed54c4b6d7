"""Which task it is, where nobody said: told from the gates, or the first rows of labels and predictions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.evaluation import table
from seatrial.evaluation.all_metrics import ALL_METRICS, metric
from seatrial.evaluation.column import Source, different
from seatrial.evaluation.dataset import Columns
from seatrial.evaluation.gate import Gate
from seatrial.evaluation.metric import CLASSIFICATION, REGRESSION
from seatrial.evaluation.nearest import did_you_mean

TASKS = (CLASSIFICATION, REGRESSION)

_MOST_CLASSES = 50  # whole numbers with more different values are taken for quantities


def infer(
    said: str, gates: Iterable[Gate], predictions: Path, data: Path | None, columns: Columns
) -> tuple[str, str]:
    """The task and, where it was told from the columns, a note of that. BadInput for an unknown task.

    Gates whose metrics belong to one task decide. Else numbers of which some are not whole, or of more than
    50 different values, make a regression.
    """
    if said and said not in TASKS:
        raise BadInput(f"there is no task {said!r} to judge", did_you_mean(said, TASKS))
    asked = {task for gate in gates if gate.metric in ALL_METRICS for task in metric(gate.metric).TASKS}
    if said or len(asked) == 1:
        return said or asked.pop(), ""
    seen = _first_values(predictions, columns.prediction, "prediction")
    holder = data if data and columns.label in table.columns(data) else predictions
    seen |= _first_values(holder, columns.label, "label")
    task = REGRESSION if _quantities(seen) else CLASSIFICATION
    return task, f"taken for a {task}, from its labels and predictions; 'task:' says it for certain"


def _first_values(path: Path, column: str, role: str) -> set[str | None]:
    known = table.columns(path)
    if column not in known:
        raise table.missing(path, column, known, role)
    for block in table.blocks(path, (column,)):
        return different(block[column], Source(path, column, 0))
    return set()


def _quantities(values: set[str | None]) -> bool:
    try:
        numbers = [float(value) for value in values if value is not None]
    except ValueError:
        return False
    return len(numbers) > _MOST_CLASSES or any(not number.is_integer() for number in numbers)
