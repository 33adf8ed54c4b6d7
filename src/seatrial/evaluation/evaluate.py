"""One evaluation: predictions in, measurements, comparisons and verdicts out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from seatrial.errors import BadInput, Place, needs_extra
from seatrial.evaluation.gate import Gate, parse
from seatrial.evaluation.nearest import did_you_mean
from seatrial.evaluation.record import Confusion, Evaluation
from seatrial.evaluation.verdict import POLICIES, REFUSE, alpha_of, combine
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from seatrial.evaluation.dataset import Columns, Examples
    from seatrial.evaluation.evidence import Evidence

_NOTHING: Mapping[str, Path | None] = MappingProxyType({})


class Request(NamedTuple):
    """What to judge.

    `data` may hold labels and slices, or None where `predictions` holds them. `baselines` has a file of
    predictions for each environment that a gate may name; None: the environment has no revision yet.
    `columns` renames id, label, prediction or score.
    """

    predictions: Path
    data: Path | None = None
    baselines: Mapping[str, Path | None] = _NOTHING
    gates: tuple[tuple[str, Place], ...] = ()
    slices: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    task: str = ""  # classification or regression; "" = told from the columns
    confidence: str = ""  # "" = 95%; "99%"; "point"
    inconclusive: str = REFUSE  # what an inconclusive verdict does: recorded, acted upon elsewhere


def evaluate(request: Request) -> Evaluation:
    """Judge. Raises BadInput for gates, options and files that cannot be used; nothing is written."""
    alpha = alpha_of(request.confidence)
    if request.inconclusive not in POLICIES:
        hint = did_you_mean(request.inconclusive, POLICIES)
        raise BadInput(f"inconclusive: {request.inconclusive!r}", hint)
    gates = tuple(parse(text, place) for text, place in request.gates)
    _need_engines()
    from seatrial.evaluation.evidence import reduce

    task, examples = _read(request, gates)
    return _judged(request, gates, reduce(examples, task), alpha)


def _judged(request: Request, gates: tuple[Gate, ...], evidence: Evidence, alpha: float | None) -> Evaluation:
    from seatrial.evaluation import compare
    from seatrial.evaluation.judge import judge

    absent = frozenset(name for name, path in request.baselines.items() if path is None)
    results = judge(gates, evidence, absent, alpha)
    return Evaluation(
        task=evidence.task,
        n=evidence.examples.n,
        judgement=combine([(one, bool(gate.baseline)) for gate, one in zip(gates, results, strict=True)]),
        gates=results,
        measurements=compare.overall(evidence, gates, alpha),
        slices=compare.by_slice(evidence, alpha),
        comparisons=compare.comparisons(evidence, gates, alpha),
        confusion=_confusion(evidence),
        confidence=request.confidence or "95%",
        inconclusive=request.inconclusive,
        notes=(*evidence.examples.notes, *_notes(gates, evidence.examples)),
    )


def _need_engines() -> None:
    if not all(find_spec(name) for name in ("numpy", "scipy", "pyarrow")):
        raise needs_extra("evaluation", "judging predictions")


def _read(request: Request, gates: tuple[Gate, ...]) -> tuple[str, Examples]:
    from seatrial.evaluation import dataset
    from seatrial.evaluation.all_metrics import ALL_METRICS, metric
    from seatrial.evaluation.metric import SCORES
    from seatrial.evaluation.task import infer

    columns = _columns(request.columns)
    task, note = infer(request.task, gates, request.predictions, request.data, columns)
    wanted = (*request.slices, *(gate.slice_column for gate in gates if gate.slice_column))
    examples = dataset.read(
        request.predictions,
        request.data,
        {name: path for name, path in request.baselines.items() if path is not None},
        columns=columns,
        task=task,
        slices=tuple(dict.fromkeys(wanted)),
        needs_scores=any(
            metric(gate.metric).STATISTIC == SCORES for gate in gates if gate.metric in ALL_METRICS
        ),
    )
    return task, examples._replace(notes=(*examples.notes, note)) if note else examples


def _columns(renamed: tuple[tuple[str, str], ...]) -> Columns:
    from seatrial.evaluation.dataset import Columns

    for role, name in renamed:
        if role not in Columns._fields:
            raise BadInput(f"there is no column {role!r} to rename", did_you_mean(role, Columns._fields))
        if not name:
            raise BadInput(f"columns: {role} has no name", "give the name that it has in the file")
    return Columns(**dict(renamed))


def _confusion(evidence: Evidence) -> Confusion | None:
    from seatrial.evaluation import counts
    from seatrial.evaluation.evidence import ALL
    from seatrial.evaluation.metric import CLASSIFICATION

    if evidence.task != CLASSIFICATION or len(evidence.examples.labels) > MOST_IN_CONFUSION:
        return None
    matrix = counts.confusion(evidence.tables["", ALL])
    return Confusion(evidence.examples.labels, tuple(tuple(row) for row in matrix.tolist()))


MOST_IN_CONFUSION = 1_000  # classes
_AVERAGED = ("precision", "recall", "f1")


def _notes(gates: tuple[Gate, ...], examples: Examples) -> tuple[str, ...]:
    """What a reader of the numbers must know to read them as they are meant."""
    notes: list[str] = []
    asked = [gate.metric for gate in gates if not gate.option] if gates else _AVERAGED
    bare = [name for name in _AVERAGED if name in asked and examples.labels]
    if bare:
        plural = "is the macro average" if len(bare) == 1 else "are macro averages"
        notes.append(f"{', '.join(bare)} without more {plural}: every class counts the same")
    if any(gate.metric == "auc" and not gate.option for gate in gates):
        notes.append(f"auc takes {examples.labels[-1]!r} as the positive class")
    return tuple(notes)
