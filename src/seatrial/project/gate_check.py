"""What is wrong with the gates of a pipeline, those of its stages and those of its environments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.errors import BadInput, Place
from seatrial.pipeline.finding import Finding, error, warning
from seatrial.pipeline.pipeline import Environment, Evaluate, Gate, Pipeline, place_of
from seatrial.pipeline.spelling import did_you_mean

if TYPE_CHECKING:
    from seatrial.evaluation.gate import Gate as Parsed


def gate_findings(pipeline: Pipeline) -> Iterator[Finding]:
    """What is wrong with the gates, those of stages and those of environments."""
    names = tuple(environment.name for environment in pipeline.environments)
    for stage in pipeline.stages:
        if isinstance(stage.options, Evaluate):
            for gate in stage.options.gates:
                yield from _offline(gate, names, stage.options.task)
    for environment in pipeline.environments:
        for gate in environment.gates:
            yield from _live(gate, environment)
        yield from _labels(environment)
        yield from _numbers(environment)
        if environment.gates:
            yield from _abilities(environment)


def _offline(gate: Gate, environments: tuple[str, ...], task: str) -> Iterator[Finding]:
    """A gate on a test set fits the task, and compares with a number or an environment of this file."""
    from seatrial.evaluation import gate as language

    try:
        parsed = language.parse(gate.text, gate.place)
    except BadInput as problem:
        yield _finding(problem, gate.place)
        return
    if parsed.live:
        hint = "write it below `environments:`, or compare with an environment"
        yield error(gate.place, f"the gate {gate.text!r} is about live traffic", hint)
    elif parsed.baseline and parsed.baseline not in environments:
        hint = did_you_mean(parsed.baseline, environments) or "describe it below `environments:`"
        yield error(
            gate.place, f"the gate {gate.text!r} compares with `{parsed.baseline}`, which is unknown", hint
        )
    if not parsed.live:
        yield from _fit(gate, parsed.metric, task)


def _fit(gate: Gate, name: str, task: str) -> Iterator[Finding]:
    from seatrial.evaluation.all_metrics import metric, metrics_of

    fitting = [known.NAME for known in metrics_of(task)]
    if fitting and task not in metric(name).TASKS:
        hint = f"metrics of it: {', '.join(fitting)}"
        yield error(gate.place, f"the gate {gate.text!r} does not fit the task {task}", hint)


def _live(gate: Gate, environment: Environment) -> Iterator[Finding]:
    """A gate on live traffic compares with a number, or with the revision beside the candidate."""
    from seatrial.evaluation import gate as language

    try:
        parsed = language.parse(gate.text, gate.place, _metrics(environment))
        if parsed.baseline not in ("", language.STABLE):
            hint = f"write `{language.STABLE}`: what serves in `{environment.name}` beside the candidate"
            yield error(gate.place, f"the live gate {gate.text!r} compares with `{parsed.baseline}`", hint)
            return
        source = _source(parsed, environment)
    except BadInput as problem:
        yield _finding(problem, gate.place)
        return
    yield from _measured(gate, parsed, source)
    yield from _answered_by_both(gate, parsed, environment)
    yield from _served_beside(gate, parsed, environment, source)


def _source(parsed: Parsed, environment: Environment) -> str:
    """Where the measurements of a gate come from. Raises BadInput where its strategy can have none."""
    from seatrial.evaluation.sequential import plan, shadow
    from seatrial.release.demand import SHADOW

    live = plan.plan(parsed)
    return (shadow.paired(live) if environment.strategy == SHADOW else live).source


def _measured(gate: Gate, parsed: Parsed, source: str) -> Iterator[Finding]:
    from seatrial.release import all_providers

    if source not in all_providers.sources():
        hint = (
            "live: error_rate, latency_pNN, and from labels accuracy, precision(C), recall(C), f1(C), errors"
        )
        yield error(gate.place, f"this version cannot measure {parsed.metric!r} on live traffic", hint)


def _answered_by_both(gate: Gate, parsed: Parsed, environment: Environment) -> Iterator[Finding]:
    """A metric of pairs needs requests that both revisions answer."""
    from seatrial.evaluation.gate import PAIRED
    from seatrial.release.demand import SHADOW

    if parsed.metric in PAIRED and environment.strategy != SHADOW and not environment.probe:
        text = f"with `{environment.strategy}` no two revisions answer the same requests: {gate.text!r}"
        yield error(gate.place, text, "release by shadow, or replay recorded requests: `probe: FILE`")


def _served_beside(gate: Gate, parsed: Parsed, environment: Environment, source: str) -> Iterator[Finding]:
    """A comparison needs a revision that serves at the same time, or recorded requests for both."""
    from seatrial.pipeline.check import NEVER_BESIDE
    from seatrial.release.demand import ALONE
    from seatrial.release.probe import SOURCES

    is_probed = bool(environment.probe) and source in SOURCES
    if not parsed.baseline or environment.strategy not in ALONE or is_probed:
        return
    hint = "canary, shadow and rolling serve both at the same time"
    if environment.strategy != NEVER_BESIDE and source in SOURCES:
        hint += "; or replay recorded requests: `probe: FILE`"
    text = f"with `{environment.strategy}` nothing serves beside the candidate: {gate.text!r}"
    yield error(gate.place, text, hint)


def _metrics(environment: Environment) -> tuple[str, ...]:
    """The names of an environment's own numbers, which its gates may use."""
    return tuple(metric.name for metric in environment.metrics)


