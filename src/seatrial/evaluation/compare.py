"""All measurements of an evaluation, and the candidate beside each baseline, slice by slice. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from seatrial.evaluation.all_metrics import metric, metrics_of
from seatrial.evaluation.evidence import ALL, Evidence, Part, text_of
from seatrial.evaluation.gate import Gate
from seatrial.evaluation.measure import measure
from seatrial.evaluation.metric import CLASSIFICATION, SCORES, Metric, option_of
from seatrial.evaluation.record import Comparison, SliceLoss
from seatrial.evaluation.verdict import Measurement, claimed

# Each class has its own precision, recall and F1 measured, up to this many classes.
MOST_CLASSES = 50

Asked = tuple[Metric, str]  # a metric and its option


def overall(evidence: Evidence, gates: Iterable[Gate], alpha: float | None) -> tuple[Measurement, ...]:
    """Every metric of the task on all examples; of a classification also each class."""
    asked = _asked(evidence, gates)
    if evidence.task == CLASSIFICATION and len(evidence.examples.labels) <= MOST_CLASSES:
        rates = [found for found in metrics_of(evidence.task) if len(found.OPTIONS) > 1]
        asked += [
            (found, option_of(name, found.OPTIONS)) for name in evidence.examples.labels for found in rates
        ]
    return tuple(measure(evidence, found, option, ALL, alpha) for found, option in dict.fromkeys(asked))


def by_slice(evidence: Evidence, alpha: float | None) -> tuple[Measurement, ...]:
    """Every metric of the task on every slice."""
    asked = _asked(evidence, ())
    return tuple(
        measure(evidence, found, option, part, alpha)
        for part in evidence.parts
        for found, option in asked
        if found.STATISTIC != SCORES
    )


def comparisons(evidence: Evidence, gates: Iterable[Gate], alpha: float | None) -> tuple[Comparison, ...]:
    gates = tuple(gates)
    return tuple(
        Comparison(
            name,
            tuple(
                measure(evidence, found, option, ALL, alpha, environment=name)
                for found, option in _asked(evidence, [gate for gate in gates if gate.baseline == name])
            ),
            _worse(evidence, name, alpha),
        )
        for name in evidence.examples.baselines
    )


def _asked(evidence: Evidence, gates: Iterable[Gate]) -> list[Asked]:
    """The metrics that the data allow, then those that gates ask for beside them."""
    usual = [(found, "") for found in metrics_of(evidence.task) if _allowed(found, evidence)]
    more = [(metric(gate.metric), gate.option) for gate in gates]
    return list(dict.fromkeys([*usual, *more]))


def _allowed(found: Metric, evidence: Evidence) -> bool:
    two = len(evidence.examples.labels) == 2
    return found.STATISTIC != SCORES or (evidence.examples.candidate.score is not None and two)


def _worse(evidence: Evidence, environment: str, alpha: float | None) -> tuple[SliceLoss, ...]:
    """The slices that lost, by the task's first metric; all were searched, so all are corrected for."""
    found = metric("accuracy" if evidence.task == CLASSIFICATION else "mean_absolute_error")
    sign = 1.0 if found.HIGHER_IS_BETTER else -1.0
    parts = evidence.parts
    sure = (
        claimed([_lost(evidence, found, part, environment, sign) for part in parts], alpha) if alpha else []
    )
    losses = []
    for index, part in enumerate(parts):
        measured = measure(evidence, found, "", part, alpha, environment=environment)
        loss = -sign * (measured.difference or 0.0)
        if loss > 0:
            losses.append(SliceLoss(text_of(part), loss, bool(sure) and sure[index], measured))
    return tuple(sorted(losses, key=lambda lost: -lost.loss))


def _lost(
    evidence: Evidence, found: Metric, part: Part, environment: str, sign: float
) -> Callable[[float], bool]:
    def lost(alpha: float) -> bool:
        statistic = evidence.statistic(found.STATISTIC, "", part, environment)
        gap = found.difference(statistic, "", 1.0, alpha) if statistic and statistic.n else None
        if gap is None or gap.n < gap.least:
            return False
        return gap.high < 0 if sign > 0 else gap.low > 0

    return lost
