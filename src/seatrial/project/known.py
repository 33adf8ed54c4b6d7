"""What this version can perform, asked of every table, and what that says about a pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.errors import BadInput, Place
from seatrial.pipeline.check import Known
from seatrial.pipeline.finding import Finding, error, warning
from seatrial.pipeline.pipeline import Environment, Evaluate, Gate, Pipeline, place_of
from seatrial.pipeline.spelling import did_you_mean

if TYPE_CHECKING:
    from seatrial.evaluation.power import Power
    from seatrial.evaluation.sequential.live import History
    from seatrial.journal.journal import Journal
    from seatrial.release.demand import Demand


def known() -> Known:
    """The names of the tables, and the parts that are not there yet."""
    from seatrial.actions.all_actions import ALL_ACTIONS
    from seatrial.pipeline.check import VERDICT
    from seatrial.release import all_strategies, all_targets
    from seatrial.run import all_executors

    return Known(
        executors=tuple(all_executors.ALL_EXECUTORS),
        targets=tuple(all_targets.MODULES),
        strategies=tuple(all_strategies.MODULES),
        actions=tuple(ALL_ACTIONS),
        tasks=("classification", "regression"),
        requirements=(VERDICT,),
        has_remote_inputs=False,
    )


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


def needed(pipeline: Pipeline) -> tuple[tuple[str, Power], ...]:
    """About how many examples each gate of each stage needs. Raises BadInput for a bad gate."""
    from seatrial.evaluation import gate as language
    from seatrial.evaluation.power import power

    found: list[tuple[str, Power]] = []
    for stage in pipeline.stages:
        if isinstance(stage.options, Evaluate):
            gates = [language.parse(gate.text, gate.place) for gate in stage.options.gates]
            found += [(stage.name, one) for one in power(gates, confidence=stage.options.confidence)]
    return tuple(found)


def needed_live(
    environment: Environment, past: History | None = None, per_second: float | None = None
) -> tuple[Demand, ...]:
    """About how much traffic each gate of an environment needs. Raises BadInput for a bad gate."""
    from seatrial.evaluation import gate as language
    from seatrial.pipeline.quantity import parse_percent
    from seatrial.release import demand

    names = _metrics(environment)
    gates = [language.parse(gate.text, gate.place, names) for gate in environment.gates]
    if environment.strategy in demand.ALONE:
        gates = [gate for gate in gates if not gate.compares]  # users' requests say nothing about them
    share = demand.share_of(environment.strategy, dict(environment.strategy_options))
    alpha = 1.0 - (parse_percent(environment.confidence) or 0.0)
    by_pairs = environment.strategy == demand.SHADOW
    every = {metric.name: metric.every_seconds for metric in environment.metrics}
    return demand.demands(gates, alpha, share, past, per_second, by_pairs=by_pairs, every=every)


def probe_worth(
    environment: Environment, past: History | None = None, requests: int | None = None
) -> tuple[tuple[str, str], ...]:
    """What recorded requests do for each gate of an environment; none where it has no `probe`."""
    if not environment.probe:
        return ()
    from seatrial.evaluation import gate as language
    from seatrial.evaluation.sequential.live import History
    from seatrial.pipeline.quantity import parse_percent
    from seatrial.release import probe

    names = _metrics(environment)
    gates = [language.parse(gate.text, gate.place, names) for gate in environment.gates]
    alpha = 1.0 - (parse_percent(environment.confidence) or 0.0)
    return tuple(probe.worth(gates, alpha, past or History(), requests))


def probe_forecast(
    journal: Journal, project: str, environment: Environment, requests: int
) -> tuple[tuple[str, str], ...]:
    """The same, by how what is live has done, of so many requests."""
    from seatrial.journal import releases
    from seatrial.release import analysis
    from seatrial.system import clock

    row = releases.environment(journal, project, environment.name)
    if row is None or not row.stable:
        return ()
    return probe_worth(environment, analysis.history(journal, row, row.stable, clock.now()), requests)


def forecast(journal: Journal, project: str, environment: Environment) -> tuple[Demand, ...]:
    """The same, by how what is live has done and how much is asked of it at present."""
    from seatrial.journal import labels, releases
    from seatrial.release import analysis
    from seatrial.system import clock

    row = releases.environment(journal, project, environment.name)
    if row is None or not row.stable:
        return ()
    now = clock.now()
    past = analysis.history(journal, row, row.stable, now)
    last = labels.last_pair(journal, row.project, row.name)
    past = analysis.with_labels(past, journal, row, row.stable, last)
    return needed_live(environment, past, analysis.rate(journal, row, now))


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


def _live(gate: Gate, environment: Environment) -> Iterator[Finding]:
    """A gate on live traffic compares with a number, or with the revision beside the candidate."""
    from seatrial.evaluation import gate as language
    from seatrial.evaluation.sequential import plan, shadow
    from seatrial.pipeline.check import NEVER_BESIDE
    from seatrial.release import all_providers
    from seatrial.release.demand import ALONE, SHADOW
    from seatrial.release.probe import SOURCES

    try:
        parsed = language.parse(gate.text, gate.place, _metrics(environment))
    except BadInput as problem:
        yield _finding(problem, gate.place)
        return
    if parsed.baseline not in ("", language.STABLE):
        hint = f"write `{language.STABLE}`: what serves in `{environment.name}` beside the candidate"
        yield error(gate.place, f"the live gate {gate.text!r} compares with `{parsed.baseline}`", hint)
        return
    try:
        live = plan.plan(parsed)
        source = (shadow.paired(live) if environment.strategy == SHADOW else live).source
    except BadInput as problem:
        yield _finding(problem, gate.place)
        return
    if source not in all_providers.sources():
        hint = (
            "live: error_rate, latency_pNN, and from labels accuracy, precision(C), recall(C), f1(C), errors"
        )
        yield error(gate.place, f"this version cannot measure {parsed.metric!r} on live traffic", hint)
    if parsed.metric in language.PAIRED and environment.strategy != SHADOW and not environment.probe:
        text = f"with `{environment.strategy}` no two revisions answer the same requests: {gate.text!r}"
        yield error(gate.place, text, "release by shadow, or replay recorded requests: `probe: FILE`")
    is_probed = bool(environment.probe) and source in SOURCES
    if parsed.baseline and environment.strategy in ALONE and not is_probed:
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
    from seatrial.evaluation.gate import PAIRED

    predictions = environment.predictions
    gates = [gate for gate in environment.gates if _metric(gate, environment) in ALL_METRICS]
    unseen = [] if predictions is not None else gates
    if predictions is None or predictions.source != "header":
        unseen = [*unseen, *(gate for gate in environment.gates if _metric(gate, environment) in PAIRED)]
    for gate in unseen:
        hint = f"add `predictions: {{from: header}}` to `{environment.name}`"
        yield error(gate.place, f"nothing keeps the predictions that {gate.text!r} is to judge", hint)
    mature = environment.mature_after_seconds
    if mature is None:
        return
    place = place_of(environment, "mature_after")
    if not gates:
        hint = "add one, for example `accuracy >= stable - 0.02`, or leave `mature_after` out"
        yield warning(place, f"`mature_after` without a gate on labels in `{environment.name}`", hint)
    elif predictions is not None and predictions.keep_seconds < mature:
        hint = "let `keep` of `predictions` be as long as `mature_after`"
        yield warning(place, "predictions are forgotten before their labels are mature", hint)


def _metric(gate: Gate, environment: Environment) -> str:
    """What a gate measures; "" where it cannot be read."""
    from seatrial.evaluation import gate as language

    try:
        return language.parse(gate.text, gate.place, _metrics(environment)).metric
    except BadInput:
        return ""


def _finding(problem: BadInput, place: Place) -> Finding:
    return error(problem.place or place, problem.message, problem.hint)
