"""Job groups: what calls one in a workflow, as the calls of its jobs.

As CircleCI does it, the jobs stand between two that do nothing: the first has what the call requires and its
filters, the last waits for the jobs that no other of the group waits for, and has the name of the call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.errors import Place
from seatrial.pipeline.dialects.circleci.nodes import Findings, text
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping as Entries
from seatrial.pipeline.yaml_document import Node, Scalar, Sequence, entries, items

Groups = Mapping[str, Node]
Call = tuple[Scalar, Node | None]  # a job, and what it gets

_OF_CALL = ("name", "requires", "filters", "serial-group")


def call_of(item: Node) -> Call | None:
    """What an entry of a workflow calls; None where it is no call."""
    if isinstance(item, Scalar):
        return item, None
    if isinstance(item, Entries) and len(item.entries) == 1:
        return item.entries[0]
    return None


def expanded(calls: tuple[Node, ...], groups: Groups, findings: Findings) -> Iterator[Node]:
    """The entries of a workflow, with the jobs of a group in the place of its call."""
    for item in calls:
        call = call_of(item)
        if call is None or call[0].text not in groups:
            yield item
        else:
            yield from _expanded(*call, groups, findings)


def _expanded(key: Scalar, value: Node | None, groups: Groups, findings: Findings) -> Iterator[Node]:
    own, inside = entries(value), entries(groups[key.text])
    for said, _ in value.entries if isinstance(value, Entries) else ():
        if said.text not in _OF_CALL:
            hint = did_you_mean(said.text, _OF_CALL)
            findings.append(error(said.place, f"`{said.text}` is nothing that a job group gets", hint))
    name = text(own.get("name")) or key.text
    calls = [call for item in items(inside.get("jobs")) if (call := _inner(item, groups, findings))]
    if not calls:
        findings.append(error(groups[key.text].place, f"the job group `{key.text}` has no `jobs`"))
    first = f"{name}/begin"
    yield _joining(first, key.place, {one: own[one] for one in ("requires", "filters") if one in own})
    for call in calls:
        yield _within(name, first, call)
    waited_for = {one for call in calls for one in _required(call)}
    leaves = [Scalar(f"{name}/{_name(call)}", key.place) for call in calls if _name(call) not in waited_for]
    yield _joining(name, key.place, {"requires": Sequence(tuple(leaves), key.place)})


def _inner(item: Node, groups: Groups, findings: Findings) -> Call | None:
    call = call_of(item)
    if call is None:
        findings.append(error(item.place, "a job of a group is its name, or one key with what it gets"))
    elif call[0].text in groups:
        findings.append(error(item.place, f"`{call[0].text}` is a job group itself, and stands within one"))
        return None
    return call


def _within(name: str, first: str, call: Call) -> Node:
    """The call of a job of the group, under the name of the call of the group."""
    key, value = call
    known = entries(value)
    said = {one: known[one] for one in known if one not in ("name", "requires", "matrix")}
    if "matrix" in known:
        said["matrix"] = _aliased(known["matrix"], name, key)
    said["name"] = Scalar(f"{name}/{_name(call)}", key.place)
    requires = known.get("requires")
    if requires is None or not items(requires):
        said["requires"] = Scalar(first, key.place)
    else:
        said["requires"] = Sequence(tuple(_prefixed(one, name) for one in items(requires)), requires.place)
    return _call(key, said)


def _aliased(matrix: Node, name: str, key: Scalar) -> Node:
    """A matrix whose jobs others of the group name together."""
    parts = entries(matrix)
    alias = Scalar(f"{name}/{text(parts.get('alias')) or key.text}", matrix.place)
    pairs = tuple((Scalar(one, value.place), value) for one, value in {**parts, "alias": alias}.items())
    return Entries(pairs, matrix.place)


def _prefixed(need: Node, name: str) -> Node:
    if isinstance(need, Scalar):
        return need._replace(text=f"{name}/{need.text}")
    if isinstance(need, Entries):
        pairs = ((key._replace(text=f"{name}/{key.text}"), value) for key, value in need.entries)
        return need._replace(entries=tuple(pairs))
    return need


def _name(call: Call) -> str:
    return text(entries(call[1]).get("name")) or call[0].text


def _required(call: Call) -> Iterator[str]:
    for need in items(entries(call[1]).get("requires")):
        yield from (text(need),) if isinstance(need, Scalar) else tuple(entries(need))


def _joining(name: str, place: Place, said: dict[str, Node]) -> Node:
    """A call that does nothing."""
    kind = {"type": Scalar("no-op", place), "name": Scalar(name, place)}
    return _call(Scalar(name, place), {**kind, **said})


def _call(key: Scalar, said: Mapping[str, Node]) -> Node:
    pairs = tuple((Scalar(one, value.place), value) for one, value in said.items())
    return Entries(((key, Entries(pairs, key.place)),), key.place)


def remark(groups: Groups, jobs: Mapping[str, Node], findings: Findings) -> None:
    """What is said of the groups, called or not."""
    for name, group in groups.items():
        if name in jobs:
            findings.append(error(group.place, f"`{name}` is a job and a job group"))
        for key, _ in group.entries if isinstance(group, Entries) else ():
            if key.text not in ("jobs", "description"):
                hint = did_you_mean(key.text, ("jobs",))
                findings.append(warning(key.place, f"`{key.text}` of a job group has no effect", hint))