def _numbers(environment: Environment) -> Iterator[Finding]:
    """Numbers of an environment have names of their own, come often enough, and are there for a gate."""
    from seatrial.evaluation import gate as language

    named = {_metric(gate, environment) for gate in environment.gates}
    for metric in environment.metrics:
        if language.is_known(metric.name):
            yield error(metric.place, f"`{metric.name}` is a metric already", "give it a name of its own")
        elif metric.name not in named:
            hint = f"for example `gates: [{metric.name} <= 10]`"
            yield warning(metric.place, f"no gate of `{environment.name}` names `{metric.name}`", hint)


def _labels(environment: Environment) -> Iterator[Finding]:
    """Gates that wait for labels need predictions to join them with, and as long as they are waited for."""
    from seatrial.evaluation.all_metrics import ALL_METRICS

    gates = [gate for gate in environment.gates if _metric(gate, environment) in ALL_METRICS]
    for gate in without_predictions(environment):
        hint = f"add `predictions: {{from: header}}` to `{environment.name}`"
        yield error(gate.place, f"nothing keeps the predictions that {gate.text!r} is to judge", hint)
    if environment.mature_after_seconds is not None:
        yield from _maturity(environment, environment.mature_after_seconds, gates)


def without_predictions(environment: Environment) -> list[Gate]:
    """The gates that judge predictions which nothing keeps: of pairs, also where only labels say them."""
    from seatrial.evaluation.all_metrics import ALL_METRICS
    from seatrial.evaluation.gate import PAIRED

    predictions = environment.predictions
    if predictions is not None and predictions.source == "header":
        return []
    lacking = (*ALL_METRICS, *PAIRED) if predictions is None else PAIRED
    return [gate for gate in environment.gates if _metric(gate, environment) in lacking]


def _maturity(environment: Environment, seconds: float, on_labels: list[Gate]) -> Iterator[Finding]:
    place, predictions = place_of(environment, "mature_after"), environment.predictions
    if not on_labels:
        hint = "add one, for example `accuracy >= stable - 0.02`, or leave `mature_after` out"
        yield warning(place, f"`mature_after` without a gate on labels in `{environment.name}`", hint)
    elif predictions is not None and predictions.keep_seconds < seconds:
        hint = "let `keep` of `predictions` be as long as `mature_after`"
        yield warning(place, "predictions are forgotten before their labels are mature", hint)


def _metric(gate: Gate, environment: Environment) -> str:
    """What a gate measures; "" where it cannot be read."""
    from seatrial.evaluation import gate as language

    try:
        return language.parse(gate.text, gate.place, _metrics(environment)).metric
    except BadInput:
        return ""


def _abilities(environment: Environment) -> Iterator[Finding]:
    """A strategy needs a target that can do it; asked where there is something to judge."""
    from seatrial.release import all_strategies, all_targets

    if environment.strategy not in all_strategies.MODULES or environment.target not in all_targets.MODULES:
        return
    try:
        all_targets.check_can(
            all_targets.target(environment.target), all_strategies.strategy(environment.strategy)
        )
    except BadInput as problem:
        yield error(place_of(environment, "strategy"), problem.message, problem.hint)


def _finding(problem: BadInput, place: Place) -> Finding:
    return error(problem.place or place, problem.message, problem.hint)
