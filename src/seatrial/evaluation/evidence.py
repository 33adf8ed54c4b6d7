"""The sufficient statistics of all examples: whole and by slice, alone and beside each baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.evaluation import counts, moments
from seatrial.evaluation.dataset import Examples, Predictions
from seatrial.evaluation.metric import CLASSIFICATION, SCORES, class_of
from seatrial.evaluation.scores import Scores
from seatrial.named_tuple import NamedTuple

# The name of a part of the examples: a column and one of its values; ALL is the whole.
Part = tuple[str, str]
ALL: Part = ("", "")


class Evidence(NamedTuple):
    """Reduced once; metrics, intervals and slices are read from here.

    `tables` has a statistic for each (environment, part); the environment "" is the candidate alone.
    """

    task: str
    examples: Examples
    tables: Mapping[tuple[str, Part], Any]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The slices, column by column."""
        return tuple((s.column, value) for s in self.examples.slices for value in s.values)

    def statistic(self, kind: str, option: str, part: Part, environment: str = "") -> Any:
        """What a metric of that kind is computed from; None where there is nothing of the kind."""
        if kind == SCORES:
            return _scores(self.examples, option, part, environment)
        return self.tables.get((environment, part))

    def rows(self, part: Part) -> int:
        """How many examples a part has; 0 for one that does not exist."""
        table = self.tables.get(("", part))
        return int(table.n) if table is not None else 0


def text_of(part: Part) -> str:
    """The part as a gate names it."""
    return f"{part[0]}={part[1]}" if part != ALL else ""


def reduce(examples: Examples, task: str) -> Evidence:
    """One pass over the examples for each baseline and each column of slices."""
    tables: dict[tuple[str, Part], Any] = {}
    for environment in ("", *examples.baselines):
        columns = [examples.candidate.prediction]
        if environment:
            columns.append(examples.baselines[environment].prediction)
        tables[environment, ALL] = _whole(examples, task, columns)
        for slices in examples.slices:
            found = _by_slice(examples, task, columns, slices.codes, len(slices.values))
            tables |= {
                (environment, (slices.column, value)): statistic
                for value, statistic in zip(slices.values, found, strict=True)
            }
    return Evidence(task, examples, tables)


def _whole(examples: Examples, task: str, columns: list[Any]) -> Any:
    if task == CLASSIFICATION:
        return counts.count([examples.label, *columns], examples.labels)  # type: ignore[list-item]
    return moments.measure(examples.label, columns, _pivot(examples))  # type: ignore[arg-type]


def _by_slice(examples: Examples, task: str, columns: list[Any], codes: Any, values: int) -> list[Any]:
    label: Any = examples.label
    if task == CLASSIFICATION:
        return list(counts.count_by_slice(codes, values, [label, *columns], examples.labels))
    return list(moments.measure_by_slice(codes, values, label, columns, _pivot(examples)))


def _pivot(examples: Examples) -> float:
    return float(examples.label[0])


def _scores(examples: Examples, option: str, part: Part, environment: str) -> Scores | None:
    """`option` is the positive class; "" is the later of two."""
    baseline: Predictions | None = examples.baselines[environment] if environment else None
    if examples.candidate.score is None or (baseline is not None and baseline.score is None):
        return None
    label: Any = examples.label
    positive = label == (examples.labels.index(class_of(option)) if option else len(examples.labels) - 1)
    scores = Scores(positive, examples.candidate.score, baseline.score if baseline else None)
    return scores if part == ALL else _only(scores, _rows(examples, part))


def _rows(examples: Examples, part: Part) -> Any:
    slices = next(found for found in examples.slices if found.column == part[0])
    return slices.codes == slices.values.index(part[1])


def _only(scores: Scores, rows: Any) -> Scores:
    baseline = scores.baseline[rows] if scores.baseline is not None else None
    return Scores(scores.positive[rows], scores.candidate[rows], baseline)
