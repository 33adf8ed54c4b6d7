"""Gates held against evidence: the measurement, the verdict of each slice, and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from math import isfinite

from seatrial.evaluation.all_metrics import metric, metrics_of
from seatrial.evaluation.evidence import ALL, Evidence, Part, text_of
from seatrial.evaluation.gate import STABLE, Gate, measured
from seatrial.evaluation.measure import finite, measure
from seatrial.evaluation.metric import SCORES, Metric, class_of
from seatrial.evaluation.nearest import did_you_mean
from seatrial.evaluation.significance.estimate import Estimate, point, z_quantile
from seatrial.evaluation.significance.more import more_examples, one_digit
from seatrial.evaluation.verdict import (
    FAIL,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASS,
    Check,
    GateResult,
    Measurement,
    claimed,
    combine_checks,
    decide,
)
from seatrial.named_tuple import NamedTuple


class _Trial(NamedTuple):
    """One gate on one slice, with what it takes to test it at any level."""

    gate: Gate
    part: Part
    estimate: Callable[[float], Estimate | None]  # alpha -> of the value, or of value - factor * baseline
    offset: float  # factor * baseline: what was taken off
    rows: int

    @property
    def bound(self) -> float:
        """What the estimate is compared with."""
        return self.gate.margin if self.gate.threshold is None else self.gate.threshold


def judge(
    gates: Iterable[Gate], evidence: Evidence, absent: frozenset[str], alpha: float | None
) -> tuple[GateResult, ...]:
    """All gates together, as a failure claimed among many is corrected for all of them.

    `absent` are the environments that have no revision: gates against them are not applicable. `alpha` is
    None to compare the values themselves.
    """
    gates = tuple(gates)
    for gate in gates:
        check(gate, evidence, absent)
    trials = {
        index: _trials(gate, evidence, alpha)
        for index, gate in enumerate(gates)
        if gate.baseline not in absent
    }
    every = [trial for found in trials.values() for trial in found]
    sure = dict(zip(map(_key, every), _claims(every, alpha), strict=True))
    return tuple(
        _result(gate, [_checked(trial, evidence, alpha, sure[_key(trial)]) for trial in trials[index]])
        if index in trials
        else _not_applicable(gate)
        for index, gate in enumerate(gates)
    )


def _key(trial: _Trial) -> tuple[Gate, Part]:
    return trial.gate, trial.part


def check(gate: Gate, evidence: Evidence, absent: frozenset[str] = frozenset()) -> None:
    """Whether the gate can be asked of this evidence at all. Raises BadInput at the gate's place."""
    if gate.live:
        hint = f"measure it in an environment's gates; {STABLE!r} is the revision beside a canary"
        raise gate.bad("it is measured on live traffic, not on a test set", hint)
    found = metric(gate.metric)
    if evidence.task not in found.TASKS:
        names = ", ".join(known.NAME for known in metrics_of(evidence.task))
        hint = f"metrics of it: {names}; `--task {found.TASKS[0]}`, or 'task:', says that it is another"
        raise gate.bad(f"{gate.metric} does not fit the task {evidence.task}", hint)
    if gate.baseline and gate.baseline not in (*evidence.examples.baselines, *absent):
        known = (*evidence.examples.baselines, *absent)
        hint = did_you_mean(gate.baseline, known) or "give its predictions, or remove the gate"
        raise gate.bad(f"there are no predictions of {gate.baseline!r} to compare with", hint)
    labels = evidence.examples.labels
    if gate.option and gate.option not in found.OPTIONS and class_of(gate.option) not in labels:
        raise gate.bad(f"no label is {class_of(gate.option)!r}", _label_hint(gate, found, labels))
    _check_scores(gate, found, evidence)


def _label_hint(gate: Gate, found: Metric, labels: tuple[str, ...]) -> str:
    name = class_of(gate.option)
    return (
        f"without quotes it is the average: {gate.metric}({name})"
        if name in found.OPTIONS
        else did_you_mean(name, labels)
    )


def _check_scores(gate: Gate, found: Metric, evidence: Evidence) -> None:
    if found.STATISTIC != SCORES:
        return
    if not gate.option and len(evidence.examples.labels) > 2:
        hint = f"name it: {measured(gate.metric, evidence.examples.labels[0])}"
        raise gate.bad(f"which of {len(evidence.examples.labels)} classes is the positive one?", hint)
    sides = {"the candidate": evidence.examples.candidate}
    if gate.baseline in evidence.examples.baselines:
        sides[gate.baseline] = evidence.examples.baselines[gate.baseline]
    for name, predictions in sides.items():
        if predictions.score is None:
            raise gate.bad(f"the predictions of {name} have no scores", "write a column 'score'")


def _not_applicable(gate: Gate) -> GateResult:
    reason = f"{gate.baseline} has no revision to compare with"
    return GateResult(gate.text, gate.place, NOT_APPLICABLE, reason)


def _result(gate: Gate, checks: list[Check]) -> GateResult:
    verdict, reason = combine_checks(checks)
    return GateResult(gate.text, gate.place, verdict, reason, tuple(checks))


def _trials(gate: Gate, evidence: Evidence, alpha: float | None) -> list[_Trial]:
    return [_trial(gate, part, evidence, alpha) for part in _parts(gate, evidence)]


def _parts(gate: Gate, evidence: Evidence) -> list[Part]:
    if not gate.slice_column:
        return [ALL]
    if gate.slice_value is not None:
        return [(gate.slice_column, gate.slice_value)]
    return [part for part in evidence.parts if part[0] == gate.slice_column]


