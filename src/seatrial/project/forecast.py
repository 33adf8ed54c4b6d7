"""What the gates of a pipeline need to come to a verdict: examples, requests, and how long they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.pipeline.pipeline import Environment, Evaluate, Pipeline

if TYPE_CHECKING:
    from seatrial.evaluation.gate import Gate
    from seatrial.evaluation.power import Power
    from seatrial.evaluation.sequential.live import History
    from seatrial.journal.journal import Journal
    from seatrial.release.demand import Demand


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
    from seatrial.release import demand

    gates = _gates(environment)
    if environment.strategy in demand.ALONE:
        gates = [gate for gate in gates if not gate.compares]  # users' requests say nothing about them
    share = demand.share_of(environment.strategy, dict(environment.strategy_options))
    by_pairs = environment.strategy == demand.SHADOW
    return demand.demands(
        gates,
        _alpha(environment),
        share,
        past,
        per_second,
        by_pairs=by_pairs,
        by_users=bool(environment.sticky),
        every={metric.name: metric.every_seconds for metric in environment.metrics},
        within=environment.within_seconds,
    )


def probe_worth(
    environment: Environment, past: History | None = None, requests: int | None = None
) -> tuple[tuple[str, str], ...]:
    """What recorded requests do for each gate of an environment; none where it has no `probe`."""
    if not environment.probe:
        return ()
    from seatrial.evaluation.sequential.live import History
    from seatrial.release import probe

    return tuple(probe.worth(_gates(environment), _alpha(environment), past or History(), requests))


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


def _gates(environment: Environment) -> list[Gate]:
    """The gates of an environment, read. Raises BadInput for a bad one."""
    from seatrial.evaluation import gate as language

    names = tuple(metric.name for metric in environment.metrics)
    return [language.parse(gate.text, gate.place, names) for gate in environment.gates]


def _alpha(environment: Environment) -> float:
    """The share of false verdicts that its confidence allows."""
    from seatrial.pipeline.quantity import parse_percent

    return 1.0 - (parse_percent(environment.confidence) or 0.0)
