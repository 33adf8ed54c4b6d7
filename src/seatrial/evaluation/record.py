"""The record of an evaluation, also as plain JSON and back: what stores keep and reports render.

docs/reference/verdict.md describes it field by field. Numbers that do not exist, or are unbounded, are null.
"""

from __future__ import annotations

from typing import Any

from seatrial.errors import BadInput, Place
from seatrial.evaluation.verdict import Check, GateResult, Judgement, Measurement
from seatrial.named_tuple import NamedTuple

VERSION = 1


class SliceLoss(NamedTuple):
    """A slice on which the candidate did worse; `claimed`: too much for chance, corrected for the search."""

    slice: str
    loss: float  # in the metric's unit, positive
    claimed: bool
    measurement: Measurement


class Comparison(NamedTuple):
    """The candidate beside one environment's revision, on the same examples."""

    environment: str
    measurements: tuple[Measurement, ...]
    worse: tuple[SliceLoss, ...]  # the greatest loss first


class Confusion(NamedTuple):
    """Rows are labels, columns are predictions."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Evaluation(NamedTuple):
    """The record: what a verdict rests on."""

    task: str
    n: int
    judgement: Judgement
    gates: tuple[GateResult, ...]
    measurements: tuple[Measurement, ...]  # of all examples
    slices: tuple[Measurement, ...]
    comparisons: tuple[Comparison, ...]
    confusion: Confusion | None
    confidence: str
    inconclusive: str
    notes: tuple[str, ...]


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Only dicts, lists, texts, numbers, booleans and None."""
    plain: dict[str, Any] = _plain(evaluation)
    judgement = plain.pop("judgement")
    return {"version": VERSION, **judgement, **plain}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: _plain(inner) for key, inner in value._asdict().items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def from_json(record: Any) -> Evaluation:
    """What `to_json` wrote. Raises BadInput for anything else."""
    try:
        if record["version"] != VERSION:
            raise BadInput(f"a verdict of version {record['version']!r} cannot be read by this seatrial")
        return Evaluation(
            task=record["task"],
            n=record["n"],
            judgement=Judgement(record["verdict"], record["reason"], record["needs_first"]),
            gates=tuple(_gate(gate) for gate in record["gates"]),
            measurements=_measurements(record["measurements"]),
            slices=_measurements(record["slices"]),
            comparisons=tuple(_comparison(found) for found in record["comparisons"]),
            confusion=_confusion(record["confusion"]),
            confidence=record["confidence"],
            inconclusive=record["inconclusive"],
            notes=tuple(record["notes"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"this is no verdict: {type(error).__name__} {error}") from error


def _measurements(found: list[dict[str, Any]]) -> tuple[Measurement, ...]:
    return tuple(Measurement(**measured) for measured in found)


def _gate(found: dict[str, Any]) -> GateResult:
    checks = tuple(
        Check(**{**checked, "measurement": Measurement(**checked["measurement"])})
        for checked in found["checks"]
    )
    return GateResult(**{**found, "place": Place(**found["place"]), "checks": checks})


def _comparison(found: dict[str, Any]) -> Comparison:
    worse = tuple(
        SliceLoss(**{**lost, "measurement": Measurement(**lost["measurement"])}) for lost in found["worse"]
    )
    return Comparison(found["environment"], _measurements(found["measurements"]), worse)


def _confusion(found: dict[str, Any] | None) -> Confusion | None:
    if found is None:
        return None
    return Confusion(tuple(found["labels"]), tuple(tuple(row) for row in found["counts"]))
