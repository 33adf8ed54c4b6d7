"""The `environments` of `seatrial.yaml`."""

from __future__ import annotations

from typing import Any

from seatrial.pipeline.dialects.seatrial.fields import fields, places
from seatrial.pipeline.dialects.seatrial.keys import ENVIRONMENT, METRIC, PREDICTIONS, STRATEGIES
from seatrial.pipeline.dialects.seatrial.shapes import NAME, VARIABLE, Findings, wrong
from seatrial.pipeline.finding import error
from seatrial.pipeline.pipeline import Environment, Metric, Predictions, Variables
from seatrial.pipeline.quantity import parse_percent
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar

_STRATEGY_NAMES = frozenset(key.name for key in STRATEGIES)
_PLACED = frozenset({"target", "address", "secrets", "mature_after", "probe"})


def read_environments(node: Mapping, findings: Findings) -> tuple[Environment, ...]:
    read = [_environment(name, value, findings) for name, value in node.entries]
    return tuple(environment for environment in read if environment is not None)


def _environment(name: Scalar, node: Node, findings: Findings) -> Environment | None:
    if NAME.read(name, "environments", findings) is None:
        return None
    if not isinstance(node, Mapping):
        wrong(node, name.text, "a mapping with `target`, `from` and so on", findings)
        return None
    values = fields(node, ENVIRONMENT, "an environment", findings)
    strategy, options = _strategy(node, values, findings)
    plain = Environment(name.text, name.place)
    return Environment(
        name=name.text,
        place=name.place,
        target=values.get("target", plain.target),
        address=values.get("address", plain.address),
        from_=values.get("from", plain.from_),
        strategy=strategy or plain.strategy,
        strategy_options=options,
        gates=values.get("gates", plain.gates),
        within_seconds=values.get("within", plain.within_seconds),
        on_deadline=values.get("on_deadline", plain.on_deadline),
        confidence=values.get("confidence", plain.confidence),
        warm_up_seconds=values.get("warm_up", plain.warm_up_seconds),
        sticky=values.get("sticky", plain.sticky),
        probe=values.get("probe", plain.probe),
        mature_after_seconds=values.get("mature_after", plain.mature_after_seconds),
        predictions=_predictions(values.get("predictions"), findings),
        metrics=_metrics(values.get("metrics"), findings),
        dirty=values.get("dirty", plain.dirty),
        require=values.get("require", plain.require),
        drain_seconds=values.get("drain", plain.drain_seconds),
        env=values.get("env", plain.env),
        secrets=values.get("secrets", plain.secrets),
        places=_places(node),
    )


def _strategy(node: Mapping, values: dict[str, Any], findings: Findings) -> tuple[str, Variables]:
    said = [name for name, _ in node.entries if name.text == "strategy" or name.text in _STRATEGY_NAMES]
    for second in said[1:]:
        findings.append(
            error(second.place, f"`{second.text}` beside `{said[0].text}`", "an environment has one strategy")
        )
    if not said:
        return "", ()
    if said[0].text not in values:  # it could not be read, which is said; what is meant is known of some
        return said[0].text if said[0].text in _STRATEGY_NAMES else "", ()
    if said[0].text == "strategy":
        return values["strategy"], ()
    strategy, value = said[0].text, values[said[0].text]
    return strategy, value


def _predictions(node: Mapping | None, findings: Findings) -> Predictions | None:
    if node is None:
        return None
    values = fields(node, PREDICTIONS, "`predictions`", findings)
    plain = Predictions()
    return Predictions(
        source=values.get("from", plain.source),
        sample=parse_percent(values.get("sample", "100%")) or plain.sample,
        keep_seconds=values.get("keep", plain.keep_seconds),
        mask=values.get("mask", plain.mask),
    )


def _metrics(node: Mapping | None, findings: Findings) -> tuple[Metric, ...]:
    read = [_metric(name, value, findings) for name, value in (node.entries if node else ())]
    return tuple(metric for metric in read if metric is not None)


def _metric(name: Scalar, node: Node, findings: Findings) -> Metric | None:
    if VARIABLE.read(name, "metrics", findings) is None:
        return None
    if not isinstance(node, Mapping):
        wrong(node, name.text, "a mapping with `command`, or with `prometheus` and `query`", findings)
        return None
    values = fields(node, METRIC, "a metric", findings)
    if ("command" in values) == ("query" in values) or ("query" in values) != ("prometheus" in values):
        hint = "either `command`, or `prometheus` and `query`"
        findings.append(error(name.place, f"where does the metric `{name.text}` come from?", hint))
        return None
    command = values["command"].text if "command" in values else ""
    plain = Metric(name.text, name.place)
    return plain._replace(
        command=command,
        prometheus=values.get("prometheus", ""),
        query=values.get("query", ""),
        every_seconds=values.get("every", plain.every_seconds),
    )


def _places(node: Mapping) -> tuple[Any, ...]:
    """A strategy stands where its own key does."""
    found = list(places(node, _PLACED))
    for name, value in node.entries:
        if name.text == "strategy":
            found.append((name.text, value.place))
        elif name.text in _STRATEGY_NAMES:
            found.append(("strategy", name.place))
    return tuple(found)
