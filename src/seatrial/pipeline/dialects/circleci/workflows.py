"""The jobs that run, in what order and under what conditions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import NamedTuple

from seatrial.errors import Place
from seatrial.pipeline.dialects.circleci.expressions import bind
from seatrial.pipeline.dialects.circleci.jobs import Call, File, branch_filter
from seatrial.pipeline.dialects.circleci.logic import TRUE, every, filter_of, negated, test_of
from seatrial.pipeline.dialects.circleci.nodes import entries, items, shown, text, texts
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar

_OWN = frozenset(
    (
        "requires", "filters", "context", "type", "name", "matrix", "pre-steps", "post-steps", "serial-group",
        "override-with", "branches",
    )
)  # fmt: skip
_MOST = 500


class Planned(NamedTuple):
    """A call, what it waits for (names of other calls), and its own condition, as a test of a shell."""

    call: Call
    requires: tuple[str, ...]
    test: str
    is_approval: bool = False


def plan(root: Mapping, file: File) -> tuple[Planned, ...]:
    """All calls of all workflows, with names that differ."""
    parts = entries(root)
    flows = {
        name: node
        for name, node in entries(parts.get("workflows")).items()
        if name != "version" and (isinstance(node, Mapping) or name not in ("experimental",))
    }
    if not flows:
        return _implicit(root, file)
    timed = {name for name, node in flows.items() if "triggers" in entries(node)}
    if timed and len(timed) < len(flows):
        for name in timed:
            place = flows.pop(name).place
            file.reader.findings.append(note(place, f"`{name}` is not run: only a schedule starts it"))
    planned = [_flow(name, node, file) for name, node in flows.items()]
    names = [one.call.name for flow in planned for one in flow]
    twice = {name for name in names if names.count(name) > 1} if len(names) <= _MOST else set()
    found = [
        _renamed(one, flow, twice, name) for name, flow in zip(flows, planned, strict=True) for one in flow
    ]
    if len(found) > _MOST:
        file.reader.findings.append(error(root.place, f"{len(found)} jobs; at most {_MOST} are run"))
        return ()
    return tuple(found)


def _implicit(root: Mapping, file: File) -> tuple[Planned, ...]:
    job = file.jobs.get("build")
    if job is None:
        hint = "or name the only job `build`"
        file.reader.findings.append(error(root.place, "there are no `workflows`, so no job runs", hint))
        return ()
    return (Planned(Call("build", "build", job.place), (), branch_filter(job, file.reader)),)


def _renamed(one: Planned, flow: list[Planned], twice: set[str], workflow: str) -> Planned:
    inside = {other.call.name for other in flow}

    def new(name: str) -> str:
        return f"{workflow}/{name}" if name in twice and name in inside else name

    return one._replace(
        call=one.call._replace(name=new(one.call.name)), requires=tuple(map(new, one.requires))
    )


def _flow(name: str, node: Node, file: File) -> list[Planned]:
    reader = file.reader
    parts = entries(bind(node, {}, reader._replace(findings=[])))
    tests = []
    for key in ("when", "unless"):
        if key in parts:
            test = test_of(bind(entries(node)[key], {}, reader), reader.findings)
            tests.append(test if key == "when" else negated(test))
    for said, _ in node.entries if isinstance(node, Mapping) else ():
        if said.text == "triggers":
            reader.findings.append(note(said.place, "`triggers`: nothing starts a run but you"))
        elif said.text not in ("when", "unless", "jobs", "max_auto_reruns", "version"):
            reader.findings.append(warning(said.place, f"`{said.text}` of a workflow has no effect"))
    planned: list[Planned] = []
    aliases: dict[str, list[str]] = {}
    for item in items(entries(node).get("jobs")):
        _entry(item, file, every(tests), planned, aliases)
        if len(planned) > _MOST:
            reader.findings.append(error(item.place, f"more than {_MOST} jobs"))
            return []
    known = {one.call.name for one in planned}
    return [_required(one, known, aliases, name, file) for one in planned]


def _required(
    one: Planned, known: set[str], aliases: dict[str, list[str]], workflow: str, file: File
) -> Planned:
    found: list[str] = []
    for name in one.requires:
        if name in aliases:
            found += aliases[name]
        elif name in known:
            found.append(name)
        else:
            hint = did_you_mean(name, known)
            message = f"`{one.call.name}` requires `{name}`, which is no job of `{workflow}`"
            file.reader.findings.append(error(one.call.place, message, hint))
    return one._replace(requires=tuple(dict.fromkeys(found)))


def _entry(item: Node, file: File, test: str, planned: list[Planned], aliases: dict[str, list[str]]) -> None:
    reader = file.reader
    key, value = _named(item)
    if key is None:
        reader.findings.append(
            error(item.place, "a job of a workflow is its name, or one key with what it gets")
        )
        return
    own = entries(value)
    approval = text(own.get("type")) == "approval"
    if not approval and key.text not in file.jobs and text(own.get("type")) != "no-op":
        hint = did_you_mean(key.text, file.jobs)
        if "/" in key.text:
            hint = "it comes from an orb, and no orb is fetched"
        reader.findings.append(error(key.place, f"there is no job `{key.text}`", hint))
        return
    if "context" in own:
        reader.findings.append(
            note(own["context"].place, "`context`: its variables are those you give the run")
        )
    made: list[str] = []
    for choice in _choices(own.get("matrix"), file):
        one = _planned(key, value, choice, file, approval, test)
        made.append(one.call.name)
        planned.append(one)
    if "matrix" in own:
        aliases[text(entries(own["matrix"]).get("alias")) or key.text] = made


def _named(item: Node) -> tuple[Scalar | None, Node | None]:
    if isinstance(item, Scalar):
        return item, None
    if isinstance(item, Mapping) and len(item.entries) == 1:
        return item.entries[0]
    return None, None


def _planned(
    key: Scalar, value: Node | None, choice: dict[str, Node], file: File, approval: bool, test: str
) -> Planned:
    reader = file.reader
    scope = {f"matrix.{name}": node for name, node in choice.items()}
    bound = bind(value, scope, reader) if value is not None else None
    own = entries(bound)
    name = shown(text(own.get("name"))) or "-".join(
        (key.text, *(shown(text(one)) for one in choice.values()))
    )
    given = (
        {one.text: (one, node) for one, node in bound.entries if one.text not in _OWN}
        if isinstance(bound, Mapping)
        else {}
    )
    for parameter, node in choice.items():
        given[parameter] = (Scalar(parameter, node.place), node)
    arguments = Mapping(tuple(given.values()), key.place)
    call = Call(name, key.text, key.place, arguments, own.get("pre-steps"), own.get("post-steps"))
    tests = [test, filter_of(own.get("filters"), reader.findings)]
    return Planned(call, tuple(_requires(own.get("requires"), file)), every(tests), approval)


def _requires(node: Node | None, file: File) -> Iterator[str]:
    for item in items(node):
        if isinstance(item, Scalar):
            yield shown(item.text)
        elif isinstance(item, Mapping):
            for key, value in item.entries:
                if texts(value) != ("success",):
                    message = "a job waits for success here, not for another end of what it requires"
                    file.reader.findings.append(error(value.place, message))
                yield shown(key.text)


def _choices(node: Node | None, file: File) -> Iterator[dict[str, Node]]:
    """The combinations of a matrix, less what it excludes; one, empty, without a matrix."""
    parts = entries(bind(node, {}, file.reader)) if node is not None else {}
    axes = {name: items(values) for name, values in entries(parts.get("parameters")).items()}
    if prod(map(len, axes.values())) > _MOST:
        place = node.place if node else Place("", 1, 1)
        file.reader.findings.append(error(place, f"the matrix has more than {_MOST} jobs"))
        return
    excluded = [
        {key: text(one) for key, one in entries(item).items()} for item in items(parts.get("exclude"))
    ]
    for values in product(*axes.values()):
        choice = dict(zip(axes, values, strict=True))
        if {name: text(one) for name, one in choice.items()} not in excluded:
            yield choice


def up_to(planned: tuple[Planned, ...], name: str) -> tuple[str, ...]:
    """All that a call waits for, directly or not, before whatever waits for it; itself last."""
    by_name = {one.call.name: one for one in planned}
    order: list[str] = []
    waiting, seen = [(name, False)], set()
    while waiting:
        one, done = waiting.pop()
        if done:
            order.append(one)
        elif one not in seen:
            seen.add(one)
            waiting.append((one, True))
            waiting += [(need, False) for need in reversed(by_name[one].requires)]
    return tuple(order)


def tests_of(planned: tuple[Planned, ...], order: tuple[str, ...]) -> list[str]:
    """The lines that end the last job of an order if it is not to run: for its filters, or those of all that
    it requires. A function for each job that counts, so that the text grows with their number only.
    """
    numbers = {one.call.name: number for number, one in enumerate(planned)}
    by_name = {one.call.name: one for one in planned}
    if all(by_name[one].test == TRUE for one in order):
        return []
    lines = []
    for one in order:
        some = " || ".join(f"_circle_job_{numbers[need]}" for need in by_name[one].requires) or "true"
        lines.append(f"_circle_job_{numbers[one]}() {{ {by_name[one].test} && {{ {some}; }}; }}")
    said = "echo 'not run: its filters, or its workflow, leave it out'"
    return [*lines, f"_circle_job_{numbers[order[-1]]} || {{ {said}; exit 0; }}"]