def _trial(gate: Gate, part: Part, evidence: Evidence, alpha: float | None) -> _Trial:
    found = metric(gate.metric)
    rows = evidence.rows(part)
    statistic = evidence.statistic(found.STATISTIC, gate.option, part, gate.baseline) if rows else None
    if statistic is None:
        return _Trial(gate, part, lambda _level: None, 0.0, rows)
    theirs = found.baseline(statistic, gate.option) if gate.baseline else 0.0
    offset = gate.factor * (theirs or 0.0)

    def estimate(level: float) -> Estimate | None:
        if alpha is None:
            value = found.value(statistic, gate.option)
            return None if value is None or theirs is None else point(value - offset, rows)
        if gate.baseline:
            return found.difference(statistic, gate.option, gate.factor, level)
        return found.interval(statistic, gate.option, level)

    return _Trial(gate, part, cache(estimate), offset, rows)


def _claims(trials: list[_Trial], alpha: float | None) -> list[bool]:
    """Which failures hold among all: points are no statistical claims and need no correction."""
    if alpha is None:
        return [True] * len(trials)
    estimates = [trial.estimate(alpha) for trial in trials]
    certain = [estimate is None or estimate.low == estimate.high for estimate in estimates]
    uncertain = [trial for trial, sure in zip(trials, certain, strict=True) if not sure]
    holm = iter(claimed([_fails(trial) for trial in uncertain], alpha))
    return [sure or next(holm) for sure in certain]


def _fails(trial: _Trial) -> Callable[[float], bool]:
    def fails(level: float) -> bool:
        estimate = trial.estimate(level)
        return estimate is not None and _side(trial, estimate) == FAIL

    return fails


def _side(trial: _Trial, estimate: Estimate) -> str:
    scale = max(abs(estimate.value), abs(trial.offset), abs(trial.bound))
    return decide(trial.gate.comparison, estimate.low, estimate.high, trial.bound, scale)


def _checked(trial: _Trial, evidence: Evidence, alpha: float | None, sure: bool) -> Check:
    gate = trial.gate
    measurement = measure(
        evidence, metric(gate.metric), gate.option, trial.part, alpha, environment=gate.baseline
    )
    estimate = trial.estimate(alpha or 0.0)
    if estimate is None:
        return Check(text_of(trial.part), INCONCLUSIVE, _nothing(trial, evidence, measurement), measurement)
    verdict, reason, more = _decided(trial, estimate, alpha, sure)
    low, high = estimate.low + trial.offset, estimate.high + trial.offset
    bound = trial.bound + trial.offset
    return Check(
        text_of(trial.part), verdict, reason, measurement, finite(bound), finite(low), finite(high), more
    )


def _nothing(trial: _Trial, evidence: Evidence, measurement: Measurement) -> str:
    if trial.rows:
        return measurement.reason or "it has no value here"
    column, value = trial.part
    values = [part[1] for part in evidence.parts if part[0] == column]
    return f"there are no examples with {column} {value!r}; {did_you_mean(value, values)}"


def _decided(
    trial: _Trial, estimate: Estimate, alpha: float | None, sure: bool
) -> tuple[str, str, int | None]:
    """The verdict, its reason, and about how many more examples would decide."""
    verdict = _side(trial, estimate)
    said = _said(trial, estimate)
    if verdict == PASS and estimate.n < estimate.least and alpha is not None:
        lacking = one_digit(estimate.least - estimate.n)
        return INCONCLUSIVE, f"{said}, but fewer than {estimate.least} examples cannot show it", lacking
    if verdict == FAIL and not sure:
        return INCONCLUSIVE, f"{said}, which among so many comparisons may be chance", None
    if verdict != INCONCLUSIVE or alpha is None:
        return verdict, f"{said}; {estimate.statement}" if estimate.statement else said, None
    more = _more(trial, estimate, alpha)
    noun = "example" if more == 1 else "examples"
    advice = f": about {more:,} more {noun} would decide" if more else ""
    return INCONCLUSIVE, said + advice, more


def _more(trial: _Trial, estimate: Estimate, alpha: float) -> int | None:
    """In examples, though a method may count only some of them.

    What counts is the half of the interval that reaches over the bar: near 0 and 1 the other one is much
    shorter, and would promise too much.
    """
    is_above = estimate.value > trial.bound
    half = estimate.value - estimate.low if is_above else estimate.high - estimate.value
    gap = abs(estimate.value - trial.bound)
    fewest = max(estimate.least - estimate.n, 1)
    needed: int | None = fewest
    if isfinite(half):
        needed = more_examples(estimate.n, half / z_quantile(alpha), gap, alpha)
    if needed is None:
        return None
    if decide(trial.gate.comparison, estimate.value, estimate.value, trial.bound) == PASS:
        needed = max(needed, fewest)
    return one_digit(needed * trial.rows / estimate.n)


def _said(trial: _Trial, estimate: Estimate) -> str:
    """ "0.812 (0.786 to 0.836), bar 0.78"; against a baseline the interval is the difference's."""
    gate = trial.gate
    value = f"{estimate.value + trial.offset:.4g}"
    if estimate.low == estimate.high:
        return f"{value}, bar {trial.bound + trial.offset:.4g}"
    low, high = f"{estimate.low:+.4g}", f"{estimate.high:+.4g}"
    if gate.threshold is not None:
        return f"{value} ({low.lstrip('+')} to {high.lstrip('+')}), bar {gate.threshold:.4g}"
    times = f"{gate.factor:g} × " if gate.factor != 1 else ""
    theirs = f"{trial.offset / gate.factor:.4g}"
    return f"{value} against {times}{theirs}: {estimate.value:+.4g} ({low} to {high}), bar {gate.margin:+.4g}"
