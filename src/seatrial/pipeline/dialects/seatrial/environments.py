"""The `environments` of `seatrial.yaml`."""

from __future__ import annotations

from typing import Any

from seatrial.pipeline.dialects.seatrial.document import Mapping, Node, Scalar
from seatrial.pipeline.dialects.seatrial.fields import fields, places
from seatrial.pipeline.dialects.seatrial.keys import ENVIRONMENT, STRATEGIES
from seatrial.pipeline.dialects.seatrial.shapes import NAME, Findings, wrong
from seatrial.pipeline.finding import error
from seatrial.pipeline.pipeline import Environment, Variables

# What the value of a strategy's own key says of it.
_OPTION = {"canary": "weights", "rolling": "share", "shadow": "share"}
_STRATEGY_NAMES = frozenset(key.name for key in STRATEGIES)
_PLACED = frozenset({"target"})


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
    if not said or said[0].text not in values:
        return "", ()
    if said[0].text == "strategy":
        return values["strategy"], ()
    strategy, value = said[0].text, values[said[0].text]
    return strategy, ((_OPTION[strategy], value),) if value else ()


def _places(node: Mapping) -> tuple[Any, ...]:
    """A strategy stands where its own key does."""
    found = list(places(node, _PLACED))
    for name, value in node.entries:
        if name.text == "strategy":
            found.append((name.text, value.place))
        elif name.text in _STRATEGY_NAMES:
            found.append(("strategy", name.place))
    return tuple(found)
