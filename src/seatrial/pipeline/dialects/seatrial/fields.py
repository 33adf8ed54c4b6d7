"""A mapping of the file read by a table of keys."""

from __future__ import annotations

from typing import Any

from seatrial.pipeline.dialects.seatrial.keys import Key
from seatrial.pipeline.dialects.seatrial.shapes import Findings
from seatrial.pipeline.finding import error
from seatrial.pipeline.pipeline import Places
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence


def fields(node: Mapping, keys: tuple[Key, ...], what: str, findings: Findings) -> dict[str, Any]:
    """The values by key, without those that cannot be read; `what` names the mapping to a person."""
    known = {key.name: key for key in keys}
    values: dict[str, Any] = {}
    for name, value_node in node.entries:
        if name.text not in known:
            findings.append(
                error(name.place, f"{what} has no key `{name.text}`", did_you_mean(name.text, known))
            )
            continue
        value = known[name.text].shape.read(value_node, name.text, findings)
        if value is not None:
            values[name.text] = value
    return values


def places(node: Mapping, names: frozenset[str]) -> Places:
    """Where the values of these keys stand, and the items of their lists; one value is a list of one."""
    found = []
    for name, value in node.entries:
        if name.text in names:
            found.append((name.text, value.place))
            found += [(f"{name.text}:{item.text}", item.place) for item in _items(value)]
    return tuple(found)


def _items(node: Node) -> tuple[Scalar, ...]:
    if isinstance(node, Sequence):
        return tuple(item for item in node.items if isinstance(item, Scalar))
    return (node,) if isinstance(node, Scalar) else ()
